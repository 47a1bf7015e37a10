import {
  httpError,
  messageOf,
  networkError,
  ProviderError,
  type JsonObject,
} from '@harnext/core/provider'

export interface ErrorContext {
  readonly signal: AbortSignal
  /** Text that had been passed on. */
  readonly partial: string
}

/** Whatever was thrown during a call, as a `ProviderError`. */
export function mapError(error: unknown, { signal, partial }: ErrorContext): ProviderError {
  // An abort looks different in every transport; the signal knows.
  if (signal.aborted)
    return new ProviderError('The call to Anthropic was cancelled.', {
      kind: 'cancelled',
      partial,
      cause: signal.reason,
    })
  if (error instanceof ProviderError) return error
  const message = `The Anthropic adapter could not make sense of something: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'protocol', partial, cause: error })
}

/** The connection broke, before the answer or in its middle. */
export function connectionError(error: unknown, partial: string): ProviderError {
  return networkError('Anthropic', error, partial)
}

/** An `error` event, or an answer of 200 that is an error. */
export function eventError(error: JsonObject, partial: string, now: number): ProviderError {
  return httpError({ provider: 'Anthropic', body: JSON.stringify({ error }), now, partial })
}
