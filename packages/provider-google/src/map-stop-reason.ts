import type { ModelStopReason } from '@harnext/core/provider'

/** Whether calls were made is read from the content: the vendor says `STOP` there as well. */
export function mapStopReason(raw: string | undefined, hasCalls: boolean): ModelStopReason {
  const reason = raw === undefined ? undefined : reasons[raw]
  // What is wrong with a call is told to the model, which then makes a better one.
  if (hasCalls && (reason === undefined || reason === 'stop' || reason === 'error'))
    return 'tool_calls'
  return reason ?? 'other'
}

const reasons: { readonly [raw: string]: ModelStopReason } = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'pause',
  SAFETY: 'refused',
  RECITATION: 'refused',
  LANGUAGE: 'refused',
  BLOCKLIST: 'refused',
  PROHIBITED_CONTENT: 'refused',
  SPII: 'refused',
  IMAGE_SAFETY: 'refused',
  IMAGE_PROHIBITED_CONTENT: 'refused',
  IMAGE_RECITATION: 'refused',
  IMAGE_OTHER: 'refused',
  MODEL_ARMOR: 'refused',
  JAILBREAK: 'refused',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  OTHER: 'error',
}
