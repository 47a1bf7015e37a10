import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { countOf, partsOf, textOf, timeOf } from './upcast-values.ts'
import type { Upcaster } from './upcast.ts'

/**
 * Version 0: the first line is a `session-meta`, each other one a message, without number, time or check sum. Its messages are `user`,
 * `assistant` and `toolResult`.
 */
export const upcastVersion0: Upcaster = {
  header({ sessionId = '', cwd = '', createdAt, parentId, metadata }) {
    return {
      type: 'session',
      version: 1,
      id: sessionId,
      cwd,
      createdAt: new Date(timeOf(createdAt)).toISOString(),
      ...(typeof parentId === 'string' && { parent: { id: parentId, seq: 0 } }),
      ...(isJsonObject(metadata) && { metadata }),
    }
  },
  records(line) {
    const { message } = line
    if (line['type'] !== 'message' || !isJsonObject(message))
      return [{ ...line, type: textOf(line['type'], 'unknown'), time: timeOf(line['timestamp']) }]
    const time = timeOf(message['timestamp'])
    return recordsOf(message).map((record) => ({ ...record, time }))
  },
}

function recordsOf(message: JsonObject): readonly JsonObject[] {
  if (message['role'] === 'assistant') return answerRecords(message)
  if (message['role'] === 'toolResult') return [resultRecord(message)]
  const content = partsOf(message['content']).flatMap(toolPart)
  return [{ type: 'message', message: { role: 'user', content } }]
}

function answerRecords(message: JsonObject): readonly JsonObject[] {
  const { provider, api, model, stopReason } = message
  const content = partsOf(message['content']).flatMap(answerPart)
  const usage = usageOf(message['usage'])
  const hasCalls = content.some(({ type }) => type === 'tool_call')
  const answer = {
    role: 'assistant',
    content,
    provider: textOf(provider, 'unknown'),
    api: textOf(api, 'unknown'),
    model: textOf(model, 'unknown'),
    stopReason: hasCalls ? 'tool_calls' : stopReason === 'length' ? 'length' : 'stop',
    ...(usage && { usage }),
  }
  return [...(usage ? [{ type: 'usage', ...usage }] : []), { type: 'message', message: answer }]
}

function resultRecord(message: JsonObject): JsonObject {
  return {
    type: 'tool_result',
    id: textOf(message['toolCallId']),
    tool: textOf(message['toolName']),
    status: message['isError'] === true ? 'error' : 'ok',
    content: partsOf(message['content']).flatMap(toolPart),
    durationMs: 0,
  }
}

function answerPart(part: JsonObject): readonly JsonObject[] {
  if (part['type'] === 'toolCall') {
    const { id, name, arguments: args = {} } = part
    return [{ type: 'tool_call', id: textOf(id), tool: textOf(name), args }]
  }
  // What its vendor signed was not kept in a form that could go back.
  if (part['type'] === 'thinking')
    return [{ type: 'thinking', text: textOf(part['thinking'] ?? part['text']) }]
  return part['type'] === 'text' ? [{ type: 'text', text: textOf(part['text']) }] : []
}

function toolPart(part: JsonObject): readonly JsonObject[] {
  if (part['type'] === 'image') {
    const { data, mimeType, mediaType } = part
    return [{ type: 'image', mediaType: textOf(mimeType ?? mediaType), data: textOf(data) }]
  }
  return part['type'] === 'text' ? [{ type: 'text', text: textOf(part['text']) }] : []
}

function usageOf(usage: Json | undefined): JsonObject | null {
  if (!isJsonObject(usage)) return null
  const { input, output, cacheRead, cacheWrite, cost } = usage
  return {
    inputTokens: countOf(input),
    outputTokens: countOf(output),
    cacheReadTokens: countOf(cacheRead),
    cacheWriteTokens: countOf(cacheWrite),
    reasoningTokens: 0,
    costUsd: isJsonObject(cost) && typeof cost['total'] === 'number' ? cost['total'] : null,
  }
}
