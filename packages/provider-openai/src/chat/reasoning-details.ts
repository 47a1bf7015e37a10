import { isJsonObject, type Json, type JsonObject } from '@harnext/core/provider'
import { textIn } from '../json-text.ts'

/**
 * Puts pieces of `reasoning_details` together, as they have to come back: a piece goes on with the detail of its `index`, its
 * texts behind those that are there; a signature comes when its text is complete.
 */
export function addDetails(details: JsonObject[], pieces: readonly Json[]): void {
  for (const piece of pieces) {
    if (!isJsonObject(piece)) continue
    const at = details.findLastIndex((detail) => isSame(detail, piece))
    const before = details[at]
    if (before) details[at] = joined(before, piece)
    else details.push(piece)
  }
}

/** What of the pieces can be read; each is a paragraph of its own. */
export function textOfDetails(pieces: readonly Json[]): string {
  return pieces
    .filter(isJsonObject)
    .map(({ text, summary }) => textIn(text) || textIn(summary))
    .filter((text) => text !== '')
    .join('\n\n')
}

function isSame(detail: JsonObject, piece: JsonObject): boolean {
  return (
    typeof piece['index'] === 'number' &&
    detail['index'] === piece['index'] &&
    detail['type'] === piece['type']
  )
}

function joined(before: JsonObject, piece: JsonObject): JsonObject {
  const fields: Record<string, Json> = { ...before }
  for (const [key, value] of Object.entries(piece))
    if (streaming.has(key) && typeof value === 'string') fields[key] = textIn(before[key]) + value
    else if (value !== null) fields[key] = value
  return fields
}

const streaming: ReadonlySet<string> = new Set(['text', 'summary'])
