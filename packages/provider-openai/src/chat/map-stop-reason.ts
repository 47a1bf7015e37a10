import type { ModelStopReason } from '@harnext/core/provider'

export interface AnswerFacts {
  readonly hasCalls: boolean
  /** The model said no, in words. */
  readonly isRefused: boolean
}

/** Whether calls were made is read from the content: a call that was forced ends with `stop`, and servers differ. */
export function mapStopReason(raw: string | undefined, facts: AnswerFacts): ModelStopReason {
  const reason = raw === undefined ? undefined : reasons[raw]
  if (facts.hasCalls && (reason === undefined || reason === 'stop')) return 'tool_calls'
  return facts.isRefused && reason === 'stop' ? 'refused' : (reason ?? 'other')
}

const reasons: { readonly [raw: string]: ModelStopReason } = {
  stop: 'stop',
  eos: 'stop',
  length: 'length',
  model_length: 'length',
  content_filter: 'refused',
  error: 'error',
  insufficient_system_resource: 'error',
}
