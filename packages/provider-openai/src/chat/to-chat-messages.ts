import {
  isJsonObject,
  jsonText,
  type AssistantMessage,
  type Json,
  type JsonObject,
  type ToolCallPart,
  type ToolMessage,
  type Warning,
} from '@harnext/core/provider'
import type { Dialect, WrittenResult } from '../history-writer.ts'
import { listIn, textIn } from '../json-text.ts'
import {
  emptyResult,
  missingResult,
  readParts,
  readResult,
  type PlainPart,
  type Takes,
} from '../read-part.ts'
import { toToolName } from '../tool-name.ts'
import { plainIds, shortIds } from '../wire-id.ts'
import type { ChatFlags } from './chat-flags.ts'

/** Messages of ours as those of the API. */
export function chatDialect(name: string, api: string, flags: ChatFlags): Dialect {
  const takes: Takes = { name, images: flags.images ?? true, files: flags.files ?? false }
  return {
    api,
    ids: flags.shortIds ? shortIds : plainIds(40),
    toUserItems(content, warnings) {
      const parts = readParts(content, takes, warnings)
      return parts.length > 0 ? [jsonText({ role: 'user', content: toContent(parts) })] : []
    },
    toAssistantItems(message, wireId) {
      const item = toAssistant(message, api, flags, wireId)
      return item ? [jsonText(item)] : []
    },
    toResult: (message, wireId, warnings) => toResult(message, wireId, takes, warnings),
    toMissingResult: (wireId) =>
      jsonText({ role: 'tool', tool_call_id: wireId, content: missingResult }),
    toAttachmentItem: (parts) => `{"role":"user","content":[${parts.join(',')}]}`,
  }
}

/** A text alone goes as such: not every server reads lists. */
function toContent(parts: readonly PlainPart[]): Json {
  const [first] = parts
  return parts.length === 1 && first?.type === 'text' ? first.text : parts.map(toWirePart)
}

function toAssistant(
  message: AssistantMessage,
  api: string,
  flags: ChatFlags,
  wireId: (call: ToolCallPart) => string,
): JsonObject | null {
  const texts = message.content.flatMap((part) =>
    part.type === 'text' && part.text.trim() !== '' ? [part.text] : [],
  )
  const calls = message.content
    .filter((part) => part.type === 'tool_call')
    .map((part) => toCall(part, wireId(part), api))
  if (texts.length === 0 && calls.length === 0) return null
  return {
    role: 'assistant',
    content: texts.length > 0 ? texts.join('\n\n') : null,
    ...(flags.requireThinking && { reasoning_content: '' }),
    ...(flags.replayThinking && toThinking(message, api)),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

/** In the field in which it came. */
function toThinking({ content }: AssistantMessage, api: string): JsonObject {
  const fields: Record<string, Json> = {}
  for (const part of content) {
    if (part.type !== 'thinking' || part.opaque?.by !== api || !isJsonObject(part.opaque.data))
      continue
    const { field, reasoning_details: details } = part.opaque.data
    if (typeof field === 'string') fields[field] = textIn(fields[field]) + part.text
    if (details !== undefined)
      fields['reasoning_details'] = [...listIn(fields['reasoning_details']), ...listIn(details)]
  }
  return fields
}

function toCall(part: ToolCallPart, id: string, api: string): JsonObject {
  const { tool, args, opaque } = part
  const own = opaque?.by === api && isJsonObject(opaque.data) ? opaque.data : {}
  const text = jsonText(isJsonObject(args) ? args : {})
  return { id, type: 'function', function: { name: toToolName(tool), arguments: text }, ...own }
}

/** A result is text. What else there is comes behind the results, as from the user. */
function toResult(
  message: ToolMessage,
  wireId: string,
  takes: Takes,
  warnings: Warning[],
): WrittenResult {
  const parts = readResult(message, takes, warnings)
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  const others = parts.filter((part) => part.type !== 'text')
  if (others.length > 0) texts.push(ATTACHED)
  const content = texts.join('\n') || emptyResult
  const item = jsonText({ role: 'tool', tool_call_id: wireId, content })
  if (others.length === 0) return { item }
  const heading = toWirePart({ type: 'text', text: `Attached to the result of ${message.tool}:` })
  return { item, attachments: [heading, ...others.map(toWirePart)].map(jsonText) }
}

const ATTACHED = '[attached below]'

function toWirePart(part: PlainPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image':
      return { type: 'image_url', image_url: { url: part.url } }
    case 'file':
      return { type: 'file', file: { filename: part.name, file_data: part.url } }
  }
}
