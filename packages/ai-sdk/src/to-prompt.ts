import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultOutput,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider'
import {
  textOf,
  toolCalls,
  type AssistantMessage,
  type FilePart,
  type ImagePart,
  type Message,
  type ToolCallPart,
  type ToolMessage,
  type UserPart,
} from '@harnext/core/provider'
import { callIds } from './call-ids.ts'
import { toAssistantContent } from './to-assistant-content.ts'
import { warning, type Warning } from './warning.ts'
import { wellFormed } from './well-formed.ts'

export interface PromptContext {
  /** Scope of the opaque data that goes back. */
  readonly api: string
  /** Whether the provider reads an address of this type by itself. */
  takesUrl(mediaType: string, url: string): boolean
  readonly warnings: Warning[]
}

/** The conversation as the AI SDK has it: the results of a turn in one message, each call with exactly one, in call order. */
export function toPrompt(
  messages: readonly Message[],
  system: string | undefined,
  context: PromptContext,
): LanguageModelV4Prompt {
  const prompt: LanguageModelV4Message[] = []
  const ids = callIds(context.api)
  if (system?.trim()) prompt.push({ role: 'system', content: system })
  for (const [at, message] of messages.entries()) {
    // Results stand behind their call.
    if (message.role === 'tool') continue
    if (message.role === 'assistant') {
      prompt.push(...toAnswer(message, resultsBehind(messages, at), ids(message), context))
      continue
    }
    const content = toUserParts(message.content, context)
    if (content.length) prompt.push({ role: 'user', content })
  }
  return wellFormed(prompt)
}

function toAnswer(
  message: AssistantMessage,
  results: ReadonlyMap<string, ToolMessage>,
  ids: ReadonlyMap<ToolCallPart, string>,
  context: PromptContext,
): LanguageModelV4Message[] {
  const idOf = (call: ToolCallPart): string => ids.get(call) ?? call.id
  const content = toAssistantContent(message, context.api, idOf)
  if (!content.length) return []
  const outcomes = toolCalls(message).map((call): LanguageModelV4ToolResultPart => {
    const result = results.get(call.id)
    const output = result ? toOutput(result, context) : noResult
    return { type: 'tool-result', toolCallId: idOf(call), toolName: call.tool, output }
  })
  return [
    { role: 'assistant', content },
    ...(outcomes.length ? [{ role: 'tool', content: outcomes } as const] : []),
  ]
}

function resultsBehind(messages: readonly Message[], at: number): ReadonlyMap<string, ToolMessage> {
  const results = new Map<string, ToolMessage>()
  for (let index = at + 1; index < messages.length; index++) {
    const message = messages[index]
    if (message?.role === 'assistant') break
    if (message?.role === 'tool' && !results.has(message.id)) results.set(message.id, message)
  }
  return results
}

/** Providers refuse a call without a result. */
const noResult: LanguageModelV4ToolResultOutput = {
  type: 'error-text',
  value: 'There is no result: the call was interrupted before its outcome was recorded.',
}

function toOutput(
  { status, content }: ToolMessage,
  context: PromptContext,
): LanguageModelV4ToolResultOutput {
  if (status === 'ok') {
    if (content.every((part) => part.type === 'text'))
      return { type: 'text', value: textOf(content) }
    return { type: 'content', value: toUserParts(content, context) }
  }
  // What went wrong is text alone.
  const text = content.map((part) => (part.type === 'text' ? part.text : omitted(part))).join('')
  return status === 'denied'
    ? { type: 'execution-denied', reason: text }
    : { type: 'error-text', value: text }
}

/** Without texts of nothing but white space, which providers refuse. */
function toUserParts(
  content: readonly UserPart[],
  context: PromptContext,
): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] {
  return content
    .filter((part) => part.type !== 'text' || part.text.trim() !== '')
    .map((part) => toUserPart(part, context))
}

function toUserPart(
  part: UserPart,
  { takesUrl, warnings }: PromptContext,
): LanguageModelV4TextPart | LanguageModelV4FilePart {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (!('url' in part)) {
    const { mediaType, data } = part
    const filename = part.type === 'file' ? part.name : undefined
    return {
      type: 'file',
      mediaType,
      data: { type: 'data', data },
      ...(filename !== undefined && { filename }),
    }
  }
  if (URL.canParse(part.url) && takesUrl('image/*', part.url))
    return { type: 'file', mediaType: 'image/*', data: { type: 'url', url: new URL(part.url) } }
  const text = omitted(part)
  warnings.push(warning('unsupported_part', `The provider does not take this: ${text}`))
  return { type: 'text', text }
}

function omitted(part: ImagePart | FilePart): string {
  const what = 'url' in part ? part.url : part.mediaType
  const name = part.type === 'file' && part.name ? ` ${part.name}` : ''
  return `[${part.type}${name} (${what}) omitted]`
}
