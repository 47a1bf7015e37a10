import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyOf, isJsonObject, notJson, type Json, type JsonObject } from '../src/json.ts'

class Point {
  x = 1
}
class Stamp {
  toJSON() {
    return { at: 1 }
  }
}

test('a copy is the same and shares nothing', () => {
  const shares = (one: Json, other: Json): boolean =>
    isJsonObject(one) || Array.isArray(one)
      ? one === other ||
        Object.entries(one).some(([key, item]) => shares(item, (other as JsonObject)[key] as Json))
      : false
  fc.assert(
    fc.property(fc.jsonValue(), (given) => {
      const value = given as Json
      const copy = copyOf(value)
      expect(copy).toEqual(value)
      expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
      expect(shares(value, copy)).toBe(false)
    }),
  )
  const odd = JSON.parse('{"__proto__":{"a":[1]}}') as Json
  expect(JSON.stringify(copyOf(odd))).toBe('{"__proto__":{"a":[1]}}')
})

test('whatever JSON can hold is JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(notJson(value)).toBeNull()
    }),
  )
  const shared = { a: 1 }
  for (const value of [
    [shared, shared],
    { a: undefined },
    Object.assign(Object.create(null), { a: 1 }),
    new Date(0),
    { when: new Stamp() },
    runInNewContext('({ a: [1] })'),
    JSON.parse('{"__proto__": {"a": 1}}'),
    { [Symbol('s')]: () => 1 },
  ])
    expect(notJson(value)).toBeNull()
})

const cycle: Record<string, unknown> = { deep: {} }
cycle['deep'] = { again: [cycle] }

test.each([
  ['undefined alone', undefined, '$'],
  ['undefined in an array', { a: [1, undefined] }, '$.a[1]'],
  ['a hole', { a: Object.assign(Array(3), { 0: 1, 2: 3 }) }, '$.a[1]'],
  ['a function', { f: () => 1 }, '$.f'],
  ['a symbol', [Symbol('s')], '$[0]'],
  ['a bigint', { n: 1n }, '$.n'],
  ['NaN', { a: { b: NaN } }, '$.a.b'],
  ['an infinity', -Infinity, '$'],
  ['a cycle', cycle, '$.deep.again[0]'],
  ['a class instance', { at: new Point() }, '$.at'],
  ['a map', { m: new Map() }, '$.m'],
  ['an error', [new Error('x')], '$[0]'],
  ['toJSON that gives what is not JSON', { a: { toJSON: () => ({ n: 1n }) } }, '$.a.n'],
  ['toJSON that gives nothing', { a: { toJSON: () => undefined } }, '$.a'],
  [
    'an own __proto__',
    Object.defineProperty({}, '__proto__', { value: 1n, enumerable: true }),
    '$.__proto__',
  ],
])('%s', (_, value, path) => {
  expect(notJson(value)).toBe(path)
})

test('a function that is no literal of this realm either', () => {
  expect(notJson(runInNewContext('new (class A {})()'))).toBe('$')
})

test('what is JSON survives JSON, for anything at all', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withSparseArray: true, withMap: true }),
      (value) => {
        if (notJson(value) !== null) return
        const text = JSON.stringify(value)
        expect(JSON.stringify(JSON.parse(text))).toBe(text)
      },
    ),
    { seed: 3 },
  )
})

test('an array or null is no object', () => {
  expect([{}, [], null, 'a'].map(isJsonObject)).toEqual([true, false, false, false])
})
