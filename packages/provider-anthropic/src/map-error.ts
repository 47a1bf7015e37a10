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
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Whatever was thrown during a call, as a `ProviderError`. */
export function mapError(error: unknown, { signal, partial, now }: ErrorContext): ProviderError {
  // The SDK says different things about an abort, and at times nothing; the signal knows.
  if (signal.aborted)
    return new ProviderError('The call to Anthropic was cancelled.', {
      kind: 'cancelled',
      partial,
      cause: signal.reason,
    })
  if (error instanceof ProviderError) return error
  if (isStatusError(error)) {
    const { status, headers, error: body, message } = error
    const text = body === undefined ? message.replace(/^\d+ /, '') : JSON.stringify(body)
    return httpError({ ...vendor, status, headers, body: text, now, partial, cause: error })
  }
  const name = error instanceof Error ? error.name : ''
  if (name.startsWith('APIConnection')) return connectionError(error, partial)
  const message = `The Anthropic adapter could not make sense of something: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'protocol', partial, cause: error })
}

/** The connection broke, before the answer or in its middle. */
export function connectionError(error: unknown, partial: string): ProviderError {
  return networkError('Anthropic', error, partial)
}

/** An `error` event, or an answer of 200 that is an error. */
export function eventError(error: JsonObject, partial: string, now: number): ProviderError {
  return httpError({ ...vendor, body: JSON.stringify({ error }), now, partial })
}

const vendor = { provider: 'Anthropic' }

interface StatusError {
  readonly status: number
  readonly headers: Headers
  readonly error?: unknown
  readonly message: string
}

function isStatusError(error: unknown): error is StatusError {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
}
