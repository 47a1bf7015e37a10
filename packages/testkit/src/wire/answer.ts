import type { Json, ModelStopReason, ProviderErrorKind, Usage } from '@harnext/core/provider'

/** What stands in the body of a vendor's answer, in the words of `@harnext/core` and read by nothing of an adapter. */
export interface WireAnswer {
  /** Joined, whatever the pieces were. */
  readonly text: string
  readonly thinking: string
  /** In order. Arguments that are no JSON are the text that they are. */
  readonly calls: readonly WireCall[]
  readonly stopReason: ModelStopReason
  /** `null` when the vendor counted nothing. */
  readonly tokens: TokenCounts | null
  /** What the vendor sends last is there. */
  readonly isComplete: boolean
  /** The error that stands in the answer itself. */
  readonly error?: ProviderErrorKind
}

export interface WireCall {
  readonly tool: string
  readonly args: Json
}

export type TokenCounts = Omit<Usage, 'costUsd'>

/** As loose as the wire is. */
export type Loose = { readonly [key: string]: unknown }

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')
export const countIn = (value: unknown): number => (typeof value === 'number' ? value : 0)
export const objectIn = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
export const listIn = (value: unknown): readonly Loose[] =>
  Array.isArray(value) ? value.map(objectIn) : []

/** The arguments of a call from their text; an empty text stands for `{}`. */
export function argsOf(text: string): Json {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text) as Json
  } catch {
    // What was cut, or what a model got wrong, is kept as it came.
    return text
  }
}

/** The vendors' word for it does not tell whether calls were made. */
export function stopReasonOf(
  reason: ModelStopReason | undefined,
  facts: { readonly hasCalls: boolean; readonly isRefused?: boolean },
): ModelStopReason {
  if (facts.hasCalls && (reason === undefined || reason === 'stop')) return 'tool_calls'
  return facts.isRefused && reason === 'stop' ? 'refused' : (reason ?? 'other')
}
