import type { Json, JsonObject } from '@harnext/core/provider'

// The chat API as it is on the wire, as far as it is read or written here. Any field may be absent.

/** The scope of opaque data, of which this API has none. What a model thought goes back to it alone. */
export const api = 'ollama.chat'

/** One line of a stream, or a whole answer. */
export interface WireLine {
  readonly message?: WireMessage
  readonly done?: boolean
  readonly done_reason?: string
  readonly prompt_eval_count?: number
  readonly eval_count?: number
  readonly error?: Json
}

export interface WireMessage {
  readonly content?: string
  readonly thinking?: string
  readonly tool_calls?: readonly WireCall[] | null
}

/** Always whole. Older servers give no id, and odd ones the arguments as a text. */
export interface WireCall {
  readonly id?: string
  readonly function: { readonly name: string; readonly arguments?: JsonObject | string }
}
