import { tokenCount, type Usage } from '@harnext/core/provider'
import type { WireUsage } from './google-api.ts'

/** `null` when the vendor counted no prompt: some answers have nothing but a traffic type. */
export function mapUsage(usage: WireUsage): Usage | null {
  if (usage.promptTokenCount === undefined) return null
  const cached = tokenCount(usage.cachedContentTokenCount)
  const thought = tokenCount(usage.thoughtsTokenCount)
  const prompt = tokenCount(usage.promptTokenCount) + tokenCount(usage.toolUsePromptTokenCount)
  return {
    // What was cached is a part of the prompt; what server tools put into it is not.
    inputTokens: Math.max(0, prompt - cached),
    outputTokens: tokenCount(usage.candidatesTokenCount) + thought,
    cacheReadTokens: cached,
    cacheWriteTokens: 0,
    reasoningTokens: thought,
    costUsd: null,
  }
}
