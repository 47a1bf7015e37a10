import type { Json } from './json.ts'
import type { Usage } from './usage.ts'

// Messages are the conversation as the model sees it. Once one joined a history it is frozen.

export type Message = UserMessage | AssistantMessage | ToolMessage

export interface UserMessage {
  readonly role: 'user'
  readonly content: readonly UserPart[]
  /**
   * Who wrote it: the person (`user`, the default), a hook (`reminder`), the person while the run was under way (`steer`), or
   * compaction (`summary`). Only a message of the person begins a new run.
   */
  readonly origin?: 'user' | 'reminder' | 'steer' | 'summary'
}

export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content: readonly AssistantPart[]
  readonly provider: string
  /** Scope of the opaque data of its parts, as `anthropic.messages`. */
  readonly api: string
  readonly model: string
  readonly stopReason: ModelStopReason
  readonly rawStopReason?: string
  readonly usage?: Usage
}

/** The outcome of one call: there is exactly one for each, with the id of the call. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly id: string
  readonly tool: string
  readonly status: ToolStatus
  readonly content: readonly ToolPart[]
}

export type ToolStatus = 'ok' | 'error' | 'denied'
export type UserPart = TextPart | ImagePart | FilePart
export type ToolPart = TextPart | ImagePart | FilePart
export type AssistantPart = TextPart | ThinkingPart | ToolCallPart | SourcePart | ProviderPart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly opaque?: Opaque
}
export interface ThinkingPart {
  readonly type: 'thinking'
  readonly text: string
  /** The vendor withheld the text; `opaque` still has to go back. */
  readonly redacted?: true
  readonly opaque?: Opaque
}
export interface ToolCallPart {
  readonly type: 'tool_call'
  readonly id: string
  readonly tool: string
  readonly args: Json
  /** Why the arguments could not be read. Such a call is answered with an error and never runs. */
  readonly invalid?: string
  readonly opaque?: Opaque
}
/** `data` is base64. */
export type ImagePart =
  | { readonly type: 'image'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'image'; readonly url: string }
export interface FilePart {
  readonly type: 'file'
  readonly mediaType: string
  readonly name?: string
  /** base64 */
  readonly data: string
}
export interface SourcePart {
  readonly type: 'source'
  readonly url: string
  readonly title?: string
}
/** Server tools and the like: only their vendor reads them. */
export interface ProviderPart {
  readonly type: 'provider'
  readonly opaque: Opaque
}

/**
 * A vendor's own bytes that must come back unchanged: signatures, encrypted reasoning, provider items. `by` is the adapter's
 * `api`. Core never looks inside; an adapter sends back what carries its own `api`, and leaves out the rest.
 */
export interface Opaque {
  readonly by: string
  readonly model: string
  readonly data: Json
}

/** Why a model stopped. `pause`: the vendor wants the turn back as it is. The vendor's own word is in `rawStopReason`. */
export type ModelStopReason =
  | 'stop'
  | 'tool_calls'
  | 'length'
  | 'refused'
  | 'pause'
  | 'error'
  | 'cancelled'
  | 'other'

export function userMessage(text: string, origin?: UserMessage['origin']): UserMessage {
  return { role: 'user', content: [{ type: 'text', text }], ...(origin && { origin }) }
}

/** The text parts, joined without a separator. */
export function textOf(content: readonly (AssistantPart | UserPart)[]): string {
  let text = ''
  for (const part of content) if (part.type === 'text') text += part.text
  return text
}

export function toolCalls(message: AssistantMessage): readonly ToolCallPart[] {
  return message.content.filter((part) => part.type === 'tool_call')
}
