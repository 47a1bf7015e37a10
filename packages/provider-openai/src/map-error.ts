import {
  httpError,
  isJsonObject,
  messageOf,
  readFailure,
  ProviderError,
  type HttpFailure,
  type Json,
  type ProviderErrorKind,
} from '@harnext/core/provider'
import { isJson, textIn } from './json-text.ts'

export interface ErrorContext {
  /** Of the vendor, as in a sentence. */
  readonly name: string
  readonly signal: AbortSignal
  /** Text that had been passed on. */
  readonly partial: string
}

/** Whatever was thrown during a call, as a `ProviderError`. */
export function mapError(error: unknown, context: ErrorContext): ProviderError {
  const { name, signal, partial } = context
  // An abort looks different in every transport; the signal knows.
  if (signal.aborted)
    return new ProviderError(`The call to ${name} was cancelled.`, {
      kind: 'cancelled',
      partial,
      cause: signal.reason,
    })
  if (error instanceof ProviderError) return error
  const message = `The ${name} adapter could not make sense of something: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'protocol', partial, cause: error })
}

/** The server answered with a status of failure. */
export async function statusError(name: string, response: Response): Promise<ProviderError> {
  return vendorError(await readFailure(name, response))
}

/** An error that came inside of an answer. */
export function eventError(name: string, error: Json, partial: string): ProviderError {
  return vendorError({ provider: name, body: JSON.stringify({ error }), now: Date.now(), partial })
}

/** What the vendors of this API call in their own words, which a status alone does not tell. */
function vendorError(failure: HttpFailure): ProviderError {
  const error = httpError(failure)
  const kind = kindOfCode(codeIn(failure.body), error)
  if (kind === undefined || kind === error.kind) return error
  const { status, requestId, retryAfterMs, partial, cause } = error
  return new ProviderError(error.message, {
    kind,
    retryable: kind === 'server',
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    partial,
    ...(cause !== undefined && { cause }),
  })
}

function kindOfCode(code: string, error: ProviderError): ProviderErrorKind | undefined {
  if (refusals.has(code)) return 'refused'
  // Groq: the model wrote a call that is none. It does better the next time.
  if (code === 'tool_use_failed') return 'server'
  // In an answer there is no status that would tell a fault of the request from one of the server.
  if (error.status === undefined && error.kind === 'server' && badRequest.test(code))
    return 'invalid_request'
  return undefined
}

const refusals: ReadonlySet<string> = new Set([
  'content_filter',
  'content_policy_violation',
  'image_content_policy_violation',
  'bio_policy',
  'misalignment_policy_violation',
])

const badRequest = /^(invalid_|unsupported_|image_|empty_image|failed_to_download|data_residency)/

function codeIn(body: string): string {
  if (!isJson(body)) return ''
  const json = JSON.parse(body) as Json
  const error = isJsonObject(json) ? json['error'] : undefined
  return isJsonObject(error) ? textIn(error['code']) || textIn(error['type']) : ''
}
