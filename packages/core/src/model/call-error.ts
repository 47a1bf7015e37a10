import { ProviderError, messageOf } from '../errors.ts'
import { httpError, type HttpFailure } from './http-error.ts'

export interface CallFailure {
  /** As in a sentence: `Anthropic`. */
  readonly provider: string
  /** Of the call. Transports say different things about an abort, and at times nothing; the signal knows. */
  readonly signal: AbortSignal
  /** Text of the answer that had been passed on. */
  readonly partial: string
}

/**
 * Whatever was thrown during a call, as a `ProviderError`: `cancelled` after an abort, the same error when it is one, `protocol` for
 * what could not be parsed, else a connection that broke.
 */
export function callError(
  error: unknown,
  { provider, signal, partial }: CallFailure,
): ProviderError {
  if (signal.aborted) {
    const options = { kind: 'cancelled', partial, cause: signal.reason } as const
    return new ProviderError(`The call to ${provider} was cancelled.`, options)
  }
  if (error instanceof ProviderError) return error
  if (error instanceof SyntaxError) {
    const message = `${provider} sent what makes no sense: ${messageOf(error)}`
    return new ProviderError(message, { kind: 'protocol', partial, cause: error })
  }
  return networkError(provider, error, partial)
}

/** The connection broke, before the answer or in its middle. `hint` follows the message. */
export function networkError(
  provider: string,
  error: unknown,
  partial: string,
  hint = '',
): ProviderError {
  const why = causesOf(error).join(': ')
  const kind = /time[d-]?\s?out/i.test(why) ? 'timeout' : 'network'
  const options = { kind, retryable: true, partial, cause: error } as const
  return new ProviderError(`The connection to ${provider} failed: ${why}${hint}`, options)
}

/** An answer with a status of failure, whose body nobody has read. */
export async function responseError(provider: string, response: Response): Promise<ProviderError> {
  return httpError(await readFailure(provider, response))
}

/** An answer with a status of failure as `httpError` takes it. Never rejects. */
export async function readFailure(provider: string, response: Response): Promise<HttpFailure> {
  const { status, headers } = response
  let cause: unknown
  // The status says enough where the connection breaks in the body.
  const body = await response.text().catch((error: unknown) => {
    cause = error
    return ''
  })
  const failure = { provider, status, headers, body, now: Date.now() }
  return cause === undefined ? failure : { ...failure, cause }
}

/** What lies below, as the platform hides why under `fetch failed`. */
function causesOf(error: unknown): string[] {
  const messages: string[] = []
  for (let cause = error; cause !== undefined && messages.length < 4;) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const message = messageOf(cause)
    // Of several addresses that failed the platform gives only the code.
    messages.push(message === 'AggregateError' && typeof code === 'string' ? code : message)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return messages
}
