import type { ProviderError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import type { AssistantPart, Message, ModelStopReason } from '../messages.ts'
import type { Usage } from '../usage.ts'

/**
 * How a provider is reached. `stream` is the only required method. The laws, each a test of the conformance kit:
 *
 * 1. All that it throws is `ProviderError`.
 * 2. It yields exactly one `finish`, last. A stream that is cut without the vendor's terminal event throws `stream_truncated`.
 * 3. The joined deltas of a part equal the part.
 * 4. An option that the model does not support gives a `warning`, never silence.
 * 5. When `context.signal` aborts, the socket is closed and kind `cancelled` is thrown within 100 ms.
 * 6. No retries inside.
 * 7. Nothing is read from the environment except through an option of the factory.
 * 8. The request is not changed.
 * 9. Opaque data goes back byte for byte to the `api` that it came from, and to no other.
 */
export interface ProviderAdapter {
  /** `anthropic` */
  readonly id: string
  /** Scope of opaque data: `anthropic.messages`. */
  readonly api: string
  stream(
    request: ModelRequest,
    context: CallContext,
  ): AsyncIterable<ModelEvent | readonly ModelEvent[]>
  capabilities?(model: string): Partial<Capabilities>
  countTokens?(request: ModelRequest, context: CallContext): Promise<number>
  listModels?(context: CallContext): Promise<ModelInfo[]>
}

/** `messages` keeps its identity and its frozen members between the turns of a run, so that an adapter may cache by them. */
export interface ModelRequest {
  readonly model: string
  readonly messages: readonly Message[]
  readonly system?: string
  readonly tools?: readonly ToolSpec[]
  readonly toolChoice?: ToolChoice
  readonly maxOutputTokens?: number
  readonly effort?: Effort
  readonly output?: { readonly schema: JsonObject; readonly name?: string }
  /** Identifies the stable prefix, for vendors that route by a cache key. */
  readonly cacheKey?: string
  /** Merged into the vendor's body as it is. */
  readonly params?: JsonObject
}

/** A tool as the model sees it. `name` is already one that every vendor takes: `[A-Za-z0-9_-]{1,64}`. */
export interface ToolSpec {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly tool: string }
export type Effort = 'off' | 'minimal' | 'low' | 'medium' | 'high' | 'max'

export interface CallContext {
  /** Of this call alone; nobody else listens to it. */
  readonly signal: AbortSignal
  /** Replaces the platform's, for proxies, tests and other transports. */
  readonly fetch?: typeof fetch
}

/** Tokens, and what a model understands. What an adapter leaves out is taken to be supported. */
export interface Capabilities {
  readonly contextWindow: number
  readonly maxOutputTokens: number
  readonly images: boolean
  readonly files: boolean
  readonly tools: boolean
  readonly effort: boolean
  readonly structuredOutput: boolean
  readonly temperature: boolean
}

export interface ModelInfo {
  readonly id: string
  readonly name?: string
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
}

/** Partial output. These are events of the run as well: the very objects that the adapter yields are passed on. */
export type ModelDelta =
  | { readonly type: 'text' | 'thinking'; readonly text: string; readonly index?: number }
  | {
      readonly type: 'tool_input'
      readonly id: string
      readonly tool: string
      readonly delta: string
    }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  | {
      readonly type: 'retry'
      readonly attempt: number
      readonly delayMs: number
      readonly error: ProviderError
    }
  | {
      readonly type: 'fallback'
      readonly from: string
      readonly to: string
      readonly error: ProviderError
    }

/**
 * What an adapter yields, alone or as an array of what came in one network chunk. An empty array says that bytes came which hold no event,
 * as a ping: the provider is not silent.
 */
export type ModelEvent =
  | ModelDelta
  /** Complete and frozen. */
  | { readonly type: 'part'; readonly part: AssistantPart }
  | {
      readonly type: 'finish'
      readonly stopReason: ModelStopReason
      readonly rawStopReason?: string
      readonly usage: Usage | null
      /** Who answered, where that is not the adapter and the model that were asked. An adapter leaves it out. */
      readonly by?: { readonly provider: string; readonly api: string; readonly model: string }
    }

/** `Array.isArray` does not narrow readonly arrays. */
export function isBatch<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

/** US dollars for a million tokens. */
export interface Rates {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}
/** The rates of a call whose input is above no tier. */
export interface Price extends Rates {
  /** Ascending. Absent: one price for every size of input. */
  readonly tiers?: readonly PriceTier[]
}
/** A call with more input than this, cached or not, is billed at these rates from its first token. */
export interface PriceTier extends Rates {
  readonly inputTokensAbove: number
}
/** `null`: unknown, which is never the same as free. */
export type PriceOf = (provider: string, model: string) => Price | null
