import { tokenCount, type Usage } from '@harnext/core/provider'
import type { WireUsage } from './chat-api.ts'

/** Vendors count what the cache held inside of the prompt, and all but one what was thought inside of the completion. */
export function mapUsage(usage: WireUsage | null | undefined): Usage | null {
  if (!usage) return null
  const prompt = tokenCount(usage.prompt_tokens)
  const completion = tokenCount(usage.completion_tokens)
  const reasoning = tokenCount(usage.completion_tokens_details?.reasoning_tokens)
  const details = usage.prompt_tokens_details
  const cached = tokenCount(details?.cached_tokens ?? usage.prompt_cache_hit_tokens)
  // Some count what was read as written too.
  const cacheRead = Math.min(cached, prompt)
  const cacheWrite = Math.min(tokenCount(details?.cache_write_tokens), prompt - cacheRead)
  const isApart = usage.total_tokens === prompt + completion + reasoning
  return {
    inputTokens: prompt - cacheRead - cacheWrite,
    outputTokens: isApart ? completion + reasoning : completion,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: reasoning,
    costUsd: null,
  }
}
