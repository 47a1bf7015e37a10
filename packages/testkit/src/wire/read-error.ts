import type { ProviderErrorKind } from '@harnext/core/provider'
import { listIn, objectIn, textIn } from './answer.ts'

/** The kind of the error that a status and a body stand for. */
export function errorKind(status: number | undefined, body: string): ProviderErrorKind {
  const { code, words } = wordsIn(body)
  if (refusals.test(words)) return 'refused'
  if (status !== 429 && overflow.test(body)) return 'overflow'
  if (quota.test(body) && (body.includes('PerDay') || !body.includes('PerMinute'))) return 'quota'
  if (/tool_use_failed/.test(words)) return 'server'
  return kindOfStatus(status ?? code) ?? kindOfWords(words) ?? 'server'
}

const refusals = /content_filter|content_policy_violation|bio_policy/
const quota = /insufficient_quota|spend_limit_reached|billing_error|exceeded your current quota/i
const overflow = new RegExp(
  [
    'prompt is too long',
    'request_too_large',
    'context_length_exceeded',
    'exceeds? the context (window|length)',
    'max(imum)? context length',
    'input token count.*exceeds',
    'exceed_context_size',
    'reduce the length of the messages',
  ].join('|'),
  'i',
)

function kindOfStatus(status: number | undefined): ProviderErrorKind | undefined {
  if (status === undefined || status < 400) return undefined
  return statuses[status] ?? (status >= 500 ? 'server' : 'invalid_request')
}

const statuses: { readonly [status: number]: ProviderErrorKind } = {
  401: 'auth',
  402: 'quota',
  403: 'permission',
  404: 'not_found',
  408: 'timeout',
  409: 'server',
  413: 'overflow',
  429: 'rate_limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
}

function kindOfWords(words: string): ProviderErrorKind | undefined {
  return named.find(([pattern]) => pattern.test(words))?.[1]
}

const named: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/overloaded|unavailable/i, 'overloaded'],
  [/rate_limit|resource_exhausted/i, 'rate_limit'],
  [/authentication|invalid_api_key|unauthenticated/i, 'auth'],
  [/permission/i, 'permission'],
  [/not_found/i, 'not_found'],
  [/timeout|deadline/i, 'timeout'],
  [/invalid_|unsupported_/i, 'invalid_request'],
]

/** The vendor's names for the error, whatever shape the body has, and the number that some give. */
function wordsIn(body: string): { readonly words: string; readonly code: number | undefined } {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    // A page of a gateway has no names.
    return { words: '', code: undefined }
  }
  const outer = objectIn(Array.isArray(json) ? json[0] : json)
  const error = typeof outer['error'] === 'object' ? objectIn(outer['error']) : outer
  const details = listIn(error['details']).map((detail) => textIn(detail['reason']))
  const words = [error['type'], error['code'], error['status']].map(textIn)
  const code = error['code']
  return {
    words: [...words, ...details].join(' '),
    code: typeof code === 'number' ? code : undefined,
  }
}
