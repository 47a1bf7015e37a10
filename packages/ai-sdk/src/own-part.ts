import type {
  LanguageModelV4CustomContent,
  LanguageModelV4CustomPart,
  LanguageModelV4File,
  LanguageModelV4FilePart,
  LanguageModelV4ReasoningFile,
  LanguageModelV4ReasoningFilePart,
  LanguageModelV4ToolCall,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResult,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderMetadata,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider'
import { toBase64 } from './base64.ts'

/** Content of an answer that only its provider reads, in the form in which it goes back. */
export type OwnPart =
  | LanguageModelV4FilePart
  | LanguageModelV4ReasoningFilePart
  | LanguageModelV4CustomPart
  | LanguageModelV4ToolCallPart
  | LanguageModelV4ToolResultPart

type Content =
  | LanguageModelV4CustomContent
  | LanguageModelV4File
  | LanguageModelV4ReasoningFile
  | LanguageModelV4ToolCall
  | LanguageModelV4ToolResult

/** `null` for a result that another one follows. */
export function toOwnPart(content: Content): OwnPart | null {
  const options = optionsOf(content.providerMetadata)
  switch (content.type) {
    case 'tool-call': {
      const { toolCallId, toolName } = content
      const input = parsed(content.input)
      return { type: 'tool-call', toolCallId, toolName, input, providerExecuted: true, ...options }
    }
    case 'tool-result': {
      const { toolCallId, toolName, result: value, isError, preliminary } = content
      if (preliminary) return null
      const output = { type: isError ? 'error-json' : 'json', value } as const
      return { type: 'tool-result', toolCallId, toolName, output, ...options }
    }
    case 'file':
    case 'reasoning-file': {
      const { type, mediaType, data } = content
      return { type, mediaType, data: withBase64(data), ...options }
    }
    case 'custom':
      return { type: 'custom', kind: content.kind, ...options }
  }
}

/** What came as metadata goes back as options: that is the AI SDK's convention. */
function optionsOf(metadata: SharedV4ProviderMetadata | undefined): {
  readonly providerOptions?: SharedV4ProviderOptions
} {
  return metadata && Object.keys(metadata).length ? { providerOptions: metadata } : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text || '{}')
  } catch {
    // The provider runs the call and knows what it wrote.
    return text
  }
}

function withBase64(data: LanguageModelV4File['data']): LanguageModelV4File['data'] {
  if (data.type === 'url' || typeof data.data === 'string') return data
  return { type: 'data', data: toBase64(data.data) }
}
