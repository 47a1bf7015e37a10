import {
  AuthenticationError,
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
    return new ProviderError('The call to Google was cancelled.', {
      kind: 'cancelled',
      partial,
      cause: signal.reason,
    })
  if (error instanceof ProviderError) return error
  const message = `The Google adapter could not make sense of something: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'protocol', partial, cause: error })
}

/** The server answered with a status of failure. */
export function statusError(
  { status, headers }: Response,
  text: string,
  now: number,
): ProviderError {
  // A stream that could not begin may bring its error as an event.
  const body = text.replace(/^data:/, '').trim()
  const error = httpError({ ...vendor, status, headers, body, now })
  // A wrong key is a bad request to this vendor.
  if (status !== 400 || !body.includes('API_KEY_INVALID')) return error
  return new AuthenticationError(error.message, { kind: 'auth', status })
}

/** An error in the middle of a stream, or in an answer of 200. */
export function eventError(error: JsonObject, partial: string, now: number): ProviderError {
  return httpError({ ...vendor, body: JSON.stringify({ error }), now, partial })
}

const vendor = { provider: 'Google' }

/** The connection broke, before the answer or in its middle. */
export function connectionError(error: unknown, partial: string): ProviderError {
  return networkError('Google', error, partial)
}
