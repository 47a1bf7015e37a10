import {
  isJsonObject,
  jsonText,
  type AssistantMessage,
  type AssistantPart,
  type JsonObject,
  type TextPart,
  type ToolCallPart,
  type ToolMessage,
  type UserPart,
  type Warning,
} from '@harnext/core/provider'
import type { Dialect, WrittenResult } from '../history-writer.ts'
import { listIn } from '../json-text.ts'
import {
  emptyResult,
  missingResult,
  readParts,
  readResult,
  type PlainPart,
  type Takes,
} from '../read-part.ts'
import { toToolName } from '../tool-name.ts'
import { plainIds } from '../wire-id.ts'
import { api } from './responses-api.ts'

/** Messages of ours as input items of the API. */
export function responsesDialect(name: string): Dialect {
  const takes: Takes = { name, images: true, files: true }
  return {
    api,
    ids: plainIds(64),
    toUserItems(content: readonly UserPart[], warnings: Warning[]) {
      const parts = readParts(content, takes, warnings).map(toInput)
      return parts.length > 0 ? [jsonText({ role: 'user', content: parts })] : []
    },
    toAssistantItems: (message, wireId) => toAssistantItems(message, wireId).map(jsonText),
    toResult: (message, wireId, warnings) => toResult(message, wireId, takes, warnings),
    toMissingResult: (wireId) => toOutput(wireId, missingResult),
    // All that there is can stand in a result.
    toAttachmentItem: () => '',
  }
}

/**
 * The vendor's own items go back as they came and in order. Reasoning that the vendor has not given in a form that can come back
 * is left out, and then the items beside it lose their ids, by which the vendor would miss it.
 */
function toAssistantItems(
  message: AssistantMessage,
  wireId: (call: ToolCallPart) => string,
): JsonObject[] {
  const items: JsonObject[] = []
  for (const part of message.content) addPart(items, part, wireId)
  const kept = items.filter(isReplayable)
  // Nothing may end with reasoning, except a turn that the vendor wants back as it is.
  if (message.stopReason !== 'pause') while (kept.at(-1)?.['type'] === 'reasoning') kept.pop()
  return kept.length === items.length ? kept : kept.map(withoutId)
}

function addPart(
  items: JsonObject[],
  part: AssistantPart,
  wireId: (call: ToolCallPart) => string,
): void {
  switch (part.type) {
    case 'text':
      return addText(items, part)
    case 'tool_call':
      items.push(toCall(part, wireId(part)))
      return
    case 'thinking':
    case 'provider': {
      const item = own(part)
      if (item) items.push(item)
      return
    }
    case 'source':
      return
  }
}

function addText(items: JsonObject[], part: TextPart): void {
  const { text } = part
  if (text.trim() === '') return
  const { item, part: wire } = own(part) ?? {}
  if (!isJsonObject(wire)) {
    items.push({ role: 'assistant', content: [{ type: 'output_text', text }] })
    return
  }
  const content = wire['type'] === 'refusal' ? { ...wire, refusal: text } : { ...wire, text }
  const last = items.at(-1)
  if (isJsonObject(item)) items.push({ ...item, content: [content] })
  else if (last?.['role'] === 'assistant')
    items[items.length - 1] = { ...last, content: [...listIn(last['content']), content] }
  else items.push({ role: 'assistant', content: [content] })
}

function toCall(part: ToolCallPart, callId: string): JsonObject {
  const args = isJsonObject(part.args) ? part.args : {}
  return {
    type: 'function_call',
    call_id: callId,
    name: toToolName(part.tool),
    arguments: jsonText(args),
    ...own(part),
  }
}

/** What this API gave with the part; nothing of another one's. */
function own({ opaque }: Exclude<AssistantPart, { type: 'source' }>): JsonObject | null {
  return opaque?.by === api && isJsonObject(opaque.data) ? opaque.data : null
}

function isReplayable({ type, encrypted_content: encrypted, content }: JsonObject): boolean {
  return type !== 'reasoning' || Boolean(encrypted) || listIn(content).length > 0
}

function withoutId({ id: _id, ...item }: JsonObject): JsonObject {
  return item
}

function toResult(
  message: ToolMessage,
  wireId: string,
  takes: Takes,
  warnings: Warning[],
): WrittenResult {
  const parts = readResult(message, takes, warnings)
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  const isText = texts.length === parts.length
  return {
    item: toOutput(wireId, isText ? texts.join('\n') || emptyResult : parts.map(toInput)),
  }
}

function toOutput(callId: string, output: string | readonly JsonObject[]): string {
  return jsonText({ type: 'function_call_output', call_id: callId, output })
}

function toInput(part: PlainPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'image':
      return { type: 'input_image', image_url: part.url, detail: 'auto' }
    case 'file':
      return { type: 'input_file', filename: part.name, file_data: part.url }
  }
}
