import {
  httpError,
  messageOf,
  networkError,
  ProviderError,
  type Json,
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
    return new ProviderError('The call to Ollama was cancelled.', {
      kind: 'cancelled',
      partial,
      cause: signal.reason,
    })
  if (error instanceof ProviderError) return error
  const message = `The Ollama adapter could not make sense of something: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'protocol', partial, cause: error })
}

/** The server answered with a status of failure. */
export function statusError(
  { status, headers }: Response,
  body: string,
  now: number,
): ProviderError {
  return explained(httpError({ ...vendor, status, headers, body, now }))
}

/** A line that is an error, in the middle of a stream or instead of an answer. */
export function lineError(error: Json, partial: string, now: number): ProviderError {
  return explained(httpError({ ...vendor, body: JSON.stringify({ error }), now, partial }))
}

const vendor = { provider: 'Ollama' }

/** A machine does not get more memory by asking again. */
function explained(error: ProviderError): ProviderError {
  if (!error.message.includes('more system memory')) return error
  const { status, partial } = error
  return new ProviderError(`${error.message} A smaller contextLength needs less.`, {
    kind: 'invalid_request',
    ...(status !== undefined && { status }),
    partial,
    cause: error,
  })
}

/** The connection broke, before the answer or in its middle. */
export function connectionError(error: unknown, partial: string): ProviderError {
  const broken = networkError('Ollama', error, partial)
  if (!broken.message.includes('ECONNREFUSED')) return broken
  return networkError('Ollama', error, partial, ' Is `ollama serve` running?')
}
