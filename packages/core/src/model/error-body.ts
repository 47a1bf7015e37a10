import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** What the body of an error says, in whatever shape the vendor gave it. */
export interface ErrorBody {
  readonly message: string
  /** The vendor's names for the error, the most telling first. */
  readonly words: readonly string[]
  readonly status?: number
  readonly requestId?: string
  readonly retryDelayMs?: number
}

/** Reads `{error: {…}}`, `{error: "…"}`, `{message}`, an array of one of them, or plain text. */
export function readErrorBody(text: string): ErrorBody {
  const json = parse(text)
  const body = Array.isArray(json) ? json[0] : json
  if (!isJsonObject(body)) return { message: text.trim(), words: [] }
  const error = isJsonObject(body['error']) ? body['error'] : body
  const details = detailsOf(error)
  const code = error['code']
  const requestId = body['request_id']
  const retryDelayMs = retryDelay(details)
  return {
    message: messageIn(error, body) ?? text.trim(),
    words: wordsOf(error, details),
    ...(typeof code === 'number' && code >= 400 && code < 600 && { status: code }),
    ...(typeof requestId === 'string' && { requestId }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    // Plain text or HTML of a gateway: the caller shows it as it is.
    return undefined
  }
}

function messageIn(error: JsonObject, body: JsonObject): string | undefined {
  return [error['message'], body['error'], body['message']].find(
    (value) => typeof value === 'string',
  )
}

/** Anthropic has one object of details, Google a list of them. */
function detailsOf(error: JsonObject): readonly JsonObject[] {
  const details = error['details']
  return (Array.isArray(details) ? details : [details]).filter(isJsonObject)
}

function wordsOf(error: JsonObject, details: readonly JsonObject[]): string[] {
  const words: (Json | undefined)[] = [error['type'], error['code'], error['status']]
  for (const detail of details) {
    words.push(detail['error_code'], detail['reason'])
    const violations = detail['violations']
    if (Array.isArray(violations))
      for (const violation of violations)
        if (isJsonObject(violation)) words.push(violation['quotaId'])
  }
  return words.filter(
    (word) => typeof word === 'string' && word !== 'error' && word !== '',
  ) as string[]
}

/** Google's `RetryInfo`: `{"retryDelay": "34s"}`. */
function retryDelay(details: readonly JsonObject[]): number | undefined {
  for (const { retryDelay: delay } of details) {
    const seconds = typeof delay === 'string' ? Number.parseFloat(delay) : Number.NaN
    if (seconds > 0) return seconds * 1000
  }
  return undefined
}
