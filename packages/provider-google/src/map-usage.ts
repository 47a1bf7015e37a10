import type { Usage } from '@harnext/core/provider'
import type { WireUsage } from './google-api.ts'

/** `null` when the vendor counted no prompt: some answers have nothing but a traffic type. */
export function mapUsage(usage: WireUsage): Usage | null {
  const { promptTokenCount, toolUsePromptTokenCount = 0, cachedContentTokenCount = 0 } = usage
  const { candidatesTokenCount = 0, thoughtsTokenCount = 0 } = usage
  if (promptTokenCount === undefined) return null
  return {
    // What was cached is a part of the prompt; what server tools put into it is not.
    inputTokens: Math.max(0, promptTokenCount + toolUsePromptTokenCount - cachedContentTokenCount),
    outputTokens: candidatesTokenCount + thoughtsTokenCount,
    cacheReadTokens: cachedContentTokenCount,
    cacheWriteTokens: 0,
    reasoningTokens: thoughtsTokenCount,
    costUsd: null,
  }
}
