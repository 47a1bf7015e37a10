import {
  warning,
  type AssistantMessage,
  type AssistantPart,
  type FilePart,
  type ImagePart,
  type Json,
  type JsonObject,
  type ToolCallPart,
  type ToolMessage,
  type UserPart,
  type Warning,
} from '@harnext/core/provider'
import { isJsonObject } from '@harnext/core/provider'
import { api, type WireBlock } from './anthropic-api.ts'

// One message of ours as blocks of the API, each as its JSON text.

export function toUserBlocks(content: readonly UserPart[], warnings: Warning[]): string[] {
  return content
    .map((part) => toUserBlock(part, warnings))
    .filter((block) => block !== null)
    .map(json)
}

/** `wireId` gives the id under which a call is sent. */
export function toAssistantBlocks(
  { content, stopReason }: AssistantMessage,
  wireId: (call: ToolCallPart) => string,
): string[] {
  const blocks: WireBlock[] = []
  for (const part of content) {
    const block = toAssistantBlock(part, wireId)
    if (block) blocks.push(block)
  }
  // Nothing may end with thinking, except a turn that the vendor wants back as it is.
  if (stopReason !== 'pause') while (isThinking(blocks.at(-1))) blocks.pop()
  return blocks.map(json)
}

/** The API takes nothing but text in a result that is an error. */
export function toToolResult(message: ToolMessage, wireId: string, warnings: Warning[]): string {
  const isError = message.status !== 'ok'
  const content = message.content
    .map((part) =>
      isError && part.type !== 'text'
        ? { type: 'text', text: omitted(part) }
        : toUserBlock(part, warnings),
    )
    .filter((block) => block !== null)
  return json({
    type: 'tool_result',
    tool_use_id: wireId,
    ...(content.length > 0 && { content }),
    ...(isError && { is_error: true }),
  })
}

/** Stands for the outcome of a call that has none: the API refuses a call without a result. */
export function missingResult(wireId: string): string {
  const text = 'There is no result: the call was interrupted before its outcome was recorded.'
  return json({
    type: 'tool_result',
    tool_use_id: wireId,
    content: [{ type: 'text', text }],
    is_error: true,
  })
}

function toAssistantBlock(
  part: AssistantPart,
  wireId: (call: ToolCallPart) => string,
): WireBlock | null {
  switch (part.type) {
    case 'text':
      return isBlank(part.text) ? null : { type: 'text', text: part.text, ...own(part) }
    case 'thinking': {
      const data = own(part)
      if (!data) return null
      if (part.redacted) return { type: 'redacted_thinking', ...data }
      return { type: 'thinking', thinking: part.text, ...data }
    }
    case 'tool_call': {
      const name = part.tool.replaceAll(/[^A-Za-z0-9_-]/g, '_')
      const input = isJsonObject(part.args) ? part.args : {}
      return { type: 'tool_use', id: wireId(part), name, input, ...own(part) }
    }
    case 'provider':
      return own(part) as WireBlock | null
    case 'source':
      return null
  }
}

/** What this API gave with the part; nothing of another one's. */
function own({ opaque }: Exclude<AssistantPart, { type: 'source' }>): JsonObject | null {
  return opaque?.by === api && isJsonObject(opaque.data) ? opaque.data : null
}

function isThinking(block: WireBlock | undefined): boolean {
  return block?.type === 'thinking' || block?.type === 'redacted_thinking'
}

function toUserBlock(part: UserPart, warnings: Warning[]): WireBlock | null {
  if (part.type === 'text') return isBlank(part.text) ? null : { type: 'text', text: part.text }
  const block = part.type === 'image' ? toImage(part) : toDocument(part)
  if (block) return block
  warnings.push(warning('unsupported_part', `Anthropic does not take this: ${omitted(part)}`))
  return { type: 'text', text: omitted(part) }
}

function toImage(part: ImagePart): WireBlock | null {
  if ('url' in part) return { type: 'image', source: { type: 'url', url: part.url } }
  const { mediaType, data } = part
  if (!imageTypes.has(mediaType)) return null
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data } }
}

const imageTypes: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
])

function toDocument({ mediaType, name, data }: FilePart): WireBlock | null {
  if (imageTypes.has(mediaType)) return toImage({ type: 'image', mediaType, data })
  const source = toSource(mediaType, data)
  return source && { type: 'document', source, ...(name && { title: name }) }
}

function toSource(mediaType: string, data: string): JsonObject | null {
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data }
  if (!/^text\/|[/+](json|xml|yaml|javascript)$/.test(mediaType)) return null
  const text = decode(data)
  return text === null ? null : { type: 'text', media_type: 'text/plain', data: text }
}

function decode(base64: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return new TextDecoder().decode(bytes)
  } catch {
    // Not base64: the caller sends a placeholder and warns.
    return null
  }
}

function omitted(part: ImagePart | FilePart): string {
  const what = 'url' in part ? part.url : part.mediaType
  const name = part.type === 'file' && part.name ? ` ${part.name}` : ''
  return `[${part.type}${name} (${what}) omitted]`
}

/** The API refuses texts of nothing but white space. */
function isBlank(text: string): boolean {
  return text.trim() === ''
}

/**
 * JSON that the API can read: a half of a surrogate pair, which a tool that cuts its output in the middle of an emoji leaves
 * behind, becomes U+FFFD. `JSON.stringify` escapes nothing else as `\\ud…`; a pair of backslashes is skipped, as it is text.
 */
function json(value: Json): string {
  const text = JSON.stringify(value)
  if (!text.includes('\\ud')) return text
  return text.replaceAll(/\\\\|\\ud[89a-f][\da-f]{2}/g, (found) =>
    found === '\\\\' ? found : '\ufffd',
  )
}
