import {
  AuthenticationError,
  ProviderError,
  RateLimitError,
  type ProviderErrorKind,
} from '../errors.ts'
import { readErrorBody, type ErrorBody } from './error-body.ts'
import { outputLimitIn } from './output-limit.ts'

export interface HttpFailure {
  /** As in a sentence: `Anthropic`. */
  readonly provider: string
  /** Absent, or below 400, for an error that came inside of an answer. */
  readonly status?: number
  readonly headers?: { get(name: string): string | null }
  /** The text of the body, whatever it is. */
  readonly body: string
  /** Milliseconds since the epoch, for a `retry-after` that is a date. */
  readonly now: number
  /** Text of the answer that had been passed on. */
  readonly partial?: string
  readonly cause?: unknown
}

/**
 * The error that an answer of a provider stands for: its kind, whether a repetition may help, and how long to wait. It knows the
 * words of all vendors, since gateways mix them.
 */
export function httpError(failure: HttpFailure): ProviderError {
  const { provider, headers, partial, cause } = failure
  const body = readErrorBody(failure.body)
  const status =
    failure.status !== undefined && failure.status >= 400 ? failure.status : body.status
  const kind = kindOf(status, body)
  const requestId = headers?.get('request-id') ?? headers?.get('x-request-id') ?? body.requestId
  const retryAfterMs = waitOf(failure, body)
  const options = {
    kind,
    retryable: isRetryable(kind, headers?.get('x-should-retry')),
    ...(status !== undefined && { status }),
    ...(requestId && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(partial && { partial }),
    ...(cause !== undefined && { cause }),
  }
  const message = describe(provider, status, body)
  if (kind === 'auth' || kind === 'permission') return new AuthenticationError(message, options)
  if (kind === 'rate_limit') return new RateLimitError(message, options)
  return new ProviderError(message, options)
}

function kindOf(status: number | undefined, body: ErrorBody): ProviderErrorKind {
  const text = `${body.words.join(' ')} ${body.message}`
  if (mayOverflow(status) && outputLimitIn(text) !== null) return 'output_limit'
  if (mayOverflow(status) && isOverflow(text)) return 'overflow'
  if (mayBeQuota(status) && isQuota(text)) return 'quota'
  if (status !== undefined)
    return kindOfStatus[status] ?? (status >= 500 ? 'server' : 'invalid_request')
  for (const word of body.words) {
    const kind = kindOfWord[word.toLowerCase()]
    if (kind) return kind
  }
  return 'server'
}

const mayOverflow = (status: number | undefined): boolean =>
  status === undefined || status === 400 || status === 413 || status === 422 || status >= 500
const mayBeQuota = (status: number | undefined): boolean =>
  status === undefined || status === 400 || status === 402 || status === 403 || status === 429

/** Whether an error's text says that the input does not fit the model's window. */
export function isOverflow(text: string): boolean {
  return overflowWords.some((pattern) => pattern.test(text))
}

// Each in the words of a vendor: Anthropic, OpenAI, Google, llama.cpp, Ollama, Groq, Bedrock, xAI, LM Studio, MiniMax, Kimi, Copilot,
// TGI, Cohere.
const overflowWords: readonly RegExp[] = [
  /prompt is too long/i,
  /exceed context limit/i,
  /request_too_large/i,
  /context_length_exceeded/i,
  /exceeds the context (window|length)/i,
  /max(imum)? context length/i,
  /input token count.*exceeds/i,
  /exceeds the available context size/i,
  /exceed_context_size/i,
  /reduce the length of the messages/i,
  /input is too long/i,
  /maximum prompt length/i,
  /greater than the context length/i,
  /context window exceeds limit/i,
  /exceeded model token limit/i,
  /prompt token count.*exceeds the limit/i,
  /inputs?`? tokens \+ `?max_new_tokens/i,
  /number of tokens in the prompt cannot exceed/i,
]

/** Money or a quota of days: waiting a minute does not help. Google calls its limits of a minute a quota too. */
function isQuota(text: string): boolean {
  return quotaWords.test(text) && (text.includes('PerDay') || !text.includes('PerMinute'))
}

const quotaWords =
  /insufficient_quota|spend_limit_reached|billing_error|billing_hard_limit|credit balance is too low|exceeded your current quota|PerDay/i

const kindOfStatus: { readonly [status: number]: ProviderErrorKind } = {
  401: 'auth',
  402: 'quota',
  403: 'permission',
  404: 'not_found',
  408: 'timeout',
  // A lock that was not free in time.
  409: 'server',
  413: 'overflow',
  429: 'rate_limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
}

const kindOfWord: { readonly [word: string]: ProviderErrorKind } = {
  authentication_error: 'auth',
  invalid_api_key: 'auth',
  unauthenticated: 'auth',
  permission_error: 'permission',
  permission_denied: 'permission',
  not_found_error: 'not_found',
  not_found: 'not_found',
  model_not_found: 'not_found',
  invalid_request_error: 'invalid_request',
  invalid_argument: 'invalid_request',
  invalid_prompt: 'invalid_request',
  rate_limit_error: 'rate_limit',
  rate_limit_exceeded: 'rate_limit',
  resource_exhausted: 'rate_limit',
  overloaded_error: 'overloaded',
  unavailable: 'overloaded',
  timeout_error: 'timeout',
  deadline_exceeded: 'timeout',
  api_error: 'server',
  server_error: 'server',
  internal: 'server',
}

const passing: ReadonlySet<ProviderErrorKind> = new Set([
  'rate_limit',
  'overloaded',
  'server',
  'network',
  'timeout',
])

/** The server may forbid what we would repeat. It cannot make us repeat what will fail again. */
function isRetryable(kind: ProviderErrorKind, shouldRetry: string | null | undefined): boolean {
  return passing.has(kind) && shouldRetry !== 'false'
}

/** `retry-after-ms`, else `retry-after` as seconds or as a date, else what the body says. A wait of nothing is not a wait. */
function waitOf({ headers, now }: HttpFailure, body: ErrorBody): number | undefined {
  const after = headers?.get('retry-after') ?? ''
  const seconds = Number(after)
  const candidates = [
    Number(headers?.get('retry-after-ms')),
    Number.isNaN(seconds) ? Date.parse(after) - now : seconds * 1000,
    body.retryDelayMs ?? 0,
  ]
  return candidates.find((wait) => wait > 0)
}

function describe(provider: string, status: number | undefined, body: ErrorBody): string {
  const what = [status, body.words[0]].filter((word) => word !== undefined).join(' ')
  const text = body.message.length > 500 ? `${body.message.slice(0, 500)}…` : body.message
  return `${provider} answered ${what || 'with an error'}: ${text || 'no message'}`
}
