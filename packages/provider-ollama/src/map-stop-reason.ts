import type { ModelStopReason } from '@harnext/core/provider'

/** Whether calls were made is read from the content: the vendor says `stop` there as well, and old servers say nothing. */
export function mapStopReason(raw: string | undefined, hasCalls: boolean): ModelStopReason {
  const reason = raw === undefined ? 'stop' : reasons[raw]
  if (hasCalls && (reason === undefined || reason === 'stop')) return 'tool_calls'
  return reason ?? 'other'
}

const reasons: { readonly [raw: string]: ModelStopReason } = {
  stop: 'stop',
  length: 'length',
  // A request without a word only loads the model.
  load: 'stop',
  unload: 'stop',
}
