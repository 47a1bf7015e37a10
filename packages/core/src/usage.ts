/**
 * Tokens of one model call or of a whole run. The five counts never overlap but for `reasoningTokens`, which is a part of
 * `outputTokens`: input without what the cache held, cache reads, cache writes, output.
 */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly reasoningTokens: number
  /** US dollars; `null` where no price is known, never 0 for that reason. An adapter leaves it `null`: core knows the price. */
  readonly costUsd: number | null
}

/** Usage of a run: `totalTokens` is input, output and both cache counts; reasoning is inside of output and counted once. */
export interface RunUsage extends Usage {
  readonly totalTokens: number
}

export const zeroUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
}

/** What a vendor says of a number of tokens, as a count; 0 for what is none. */
export function tokenCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

/** The sum; its cost is `null` as soon as one of the two is. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
  }
}

export function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
}
