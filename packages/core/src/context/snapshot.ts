import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/**
 * What a model is shown of a value: what it is, how much of it there is, and its first `sampleSize` entries; of a long text its
 * beginning. A list of records shows its columns.
 */
export function snapshotOf(value: Json, sampleSize: number): JsonObject {
  if (Array.isArray(value)) {
    const [first] = value as readonly Json[]
    const columns = isJsonObject(first) ? { columns: Object.keys(first) } : {}
    return {
      type: 'list',
      length: value.length,
      ...columns,
      sample: value.slice(0, sampleSize).map(shortened),
    }
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value)
    const sample = Object.fromEntries(
      keys.slice(0, sampleSize).map((key) => [key, shortened(value[key] ?? null)]),
    )
    return {
      type: 'object',
      total_keys: keys.length,
      sample_keys: keys.slice(0, sampleSize),
      sample,
    }
  }
  if (typeof value === 'string')
    return {
      type: 'text',
      length: value.length,
      lines: value.split('\n').length,
      sample: shortened(value),
    }
  return { type: value === null ? 'null' : typeof value, value }
}

const SAMPLE_LENGTH = 200

/** An entry of a sample: as JSON it has at most 200 characters. */
function shortened(value: Json): Json {
  if (typeof value === 'string') return cut(value)
  const text = JSON.stringify(value)
  return text.length <= SAMPLE_LENGTH ? value : cut(text)
}

function cut(text: string): string {
  if (text.length <= SAMPLE_LENGTH) return text
  // Half of a character is none.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(SAMPLE_LENGTH - 1))
    ? SAMPLE_LENGTH - 1
    : SAMPLE_LENGTH
  return `${text.slice(0, end)}…`
}
