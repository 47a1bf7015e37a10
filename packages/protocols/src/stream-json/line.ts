import type { Json } from '@harnext/core'
import type { StreamJsonControlResponse, StreamJsonMessage } from './message.ts'

/**
 * One line with its line feed. U+2028 and U+2029 are escaped: JSON allows them, and many readers split lines at them.
 */
export function toStreamJsonLine(message: StreamJsonMessage): string {
  const json = JSON.stringify(message)
  return `${json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`
}

/** Says that a `control_request` of the client was carried out. Every one of them must be answered: the client waits. */
export function controlSuccess(
  requestId: string,
  response?: { readonly [key: string]: Json },
): StreamJsonControlResponse {
  return {
    type: 'control_response',
    response: { subtype: 'success', request_id: requestId, ...(response && { response }) },
  }
}

/** Says why a `control_request` of the client was not carried out. */
export function controlError(requestId: string, error: string): StreamJsonControlResponse {
  return { type: 'control_response', response: { subtype: 'error', request_id: requestId, error } }
}
