import type { APICallError } from '@ai-sdk/provider'
import {
  AuthenticationError,
  ProviderError,
  httpError,
  isJsonObject,
  messageOf,
  type ProviderErrorKind,
} from '@harnext/core/provider'

export interface ErrorContext {
  /** As in a sentence: `mistral.chat`. */
  readonly provider: string
  readonly signal: AbortSignal
  /** Text that had been passed on. */
  readonly partial: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Whatever was thrown during a call, or came as an error of its stream, as a `ProviderError`. */
export function mapError(error: unknown, context: ErrorContext): ProviderError {
  const { provider, signal, partial } = context
  if (signal.aborted)
    return new ProviderError(`The call to ${provider} was cancelled.`, {
      kind: 'cancelled',
      partial,
      cause: signal.reason,
    })
  if (error instanceof ProviderError) return error
  // An error inside of a stream is often the vendor's own object.
  if (typeof error === 'string' || isPlainObject(error)) return streamError(error, context)
  if (isApiCallError(error) && (error.statusCode ?? 0) >= 400) return statusError(error, context)
  const name = error instanceof Error ? error.name : ''
  const kind = kinds[name] ?? (isNetworkError(error) ? networkKind(error) : 'protocol')
  const retryable = kind === 'network' || kind === 'timeout'
  const options = { kind, retryable, partial, cause: error }
  const message = `The call to ${provider} failed: ${causes(error).join(': ')}`
  return kind === 'auth'
    ? new AuthenticationError(message, options)
    : new ProviderError(message, options)
}

/** By name: the classes of another copy of the AI SDK have the same. */
const kinds: { readonly [name: string]: ProviderErrorKind } = {
  AI_LoadAPIKeyError: 'auth',
  AI_LoadSettingError: 'invalid_request',
  AI_InvalidArgumentError: 'invalid_request',
  AI_InvalidPromptError: 'invalid_request',
  AI_NoSuchModelError: 'not_found',
  AI_NoSuchProviderReferenceError: 'invalid_request',
  AI_UnsupportedFunctionalityError: 'invalid_request',
  AI_EmptyResponseBodyError: 'protocol',
  AI_InvalidResponseDataError: 'protocol',
  AI_JSONParseError: 'protocol',
  AI_NoContentGeneratedError: 'protocol',
  AI_TypeValidationError: 'protocol',
}

function isApiCallError(error: unknown): error is APICallError {
  return error instanceof Error && error.name === 'AI_APICallError'
}

function statusError(error: APICallError, { provider, partial, now }: ErrorContext): ProviderError {
  const { statusCode: status, responseHeaders = {}, responseBody, message } = error
  return httpError({
    provider,
    ...(status !== undefined && { status }),
    headers: new Headers(responseHeaders),
    body: responseBody || message,
    now,
    partial,
    cause: error,
  })
}

function streamError(
  error: string | object,
  { provider, partial, now }: ErrorContext,
): ProviderError {
  const status = isJsonObject(error) ? error['statusCode'] : undefined
  return httpError({
    provider,
    ...(typeof status === 'number' && { status }),
    body: typeof error === 'string' ? error : JSON.stringify(error),
    now,
    partial,
    cause: error,
  })
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Error)
}

function isNetworkError(error: unknown): boolean {
  const words =
    /cannot connect|fetch failed|failed to fetch|terminated|ECONN|EPIPE|socket|time[d-]?\s?out/i
  return words.test(causes(error).join())
}

function networkKind(error: unknown): ProviderErrorKind {
  return /time[d-]?\s?out/i.test(causes(error).join()) ? 'timeout' : 'network'
}

/** What lies below, as the platform hides why under `fetch failed`. */
function causes(error: unknown): string[] {
  const messages: string[] = []
  for (let cause = error; cause !== undefined && messages.length < 4;) {
    messages.push(messageOf(cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return messages
}
