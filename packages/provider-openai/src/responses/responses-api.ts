import type { Json, JsonObject } from '@harnext/core/provider'

// The Responses API as it is on the wire, as far as it is read or written here. Servers of the same API send more and less than
// this: what is not named here is kept where it must come back, and ignored otherwise.

/** The scope of opaque data. */
export const api = 'openai.responses'

/** Every event has a `type`; the fields depend on it. Items are told apart by `output_index`: some gateways change the ids. */
export interface WireEvent {
  readonly type: string
  readonly output_index?: number
  readonly content_index?: number
  readonly summary_index?: number
  readonly delta?: string
  readonly item?: WireItem
  readonly response?: WireResponse
  readonly error?: Json
}

/** Every item has a `type`; the fields depend on it. */
export type WireItem = { readonly type: string } & JsonObject

export interface WireResponse {
  readonly model?: string
  readonly status?: string
  readonly incomplete_details?: { readonly reason?: string } | null
  readonly error?: Json
  readonly output?: readonly WireItem[]
  readonly usage?: WireUsage | null
}

export interface WireUsage {
  readonly input_tokens?: number
  readonly output_tokens?: number
  readonly input_tokens_details?: {
    readonly cached_tokens?: number | null
    readonly cache_write_tokens?: number | null
  } | null
  readonly output_tokens_details?: { readonly reasoning_tokens?: number | null } | null
}
