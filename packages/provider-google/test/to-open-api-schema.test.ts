import type { JsonObject } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { toOpenApiSchema } from '../src/to-open-api-schema.ts'

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
})
const property = (schema: JsonObject, root: JsonObject = {}) =>
  (toOpenApiSchema(object({ x: schema }, root))['properties'] as JsonObject)['x']

describe('toOpenApiSchema', () => {
  it('keeps what both languages know and leaves out the rest', () => {
    expect(
      toOpenApiSchema({
        ...object(
          { n: { type: 'integer', minimum: 1, exclusiveMaximum: 9, description: 'A number.' } },
          { required: ['n'], additionalProperties: false, title: 'T' },
        ),
        $schema: 'https://json-schema.org/draft/2020-12/schema',
      }),
    ).toEqual({
      type: 'OBJECT',
      title: 'T',
      properties: { n: { type: 'INTEGER', minimum: 1, description: 'A number.' } },
      required: ['n'],
    })
  })

  it.each<[JsonObject, JsonObject]>([
    [{ type: ['string', 'null'] }, { type: 'STRING', nullable: true }],
    [{ type: ['string', 'number'] }, { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] }],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'STRING', nullable: true }],
    [
      { oneOf: [{ type: 'string' }, { const: 'x' }, { type: 'null' }] },
      { anyOf: [{ type: 'STRING' }, { type: 'STRING', enum: ['x'] }], nullable: true },
    ],
    [{ const: 'a' }, { type: 'STRING', enum: ['a'] }],
    [{ enum: ['a', 'b'] }, { type: 'STRING', enum: ['a', 'b'] }],
    [{ type: 'integer', enum: [1, 2] }, { type: 'INTEGER' }],
    [{ type: 'array' }, { type: 'ARRAY', items: {} }],
    [
      { type: 'array', items: { type: 'boolean' } },
      { type: 'ARRAY', items: { type: 'BOOLEAN' } },
    ],
    [
      {
        allOf: [
          object({ a: { type: 'string' } }, { required: ['a'] }),
          object({ b: { type: 'null' } }),
        ],
      },
      {
        type: 'OBJECT',
        properties: { a: { type: 'STRING' }, b: { type: 'NULL' } },
        required: ['a'],
      },
    ],
  ])('says %o as %o', (schema, expected) => {
    expect(property(schema)).toEqual(expected)
  })

  it('puts references in, and stops where one leads back', () => {
    const $defs = {
      'a/b': { type: 'string' },
      node: object({ next: { $ref: '#/$defs/node' }, name: { $ref: '#/$defs/a~1b' } }),
    }
    expect(property({ $ref: '#/$defs/node', description: 'D' }, { $defs })).toEqual({
      type: 'OBJECT',
      description: 'D',
      properties: { next: { type: 'OBJECT' }, name: { type: 'STRING' } },
    })
    expect(property({ $ref: '#/nowhere' })).toEqual({ type: 'OBJECT' })
    expect(property({ allOf: [{ $ref: '#/$defs/node' }] }, { $defs })).toMatchObject({
      properties: { name: { type: 'STRING' } },
    })
  })
})
