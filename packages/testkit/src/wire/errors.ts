import type { JsonObject, ProviderErrorKind } from '@harnext/core/provider'

/** Kinds of errors that a vendor can have, with the status that it gives them. */
export type VendorErrorKind = Extract<
  ProviderErrorKind,
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'invalid_request'
  | 'overflow'
  | 'rate_limit'
  | 'quota'
  | 'server'
  | 'overloaded'
>

export interface VendorError {
  readonly status: number
  readonly body: JsonObject
}

/** `undefined` for a kind that the vendor does not have. */
export type VendorErrors = (kind: VendorErrorKind) => VendorError | undefined

type Table = { readonly [kind in VendorErrorKind]?: readonly [number, string, string] }

export function anthropicError(kind: VendorErrorKind): VendorError | undefined {
  return fromTable(anthropic, kind, (type, message) => ({
    type: 'error',
    error: {
      type,
      message,
      ...(kind === 'quota' && { details: { error_code: 'contract_spend_limit_reached' } }),
    },
    request_id: 'req_1',
  }))
}

const anthropic: Table = {
  auth: [401, 'authentication_error', 'invalid x-api-key'],
  permission: [403, 'permission_error', 'Your key may not use this resource'],
  not_found: [404, 'not_found_error', 'model: claude-nope'],
  invalid_request: [400, 'invalid_request_error', 'max_tokens: Field required'],
  overflow: [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
  rate_limit: [429, 'rate_limit_error', 'Number of requests has exceeded your rate limit'],
  quota: [429, 'rate_limit_error', 'You have reached your spend limit'],
  server: [500, 'api_error', 'Internal server error'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
}

export function openaiError(kind: VendorErrorKind): VendorError | undefined {
  return fromTable(openai, kind, (code, message) => ({
    error: { message, type: code, param: null, code },
  }))
}

const openai: Table = {
  auth: [401, 'invalid_api_key', 'Incorrect API key provided'],
  permission: [403, 'permission_denied', 'Country, region, or territory not supported'],
  not_found: [404, 'model_not_found', 'The model does not exist'],
  invalid_request: [400, 'invalid_request_error', 'Missing required parameter'],
  overflow: [400, 'context_length_exceeded', 'Your input exceeds the context window'],
  rate_limit: [429, 'rate_limit_exceeded', 'Rate limit reached for requests'],
  quota: [429, 'insufficient_quota', 'You exceeded your current quota'],
  server: [500, 'server_error', 'The server had an error'],
  overloaded: [503, 'server_is_overloaded', 'The engine is currently overloaded'],
}

export function googleError(kind: VendorErrorKind): VendorError | undefined {
  const entry = google[kind]
  return fromTable(google, kind, (status, message) => ({
    error: { code: entry?.[0] ?? 0, message, status },
  }))
}

const google: Table = {
  auth: [401, 'UNAUTHENTICATED', 'API key not valid'],
  permission: [403, 'PERMISSION_DENIED', 'Permission denied'],
  not_found: [404, 'NOT_FOUND', 'models/nope is not found'],
  invalid_request: [400, 'INVALID_ARGUMENT', 'Invalid value'],
  overflow: [400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum (8)'],
  rate_limit: [429, 'RESOURCE_EXHAUSTED', 'Resource exhausted, PerMinute'],
  quota: [429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota: RequestsPerDay'],
  server: [500, 'INTERNAL', 'Internal error'],
  overloaded: [503, 'UNAVAILABLE', 'The model is overloaded'],
}

export function ollamaError(kind: VendorErrorKind): VendorError | undefined {
  return fromTable(ollama, kind, (_word, message) => ({ error: message }))
}

const ollama: Table = {
  auth: [401, '', 'unauthorized'],
  not_found: [404, '', "model 'nope' not found"],
  invalid_request: [400, '', 'model does not support tools'],
  overflow: [400, '', 'the input length exceeds the context length'],
  rate_limit: [429, '', 'too many requests'],
  server: [500, '', 'model runner has unexpectedly stopped'],
  overloaded: [503, '', 'server busy, please try again.  maximum pending requests exceeded'],
}

function fromTable(
  table: Table,
  kind: VendorErrorKind,
  body: (word: string, message: string) => JsonObject,
): VendorError | undefined {
  const entry = table[kind]
  if (!entry) return undefined
  const [status, word, message] = entry
  return { status, body: body(word, message) }
}
