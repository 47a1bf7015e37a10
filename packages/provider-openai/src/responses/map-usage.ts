import type { Usage } from '@harnext/core/provider'
import type { WireUsage } from './responses-api.ts'

/** The vendor counts what the cache held, and what it keeps, inside of the input. */
export function mapUsage(usage: WireUsage | null | undefined): Usage | null {
  if (!usage) return null
  const { input_tokens: input = 0, output_tokens: output = 0 } = usage
  const cacheRead = Math.min(usage.input_tokens_details?.cached_tokens ?? 0, input)
  const written = usage.input_tokens_details?.cache_write_tokens ?? 0
  const cacheWrite = Math.min(written, input - cacheRead)
  return {
    inputTokens: input - cacheRead - cacheWrite,
    outputTokens: output,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
    costUsd: null,
  }
}
