import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/json.ts'
import { validateJson } from '../../src/tool/validate.ts'

const string = { type: 'string' }

describe('validateJson names the path and what was expected', () => {
  const cases: readonly [name: string, schema: JsonObject, value: Json, issues: string[]][] = [
    ['a type', string, 5, ['$: expected string, got number']],
    ['null is not an object', { type: 'object' }, null, ['$: expected object, got null']],
    ['an array is not an object', { type: 'object' }, [], ['$: expected object, got array']],
    ['integer', { type: 'integer' }, 1.5, ['$: expected integer, got number 1.5']],
    ['1.0 is an integer', { type: 'integer' }, 1, []],
    ['several types', { type: ['string', 'null'] }, 1, ['$: expected string or null, got number']],
    ['several types, one fits', { type: ['string', 'null'] }, null, []],
    ['nullable', { type: 'string', enum: ['a'], nullable: true }, null, []],
    [
      'deep paths',
      { properties: { files: { items: { properties: { path: string } } } } },
      { files: [{ path: 'a' }, {}, { path: 1 }] },
      ['$.files[2].path: expected string, got number'],
    ],
    [
      'keys that are no names',
      { properties: { 'a b': string } },
      { 'a b': 1 },
      ['$["a b"]: expected string, got number'],
    ],
    ['required', { required: ['path'] }, {}, ['$.path: required, but missing']],
    [
      'an unknown property and the nearest one',
      { properties: { file_path: string, limit: string }, additionalProperties: false },
      { filePth: 'a' },
      ['$.filePth: unknown property; did you mean "file_path"?'],
    ],
    [
      'an unknown property that is like none',
      { properties: { path: string, limit: string }, additionalProperties: false },
      { zzzzzz: 'a' },
      ['$.zzzzzz: unknown property; expected one of path, limit'],
    ],
    [
      'an unknown property where none is expected',
      { additionalProperties: false },
      { a: 1 },
      ['$.a: unknown property; none is expected'],
    ],
    ['unknown properties are fine by default', { properties: {} }, { a: 1 }, []],
    [
      'a schema for the other properties',
      { properties: { a: string }, additionalProperties: { type: 'number' } },
      { a: 'x', b: 'y' },
      ['$.b: expected number, got string'],
    ],
    [
      'patternProperties are known',
      { patternProperties: { '^x-': string }, additionalProperties: false },
      { 'x-a': 1, y: 1 },
      ['$["x-a"]: expected string, got number', '$.y: unknown property; none is expected'],
    ],
    [
      'prefixItems and items',
      { prefixItems: [string], items: { type: 'number' } },
      [1, 'a', 2],
      ['$[0]: expected string, got number', '$[1]: expected number, got string'],
    ],
    [
      'items false',
      { prefixItems: [string], items: false },
      ['a', 1],
      ['$[1]: no value is allowed here'],
    ],
    ['a tuple of draft 7', { items: [string] }, [1, 1], ['$[0]: expected string, got number']],
    ['minItems', { minItems: 2 }, [1], ['$: expected at least this many items: 2, got 1']],
    ['maxItems', { maxItems: 0 }, [1], ['$: expected at most this many items: 0, got 1']],
    [
      'uniqueItems compares deeply',
      { uniqueItems: true },
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      ['$[1]: the same as [0]; items must differ'],
    ],
    ['1 and "1" differ', { uniqueItems: true }, [1, '1', [1], true], []],
    ['enum', { enum: ['a', 1] }, 'b', ['$: expected one of "a", 1, got "b"']],
    ['enum compares deeply', { enum: [{ a: 1, b: 2 }] }, { b: 2, a: 1 }, []],
    ['const', { const: null }, 0, ['$: expected null, got 0']],
    ['minimum', { minimum: 1 }, 0, ['$: expected at least 1, got 0']],
    ['maximum', { maximum: 1 }, 2, ['$: expected at most 1, got 2']],
    ['exclusiveMinimum', { exclusiveMinimum: 1 }, 1, ['$: expected more than 1, got 1']],
    ['exclusiveMaximum', { exclusiveMaximum: 1 }, 1, ['$: expected less than 1, got 1']],
    ['multipleOf', { multipleOf: 2 }, 3, ['$: expected a multiple of 2, got 3']],
    ['multipleOf of a fraction', { multipleOf: 0.1 }, 0.3, []],
    [
      'minLength in code points',
      { minLength: 2 },
      '😀',
      ['$: expected a length of at least 2, got 1'],
    ],
    ['maxLength in code points', { maxLength: 1 }, '😀', []],
    ['pattern', { pattern: '^a+$' }, 'b', ['$: expected a match of /^a+$/, got "b"']],
    ['pattern is unicode', { pattern: '^.$' }, '😀', []],
    [
      'a bad pattern is reported',
      { pattern: '(' },
      'b',
      ['$: the schema\'s pattern "(" is not a valid regular expression'],
    ],
    ['limits of another type do not count', { minLength: 2, minimum: 5, minItems: 1 }, true, []],
    ['a false schema', { properties: { a: false } }, { a: 1 }, ['$.a: no value is allowed here']],
    ['a true schema', { properties: { a: true } }, { a: 1 }, []],
    ['unknown keywords', { format: 'email', whatever: {} }, 'x', []],
    ['not', { not: { type: 'string' } }, 'x', ['$: must not fit {"type":"string"}, got "x"']],
    [
      'allOf',
      { allOf: [{ minLength: 2 }, { maxLength: 0 }] },
      'x',
      ['$: expected a length of at least 2, got 1', '$: expected a length of at most 0, got 1'],
    ],
    [
      'anyOf of types is one sentence',
      { anyOf: [string, { type: 'null' }] },
      1,
      ['$: expected string or null, got number'],
    ],
    [
      'anyOf names the alternative of the right type',
      { anyOf: [{ type: 'null' }, { type: 'object', required: ['a'] }] },
      {},
      ['$.a: required, but missing'],
    ],
    [
      'anyOf names the closest alternative',
      {
        anyOf: [
          { type: 'object', properties: { kind: { const: 'a' }, x: string }, required: ['x'] },
          { type: 'object', properties: { kind: { const: 'b' }, y: string } },
        ],
      },
      { kind: 'b', y: 1 },
      ['$: fits none of 2 alternatives; the closest one says:', '$.y: expected string, got number'],
    ],
    ['oneOf, two fit', { oneOf: [{}, {}] }, 1, ['$: fits 2 alternatives, expected exactly one']],
    ['oneOf, one fits', { oneOf: [{ type: 'string' }, { type: 'number' }] }, 1, []],
    [
      '$ref',
      { $defs: { name: string }, properties: { a: { $ref: '#/$defs/name' } } },
      { a: 1 },
      ['$.a: expected string, got number'],
    ],
    [
      '$ref with escapes',
      { $defs: { 'a/b~c d': string }, $ref: '#/$defs/a~1b~0c%20d' },
      1,
      ['$: expected string, got number'],
    ],
    [
      '$ref to nothing',
      { $ref: '#/$defs/x' },
      1,
      ['$: the schema\'s $ref "#/$defs/x" leads nowhere'],
    ],
    [
      '$ref elsewhere',
      { $ref: 'other.json' },
      1,
      ['$: the schema\'s $ref "other.json" leads nowhere'],
    ],
    [
      'a $ref that leads to itself',
      { $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' },
      1,
      ['$: the schema\'s $ref "#/$defs/a" leads back to itself'],
    ],
  ]
  test.each(cases)('%s', (_, schema, value, issues) => {
    expect(validateJson(schema, value)).toEqual(issues)
  })

  test('a recursive schema follows the value', () => {
    const schema = { properties: { next: { $ref: '#' }, name: string } }
    expect(validateJson(schema, { next: { next: { name: 1 } } })).toEqual([
      '$.next.next.name: expected string, got number',
    ])
  })
})

describe('validateJson and hostile input', () => {
  test('names of the prototype are ordinary properties', () => {
    const closed = { properties: { a: string }, additionalProperties: false }
    const value: Json = JSON.parse('{"__proto__": 1, "constructor": 2}')
    expect(validateJson(closed, value)).toEqual([
      '$.__proto__: unknown property; expected one of a',
      '$.constructor: unknown property; expected one of a',
    ])
    expect(validateJson({ required: ['constructor', '__proto__'] }, {})).toEqual([
      '$.constructor: required, but missing',
      '$.__proto__: required, but missing',
    ])
    const schema: JsonObject = JSON.parse('{"properties":{"__proto__":{"type":"string"}}}')
    expect(validateJson(schema, value)).toEqual(['$.__proto__: expected string, got number'])
    expect(validateJson({ $ref: '#/constructor' }, 1)).toEqual([
      '$: the schema\'s $ref "#/constructor" leads nowhere',
    ])
  })

  test('20 issues are enough', () => {
    const value = Array.from({ length: 1000 }, () => 1)
    expect(validateJson({ items: string }, value)).toHaveLength(20)
  })

  test('a value nested a hundred thousand deep is refused', () => {
    let value: Json = 1
    for (let depth = 0; depth < 100_000; depth++) value = [value]
    expect(validateJson({ items: { $ref: '#' } }, value)).toEqual([
      '$: nested deeper than 300 levels',
    ])
  })

  test('a schema that doubles the work at each level ends', () => {
    const branch = { type: 'array', items: { $ref: '#/$defs/a' } }
    const schema = { $defs: { a: { oneOf: [branch, branch] } }, $ref: '#/$defs/a' }
    let value: Json = []
    for (let depth = 0; depth < 60; depth++) value = [value]
    expect(validateJson(schema, value)).not.toEqual([])
  })

  test('a schema nested a hundred thousand deep ends', () => {
    let schema: JsonObject = { type: 'string' }
    for (let depth = 0; depth < 100_000; depth++) schema = { allOf: [schema] }
    expect(validateJson(schema, 1)).toEqual(['$: too involved to be checked'])
  })
})
