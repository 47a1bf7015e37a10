import { tokenCount, type Usage } from '@harnext/core/provider'
import type { WireUsage } from './responses-api.ts'

/** The vendor counts what the cache held, and what it keeps, inside of the input. */
export function mapUsage(usage: WireUsage | null | undefined): Usage | null {
  if (!usage) return null
  const input = tokenCount(usage.input_tokens)
  const cacheRead = Math.min(tokenCount(usage.input_tokens_details?.cached_tokens), input)
  const written = tokenCount(usage.input_tokens_details?.cache_write_tokens)
  const cacheWrite = Math.min(written, input - cacheRead)
  return {
    inputTokens: input - cacheRead - cacheWrite,
    outputTokens: tokenCount(usage.output_tokens),
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: tokenCount(usage.output_tokens_details?.reasoning_tokens),
    costUsd: null,
  }
}
