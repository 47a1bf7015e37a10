import type { Json, JsonObject } from '@harnext/core/provider'

// The Messages API as it is on the wire, as far as it is read or written here. Vendors of the same API send more and less than
// this: what is not named here is kept where it must come back, and ignored otherwise.

/** The scope of opaque data. */
export const api = 'anthropic.messages'

export type WireEvent =
  | { readonly type: 'message_start'; readonly message: WireMessage }
  | {
      readonly type: 'content_block_start'
      readonly index: number
      readonly content_block: WireBlock
    }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: WireDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta'
      readonly delta: WireStop
      readonly usage?: WireUsage | null
    }
  | { readonly type: 'message_stop' }
  | { readonly type: 'ping' }
  | { readonly type: 'error'; readonly error: JsonObject }

export interface WireMessage extends WireStop {
  readonly type: 'message'
  readonly model?: string
  readonly usage?: WireUsage | null
}

/** The answer of a server that does not stream. */
export interface WholeMessage extends WireMessage {
  readonly content: readonly WireBlock[]
}

export interface WireStop {
  readonly stop_reason?: string | null
  readonly stop_details?: JsonObject | null
}

/** Every block has a `type`; the fields depend on it. */
export type WireBlock = { readonly type: string } & JsonObject

export type WireDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }
  | { readonly type: 'citations_delta'; readonly citation: Json }

/** Counts are cumulative: a later one replaces an earlier one, and `null` says nothing. */
export interface WireUsage {
  readonly input_tokens?: number | null
  readonly output_tokens?: number | null
  readonly cache_read_input_tokens?: number | null
  readonly cache_creation_input_tokens?: number | null
  readonly output_tokens_details?: { readonly thinking_tokens?: number | null } | null
  /** The calls that the answer was made of. The counts above leave out those of type `compaction`. */
  readonly iterations?: readonly ({ readonly type?: string } & WireUsage)[] | null
}
