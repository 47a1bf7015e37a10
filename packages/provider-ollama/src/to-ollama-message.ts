import {
  isJsonObject,
  textOf,
  toolCalls,
  warning,
  type AssistantMessage,
  type FilePart,
  type ImagePart,
  type JsonObject,
  type TextPart,
  type ToolMessage,
  type Warning,
} from '@harnext/core/provider'
import { api } from './ollama-api.ts'

// One message of ours as a message of the API: a text, with images beside it.

export interface TextAndImages {
  readonly text: string
  /** base64 */
  readonly images: readonly string[]
}

export function toTextAndImages(
  content: readonly (TextPart | ImagePart | FilePart)[],
  takesImages: boolean,
  warnings: Warning[],
): TextAndImages {
  const texts: string[] = []
  const images: string[] = []
  for (const part of content) {
    if (part.type === 'text') texts.push(part.text)
    else if (isImage(part) && takesImages) images.push(part.data)
    else texts.push(fileText(part) ?? placeholder(part, warnings))
  }
  return { text: texts.join('\n'), images }
}

export function toUserMessage({ text, images }: TextAndImages): JsonObject | null {
  if (text.trim() === '' && images.length === 0) return null
  return { role: 'user', content: text, ...(images.length > 0 && { images }) }
}

/** What a model of this API thought goes back with what it said. */
export function toAssistantMessage(message: AssistantMessage): JsonObject | null {
  const content = textOf(message.content)
  const calls = toolCalls(message)
  if (content.trim() === '' && calls.length === 0) return null
  const thinking = message.api === api ? thinkingOf(message) : ''
  return {
    role: 'assistant',
    content,
    ...(thinking && { thinking }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, tool, args }) => ({
        id,
        type: 'function',
        function: { name: tool, arguments: isJsonObject(args) ? args : {} },
      })),
    }),
  }
}

function thinkingOf({ content }: AssistantMessage): string {
  let text = ''
  for (const part of content) if (part.type === 'thinking') text += part.text
  return text
}

/** There is no mark of an error: the text says it. A result must say something. */
export function toToolMessage({ id, tool, status }: ToolMessage, text: string): JsonObject {
  const said = text.trim() === '' ? '(no output)' : text
  const content = status === 'ok' ? said : `Error: ${said}`
  return { role: 'tool', content, tool_name: tool, tool_call_id: id }
}

/** Stands for the outcome of a call that has none. */
export function missingResult(id: string, tool: string): JsonObject {
  const message: ToolMessage = { role: 'tool', id, tool, status: 'error', content: [] }
  return toToolMessage(
    message,
    'There is no result: the call was interrupted before its outcome was recorded.',
  )
}

function isImage(part: ImagePart | FilePart): part is Extract<typeof part, { data: string }> {
  return 'data' in part && part.mediaType.startsWith('image/')
}

/** The API has no files; those that are text are sent as such. */
function fileText(part: ImagePart | FilePart): string | null {
  if (part.type !== 'file' || !/^text\/|[/+](json|xml|yaml|javascript)$/.test(part.mediaType))
    return null
  const text = decode(part.data)
  return text === null ? null : `${part.name ? `${part.name}:\n` : ''}${text}`
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

function placeholder(part: ImagePart | FilePart, warnings: Warning[]): string {
  const what = 'url' in part ? part.url : part.mediaType
  const name = part.type === 'file' && part.name ? ` ${part.name}` : ''
  const text = `[${part.type}${name} (${what}) omitted]`
  warnings.push(warning('unsupported_part', `The model does not take this: ${text}`))
  return text
}
