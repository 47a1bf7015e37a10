import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider'
import type { ModelStopReason, Usage } from '@harnext/core/provider'

/** Whether calls were made is read from the content: vendors say it of some of their answers only. */
export function mapStopReason(
  { unified, raw }: LanguageModelV4FinishReason,
  hasCalls: boolean,
): ModelStopReason {
  if (raw === 'pause_turn') return 'pause'
  const reason = reasons[unified]
  if (hasCalls) return reason === 'stop' || reason === 'other' ? 'tool_calls' : reason
  return reason === 'tool_calls' ? 'stop' : reason
}

const reasons: { readonly [Reason in LanguageModelV4FinishReason['unified']]: ModelStopReason } = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'refused',
  'tool-calls': 'tool_calls',
  error: 'error',
  // The fold does not let it through: such an answer is cut.
  interrupted: 'error',
  other: 'other',
}

/** `null` when the provider did not say. What the cache held is not in `inputTokens`. */
export function mapUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage | null {
  const { total = 0, noCache, cacheRead = 0, cacheWrite = 0 } = inputTokens
  const { text = 0, reasoning = 0 } = outputTokens
  const counts = [inputTokens.total, noCache, outputTokens.total, outputTokens.text]
  if (counts.every((count) => count === undefined)) return null
  return {
    inputTokens: noCache ?? Math.max(0, total - cacheRead - cacheWrite),
    outputTokens: outputTokens.total ?? text + reasoning,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: reasoning,
    costUsd: null,
  }
}
