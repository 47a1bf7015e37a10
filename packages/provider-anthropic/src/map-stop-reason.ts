import type { ModelStopReason } from '@harnext/core/provider'

/** Whether calls were made is read from the content: the vendor's word says it only for some of its models and gateways. */
export function mapStopReason(raw: string | undefined, hasCalls: boolean): ModelStopReason {
  const reason = raw === undefined ? undefined : reasons[raw]
  if (hasCalls && (reason === undefined || reason === 'stop')) return 'tool_calls'
  return reason ?? 'other'
}

const reasons: { readonly [raw: string]: ModelStopReason } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refused',
  pause_turn: 'pause',
}
