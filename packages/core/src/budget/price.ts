import type { Price } from '../model/adapter.ts'
import type { Usage } from '../usage.ts'

const MILLION = 1_000_000

/** US dollars; `null` without a price. */
export function costOf(usage: Usage, price: Price | null): number | null {
  if (!price) return null
  return (
    (usage.inputTokens * price.input +
      usage.outputTokens * price.output +
      usage.cacheReadTokens * price.cacheRead +
      usage.cacheWriteTokens * price.cacheWrite) /
    MILLION
  )
}

/** The dearest way in which these tokens could be billed, in US dollars. */
export function worstCost(inputTokens: number, outputTokens: number, price: Price): number {
  return (
    (inputTokens * Math.max(price.input, price.cacheWrite) + outputTokens * price.output) / MILLION
  )
}

/** How many output tokens `usd` pays for after the input; negative when it does not even pay for that. */
export function outputTokensFor(usd: number, inputTokens: number, price: Price): number {
  const rest = usd - worstCost(inputTokens, 0, price)
  if (price.output === 0) return rest >= 0 ? Infinity : -1
  return Math.floor((rest * MILLION) / price.output)
}
