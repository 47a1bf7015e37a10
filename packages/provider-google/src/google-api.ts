import type { Json, JsonObject } from '@harnext/core/provider'

// The generateContent API as it is on the wire, as far as it is read or written here. What is not named here is kept where it must
// come back, and ignored otherwise.

/** The scope of opaque data. */
export const api = 'google.generateContent'

/** One event of a stream, or a whole answer. Any field may be absent. */
export interface WireChunk {
  readonly candidates?: readonly WireCandidate[]
  readonly promptFeedback?: {
    readonly blockReason?: string
    readonly blockReasonMessage?: string
  }
  readonly usageMetadata?: WireUsage
  readonly modelVersion?: string
  readonly error?: JsonObject
}

export interface WireCandidate {
  readonly index?: number
  readonly content?: { readonly role?: string; readonly parts?: readonly WirePart[] }
  readonly finishReason?: string
  readonly finishMessage?: string
  /** With the reason `CONTINUATION`: the same request with it goes on where this answer ended. */
  readonly continuationToken?: string
  readonly groundingMetadata?: JsonObject
  readonly citationMetadata?: JsonObject
}

/** Exactly one of its fields says what kind it is; beside it may stand `thought`, `thoughtSignature` and others. */
export type WirePart = JsonObject

export interface WireFunctionCall {
  readonly id?: string
  readonly name?: string
  readonly args?: JsonObject
  readonly partialArgs?: readonly WirePartialArg[]
  /** More of the same call follows in later parts. */
  readonly willContinue?: boolean
}

/** A piece of one argument. The texts of one path are joined. */
export interface WirePartialArg {
  /** As `$.place.names[0]`. */
  readonly jsonPath: string
  readonly stringValue?: string
  readonly numberValue?: number
  readonly boolValue?: boolean
  readonly nullValue?: Json
}

/** Counts are cumulative: a later one replaces an earlier one. */
export interface WireUsage {
  readonly promptTokenCount?: number
  readonly toolUsePromptTokenCount?: number
  readonly cachedContentTokenCount?: number
  readonly candidatesTokenCount?: number
  readonly thoughtsTokenCount?: number
}
