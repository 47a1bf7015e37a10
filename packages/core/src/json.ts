/** What JSON can hold. Arguments of calls, opaque vendor data and records are of this type. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** A value, or a promise of it: what a user's callback may return. */
export type Awaitable<T> = T | PromiseLike<T>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The same value, of which nothing is shared. Much faster than `structuredClone`. */
export function copyOf(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(copyOf)
  if (!isJsonObject(value)) return value
  const copy: { [key: string]: Json } = {}
  for (const [key, item] of Object.entries(value))
    if (key === '__proto__') Object.defineProperty(copy, key, { ...plain, value: copyOf(item) })
    else copy[key] = copyOf(item)
  return copy
}

const plain = { configurable: true, enumerable: true, writable: true }

/**
 * The path of the first thing in `value` that JSON cannot hold (`$.user.age`), or `null` when all of it is JSON.
 * Not JSON are `undefined` in an array, functions, symbols, bigints, NaN, infinities, cycles and class instances without `toJSON`.
 */
export function notJson(value: unknown): string | null {
  return firstNotJson(value, '$', new Set())
}

function firstNotJson(value: unknown, path: string, ancestors: Set<object>): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : path
  if (typeof value !== 'object' || ancestors.has(value)) return path
  ancestors.add(value)
  const found = hasToJson(value)
    ? firstNotJson(value.toJSON(), path, ancestors)
    : firstOfMembers(value, path, ancestors)
  ancestors.delete(value)
  return found
}

function firstOfMembers(value: object, path: string, ancestors: Set<object>): string | null {
  if (!Array.isArray(value) && !isPlain(value)) return path
  // A hole of an array is an entry too.
  const members: Iterable<[string | number, unknown]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(value).filter(([, item]) => item !== undefined)
  for (const [key, item] of members) {
    const at = typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`
    const found = firstNotJson(item, at, ancestors)
    if (found !== null) return found
  }
  return null
}

/** A literal, of this or another realm: the prototype of none of them has one of its own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
