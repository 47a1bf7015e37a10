import { ConfigError, type Capabilities, type ProviderAdapter } from '@harnext/core/provider'
import type { ChatFlags } from './chat/chat-flags.ts'
import { chatAdapter } from './openai-adapter.ts'
import { toConnection, type OpenAIOptions } from './openai-options.ts'

export interface CompatibleOptions extends OpenAIOptions {
  /** Of the vendor or server, as `mistral`. The scope of its opaque data is `<id>.chat`. */
  readonly id: string
  /** With its version, as `/v1`; it may have a query. */
  readonly baseURL: string
  /** As in a sentence. @default the id */
  readonly name?: string
  /** Whether a call without a key fails before it is sent. @default false */
  readonly needsKey?: boolean
  /** In what it differs from others. @default what most servers take */
  readonly flags?: ChatFlags
}

/**
 * Any server that speaks OpenAI's Chat Completions API. Throws `ConfigError` when `id` is empty or `baseURL` is no URL.
 *
 * @example
 * const adapter = openaiCompatible({ id: 'mistral', baseURL: 'https://api.mistral.ai/v1', apiKey })
 */
export function openaiCompatible(options: CompatibleOptions): ProviderAdapter {
  const { id, baseURL, name = id, needsKey = false, flags = {} } = options
  if (id.trim() === '') throw new ConfigError('The id of an OpenAI-compatible adapter is empty.')
  const connection = toConnection({ name, needsKey, baseURL }, options)
  return { ...chatAdapter(id, connection, flags), capabilities: () => capabilitiesOf(flags) }
}

/** Of the server; what its models can do it may know, but does not say. */
function capabilitiesOf({ images, structuredOutput }: ChatFlags): Partial<Capabilities> {
  return {
    ...(images !== undefined && { images }),
    ...(structuredOutput === 'json_object' && { structuredOutput: false }),
  }
}
