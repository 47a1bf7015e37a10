import type { ModelStopReason } from '@harnext/core/provider'

export interface AnswerFacts {
  readonly hasCalls: boolean
  /** The model said no, in words. */
  readonly isRefused: boolean
}

/** `raw` is why the answer is incomplete, else its status, which does not tell whether calls were made. */
export function mapStopReason(raw: string | undefined, facts: AnswerFacts): ModelStopReason {
  const reason = raw === undefined ? undefined : reasons[raw]
  if (facts.hasCalls && (reason === undefined || reason === 'stop')) return 'tool_calls'
  return facts.isRefused && reason === 'stop' ? 'refused' : (reason ?? 'other')
}

const reasons: { readonly [raw: string]: ModelStopReason } = {
  completed: 'stop',
  max_output_tokens: 'length',
  content_filter: 'refused',
}
