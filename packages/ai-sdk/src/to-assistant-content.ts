import type {
  LanguageModelV4ReasoningPart,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider'
import {
  isJsonObject,
  type AssistantMessage,
  type AssistantPart,
  type Json,
  type JsonObject,
  type Opaque,
  type ToolCallPart,
} from '@harnext/core/provider'
import type { OwnPart } from './own-part.ts'

type ContentPart =
  | LanguageModelV4TextPart
  | LanguageModelV4ReasoningPart
  | LanguageModelV4ToolCallPart
  | OwnPart

/** An answer as it goes back. What another provider gave with it, and its thinking, are left out. */
export function toAssistantContent(
  message: AssistantMessage,
  api: string,
  idOf: (call: ToolCallPart) => string,
): ContentPart[] {
  const isOwn = message.api === api
  const content = message.content.flatMap((part) => {
    if (part.type === 'tool_call') return toCall(part, idOf(part), api)
    return toContent(part, isOwn, api) ?? []
  })
  // Nothing may end with thinking, except a turn that the provider wants back as it is.
  if (message.stopReason !== 'pause')
    while (content.at(-1)?.type === 'reasoning') content.splice(-1)
  return content
}

function toCall({ tool, args, opaque }: ToolCallPart, id: string, api: string): ContentPart {
  // Arguments that could not be read are none that a provider takes back.
  const input = isJsonObject(args) ? args : {}
  return {
    type: 'tool-call',
    toolCallId: id,
    toolName: tool,
    input,
    ...optionsOf(opaque, api),
  }
}

function toContent(
  part: Exclude<AssistantPart, ToolCallPart>,
  isOwnMessage: boolean,
  api: string,
): ContentPart | null {
  switch (part.type) {
    case 'text': {
      const options = optionsOf(part.opaque, api)
      // Providers refuse texts of nothing but white space.
      if (!part.text.trim() && !options.providerOptions) return null
      return { type: 'text', text: part.text, ...options }
    }
    case 'thinking': {
      const isOwn = part.opaque ? part.opaque.by === api : isOwnMessage
      if (!isOwn) return null
      return { type: 'reasoning', text: part.text, ...optionsOf(part.opaque, api) }
    }
    case 'provider':
      return part.opaque.by === api ? revived(part.opaque.data) : null
    case 'source':
      return null
  }
}

/** What came as metadata goes back as options, to its own provider alone. */
function optionsOf(
  opaque: Opaque | undefined,
  api: string,
): { readonly providerOptions?: SharedV4ProviderOptions } {
  if (opaque?.by !== api || !isJsonObject(opaque.data)) return {}
  return { providerOptions: copy(opaque.data) as SharedV4ProviderOptions }
}

/** An address was written as its text. */
function revived(data: Json): OwnPart | null {
  if (!isJsonObject(data)) return null
  const part = copy(data) as { data?: { type: string; url?: unknown } }
  if (part.data?.type === 'url') part.data = { type: 'url', url: new URL(String(part.data.url)) }
  return part as OwnPart
}

/** Models may change what they are given; the log must not follow. */
function copy(data: JsonObject): object {
  return structuredClone(data)
}
