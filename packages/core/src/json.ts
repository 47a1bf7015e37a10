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

/**
 * The path of the first thing in `value` that JSON cannot hold (`$.user.age`), or `null` when all of it is JSON.
 * Not JSON are `undefined` in an array, functions, symbols, bigints, NaN, infinities, cycles and class instances without `toJSON`.
 */
export function notJson(
  value: unknown,
  path = '$',
  ancestors: readonly object[] = [],
): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : path
  if (typeof value !== 'object' || ancestors.includes(value)) return path
  if ('toJSON' in value && typeof value.toJSON === 'function') return null
  const inside = [...ancestors, value]
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = notJson(item, `${path}[${index}]`, inside)
      if (found) return found
    }
    return null
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return path
  for (const [key, item] of Object.entries(value)) {
    const found = item === undefined ? null : notJson(item, `${path}.${key}`, inside)
    if (found) return found
  }
  return null
}
