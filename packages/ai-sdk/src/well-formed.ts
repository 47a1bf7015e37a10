/**
 * The same value with U+FFFD for each half of a character, which a tool that cuts its output leaves behind and no provider can read. What
 * is whole stays the same object.
 */
export function wellFormed<Value>(value: Value): Value {
  return repaired(value) as Value
}

function repaired(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) {
    const items = value.map(repaired)
    return items.every((item, index) => item === value[index]) ? value : items
  }
  if (!isPlain(value)) return value
  let changed: Record<string, unknown> | undefined
  for (const [key, item] of Object.entries(value)) {
    const fixed = repaired(item)
    if (fixed !== item) (changed ??= { ...value })[key] = fixed
  }
  return changed ?? value
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof URL) &&
    !(value instanceof Uint8Array)
  )
}
