import { expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, tool, type JsonSchema, type StandardSchema } from '../../src/index.ts'
import { toJsonSchema, validatorOf } from '../../src/tool/schema.ts'

const person = z.object({ name: z.string().min(1), age: z.number().int().default(3) })

/** A Standard Schema as another library makes it. */
function handMade(rest: object = {}): StandardSchema<{ n: number }> {
  return {
    '~standard': {
      version: 1,
      vendor: 'hand',
      validate: async (value) => {
        const n = Number((value as { n?: unknown }).n)
        return Number.isNaN(n)
          ? { issues: [{ message: 'no number', path: ['n', { key: 0 }] }, { message: 'hopeless' }] }
          : { value: { n } }
      },
      jsonSchema: { input: () => ({ type: 'object', properties: { n: {} } }) },
      ...rest,
    },
  }
}

const withSchema = (parameters: StandardSchema | JsonSchema) =>
  tool({ name: 'add', description: 'Adds', parameters, execute: () => '' })

test('zod: the model gets its JSON Schema of the input, the tool gets what it parsed', async () => {
  const { parameters, validate } = withSchema(person)
  expect(parameters).toMatchObject({
    type: 'object',
    properties: { name: { type: 'string', minLength: 1 }, age: { type: 'integer' } },
    required: ['name'],
  })
  expect(parameters).not.toHaveProperty('$schema')
  expect(await validate({ name: 'Ada' })).toEqual({ value: { name: 'Ada', age: 3 } })
  const wrong = await validate({ name: '', age: 'x' })
  expect('issues' in wrong && wrong.issues.map((issue) => issue.split(':')[0])).toEqual([
    '$.name',
    '$.age',
  ])
})

test('any other Standard Schema, which may be asynchronous', async () => {
  const { parameters, validate } = withSchema(handMade())
  expect(parameters).toEqual({ type: 'object', properties: { n: {} } })
  expect(await validate({ n: '7' })).toEqual({ value: { n: 7 } })
  expect(await validate({ n: 'x' })).toEqual({ issues: ['$.n.0: no number', '$: hopeless'] })
})

test('a plain JSON Schema', async () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { n: { type: 'number' } },
  }
  const { parameters, validate } = withSchema(schema)
  expect(parameters).toEqual({ type: 'object', properties: { n: { type: 'number' } } })
  const args = { n: 1 }
  expect(await validate(args)).toEqual({ value: args })
  expect(await validate({ n: 'x' })).toMatchObject({ issues: [expect.stringContaining('$.n')] })
})

test('the JSON Schema is made on first use, and once', () => {
  let made = 0
  const schema = handMade({ jsonSchema: { input: () => (made++, { type: 'object' }) } })
  const lazy = withSchema(schema)
  expect(made).toBe(0)
  expect(lazy.parameters).toBe(lazy.parameters)
  expect(made).toBe(1)
})

test('a schema that gives no JSON Schema is a ConfigError that says which and what to do', () => {
  const { jsonSchema: _none, ...old } = handMade()['~standard']
  expect(() => withSchema({ '~standard': old }).parameters).toThrow(ConfigError)
  expect(() => withSchema({ '~standard': old }).parameters).toThrow(
    /tool add \(hand\).*newer version/,
  )
  const throws = handMade({
    jsonSchema: {
      input: () => {
        throw new Error('dates are not JSON')
      },
    },
  })
  expect(() => withSchema(throws).parameters).toThrow(/tool add.*dates are not JSON/)
  const nothing = handMade({ jsonSchema: { input: () => null } })
  expect(() => withSchema(nothing).parameters).toThrow(/no object/)
})

test('arguments are an object', () => {
  expect(() => withSchema(z.string()).parameters).toThrow(
    /tool add must be the schema of an object; got type "string"/,
  )
  expect(() => withSchema({ properties: {} }).parameters).toThrow(/got type null/)
  expect(toJsonSchema('outputSchema', { type: 'string' })).toEqual({ type: 'string' })
})

test('one validator of a JSON Schema does not change what it is given', async () => {
  const args = Object.freeze({ n: 1 })
  expect(
    await validatorOf({ type: 'object', properties: { n: { type: 'number' } } })(args),
  ).toEqual({ value: { n: 1 } })
})
