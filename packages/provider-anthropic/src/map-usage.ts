import { tokenCount, type Usage } from '@harnext/core/provider'
import type { WireUsage } from './anthropic-api.ts'

/** Merges the counts of an answer: they come in pieces, each the total so far. */
export function usageCounter(): {
  add(usage: WireUsage | null | undefined): void
  /** `null` when the vendor counted nothing. */
  total(): Usage | null
} {
  let merged: WireUsage | null = null
  return {
    add(usage) {
      if (!usage) return
      const said = Object.entries(usage).filter(([, value]) => value !== null)
      merged = { ...merged, ...Object.fromEntries(said) }
    },
    total: () => merged && totalOf(merged),
  }
}

function totalOf(usage: WireUsage): Usage {
  const { iterations } = usage
  const compactions = (Array.isArray(iterations) ? iterations : []).filter(
    (one: { type?: string } | null) => one?.type === 'compaction',
  ) as WireUsage[]
  const sum = (count: (usage: WireUsage) => number | null | undefined): number =>
    [usage, ...compactions].reduce((total, one) => total + tokenCount(count(one)), 0)
  return {
    inputTokens: sum((one) => one.input_tokens),
    outputTokens: sum((one) => one.output_tokens),
    cacheReadTokens: sum((one) => one.cache_read_input_tokens),
    cacheWriteTokens: sum((one) => one.cache_creation_input_tokens),
    reasoningTokens: sum((one) => one.output_tokens_details?.thinking_tokens),
    costUsd: null,
  }
}
