import type { Json, JsonObject } from '@harnext/core/provider'

// The Chat Completions API as it is on the wire, as far as it is read or written here. Hardly two servers of it are alike: every
// field may be absent or `null`, and what is not named here is ignored.

export interface WireChunk {
  readonly id?: string
  readonly model?: string
  readonly choices?: readonly WireChoice[] | null
  readonly usage?: WireUsage | null
  readonly error?: Json
  /** Pages that a search model read: addresses, or objects with a title. */
  readonly citations?: Json
  readonly search_results?: Json
}

export interface WireChoice {
  readonly index?: number
  readonly delta?: WireMessage | null
  /** In place of `delta` where the server does not stream. */
  readonly message?: WireMessage | null
  readonly finish_reason?: string | null
  readonly usage?: WireUsage | null
}

export interface WireMessage {
  /** A text, or a list of parts. */
  readonly content?: Json
  readonly refusal?: string | null
  /** Two names for the same thing. */
  readonly reasoning_content?: string | null
  readonly reasoning?: string | null
  readonly reasoning_details?: Json
  readonly annotations?: Json
  readonly tool_calls?: readonly WireToolCall[] | null
  /** How calls were made before there were several. */
  readonly function_call?: WireFunction | null
}

export type WireToolCall = JsonObject

export interface WireFunction {
  readonly name?: string | null
  /** A text; some servers send the object. */
  readonly arguments?: Json
}

export interface WireUsage {
  readonly prompt_tokens?: number | null
  readonly completion_tokens?: number | null
  readonly total_tokens?: number | null
  readonly prompt_tokens_details?: {
    readonly cached_tokens?: number | null
    readonly cache_write_tokens?: number | null
  } | null
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null
  /** DeepSeek. */
  readonly prompt_cache_hit_tokens?: number | null
}
