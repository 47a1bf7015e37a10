import type { Price, Rates } from '../model/adapter.ts'
import type { Usage } from '../usage.ts'

const MILLION = 1_000_000

/** US dollars of one model call; `null` without a price. */
export function costOf(usage: Usage, price: Price | null): number | null {
  if (!price) return null
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage
  const rates = ratesOf(inputTokens + cacheReadTokens + cacheWriteTokens, price)
  return (
    (inputTokens * rates.input +
      outputTokens * rates.output +
      cacheReadTokens * rates.cacheRead +
      cacheWriteTokens * rates.cacheWrite) /
    MILLION
  )
}

/** What a call with so much input is billed at. */
function ratesOf(inputTokens: number, price: Price): Rates {
  return price.tiers?.findLast(({ inputTokensAbove }) => inputTokens > inputTokensAbove) ?? price
}

/** The dearest way in which a call with at most these tokens could be billed, in US dollars. */
export function worstCost(inputTokens: number, outputTokens: number, price: Price): number {
  return Math.max(
    ...reachable(inputTokens, price).map(
      (rates) =>
        (inputTokens * Math.max(rates.input, rates.cacheWrite) + outputTokens * rates.output) /
        MILLION,
    ),
  )
}

/** How many output tokens `usd` pays for after the input; negative when it does not even pay for that. */
export function outputTokensFor(usd: number, inputTokens: number, price: Price): number {
  return Math.min(
    ...reachable(inputTokens, price).map((rates) => {
      const rest = usd - (inputTokens * Math.max(rates.input, rates.cacheWrite)) / MILLION
      if (rates.output === 0) return rest >= 0 ? Infinity : -1
      return Math.floor((rest * MILLION) / rates.output)
    }),
  )
}

/** The rates that a call with at most so much input may be billed at. */
function reachable(inputTokens: number, price: Price): readonly Rates[] {
  const { tiers = [] } = price
  return [price, ...tiers.filter(({ inputTokensAbove }) => inputTokens > inputTokensAbove)]
}

/** A price that no call exceeds, whichever of the models answers it; `null` without any. */
export function dearestOf(prices: readonly Price[]): Price | null {
  const [first] = prices
  if (!first || prices.length === 1) return first ?? null
  const steps = new Set(
    prices.flatMap(({ tiers = [] }) => tiers.map(({ inputTokensAbove }) => inputTokensAbove)),
  )
  const tiers = [...steps]
    .toSorted((a, b) => a - b)
    .map((inputTokensAbove) => ({
      inputTokensAbove,
      ...highest(prices.map((price) => ratesOf(inputTokensAbove + 1, price))),
    }))
  return { ...highest(prices), ...(tiers.length > 0 && { tiers }) }
}

function highest(rates: readonly Rates[]): Rates {
  const most = (name: keyof Rates): number => Math.max(...rates.map((one) => one[name]))
  return {
    input: most('input'),
    output: most('output'),
    cacheRead: most('cacheRead'),
    cacheWrite: most('cacheWrite'),
  }
}
