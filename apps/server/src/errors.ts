import { HarnextError, type ErrorRecord } from '@harnext/core'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What an answer that is an error holds. */
export interface ErrorBody {
  readonly error: Pick<ErrorRecord, 'name' | 'code' | 'message'>
}

/** The status that each code is sent with; any other code is a 500. */
const statuses = {
  config: 400,
  invalid_request: 400,
  unauthorized: 401,
  host_not_allowed: 403,
  origin_not_allowed: 403,
  not_found: 404,
  no_open_request: 404,
  session_not_found: 404,
  no_run: 409,
  run_under_way: 409,
  session_locked: 409,
  usage: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  stopping: 503,
} as const

/** An error of the server's own. */
export function refuse(code: keyof typeof statuses, message: string): HarnextError {
  return new HarnextError(message, { code })
}

export function statusOf(error: HarnextError): ContentfulStatusCode {
  return Object.hasOwn(statuses, error.code) ? statuses[error.code as keyof typeof statuses] : 500
}

export function bodyOf({ name, code, message }: HarnextError): ErrorBody {
  return { error: { name, code, message } }
}
