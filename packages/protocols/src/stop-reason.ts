import type { ModelStopReason } from '@harnext/core'

/** In the words of Anthropic's Messages API, which stream-json and content blocks use. The vendor's own word counts where it is one. */
export function toMessagesStopReason(reason: ModelStopReason, raw?: string): string {
  return raw !== undefined && messagesWords.has(raw) ? raw : messagesReasons[reason]
}

const messagesReasons: { readonly [Reason in ModelStopReason]: string } = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  refused: 'refusal',
  pause: 'pause_turn',
  error: 'error',
  cancelled: 'cancelled',
  other: 'other',
}

const messagesWords: ReadonlySet<string> = new Set([
  'end_turn',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'refusal',
  'pause_turn',
])

/** In the words of the AI SDK. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other'

export const finishReasons: { readonly [Reason in ModelStopReason]: FinishReason } = {
  stop: 'stop',
  tool_calls: 'tool-calls',
  length: 'length',
  refused: 'content-filter',
  pause: 'other',
  error: 'error',
  cancelled: 'other',
  other: 'other',
}
