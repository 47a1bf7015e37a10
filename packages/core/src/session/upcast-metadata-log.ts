import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { partsOf, textOf, timeOf } from './upcast-values.ts'
import type { Upcaster } from './upcast.ts'

/**
 * The form whose first line is `metadata`, and in which each line has its fields in `data`. Its messages are `user`, `assistant` and
 * `tool`, with the parts of the Messages API. What a `turn` says of tokens is one sum, so that it stays as it is.
 */
export const upcastMetadataLog: Upcaster = {
  header({ data }) {
    const { session_id, cwd, created_at, parent_id, provider, model } = objectOf(data)
    return {
      type: 'session',
      version: 1,
      id: textOf(session_id),
      cwd: textOf(cwd),
      createdAt: new Date(secondsOf(created_at)).toISOString(),
      ...(typeof parent_id === 'string' && { parent: { id: parent_id, seq: 0 } }),
      metadata: { provider: textOf(provider), model: textOf(model) },
    }
  },
  records(line) {
    const data = objectOf(line['data'])
    const time = secondsOf(data['timestamp'] ?? line['timestamp'])
    const records = line['type'] === 'message' ? recordsOf(data) : []
    // Nothing gets lost: what is no message of ours stays a record of its own.
    const kept = { ...line, type: `unknown.${textOf(line['type'])}` }
    return (records.length > 0 ? records : [kept]).map((record) => ({ ...record, time }))
  },
}

function recordsOf(message: JsonObject): readonly JsonObject[] {
  const { role, content, tool_use_id, tool_name } = message
  if (role === 'assistant') return [answerRecord(partsOf(content))]
  if (role === 'tool') {
    const result = { tool_use_id: tool_use_id ?? '', content: content ?? '' }
    return [resultRecord(result, textOf(tool_name))]
  }
  if (role !== 'user') return []
  const parts = partsOf(content)
  const results = parts.filter(({ type }) => type === 'tool_result')
  const said = textParts(parts)
  return [
    ...results.map((part) => resultRecord(part, '')),
    ...(said.length > 0 ? [{ type: 'message', message: { role: 'user', content: said } }] : []),
  ]
}

function answerRecord(parts: readonly JsonObject[]): JsonObject {
  const content = parts.flatMap((part): readonly JsonObject[] => {
    if (part['type'] !== 'tool_use') return textParts([part])
    const { id, name, input = {} } = part
    return [{ type: 'tool_call', id: textOf(id), tool: textOf(name), args: input }]
  })
  const hasCalls = content.some(({ type }) => type === 'tool_call')
  const by = { provider: 'unknown', api: 'unknown', model: 'unknown' }
  const stopReason = hasCalls ? 'tool_calls' : 'stop'
  return { type: 'message', message: { role: 'assistant', content, ...by, stopReason } }
}

function resultRecord(result: JsonObject, tool: string): JsonObject {
  const { tool_use_id: id, content, is_error: isError } = result
  return {
    type: 'tool_result',
    id: textOf(id),
    tool,
    status: isError === true ? 'error' : 'ok',
    content: textParts(partsOf(content)),
    durationMs: 0,
  }
}

function textParts(parts: readonly JsonObject[]): readonly JsonObject[] {
  return parts.flatMap(({ type, text }) =>
    type === 'text' ? [{ type: 'text', text: textOf(text) }] : [],
  )
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

/** Its numbers are seconds. */
function secondsOf(value: Json | undefined): number {
  return timeOf(typeof value === 'number' ? Math.round(value * 1000) : value)
}
