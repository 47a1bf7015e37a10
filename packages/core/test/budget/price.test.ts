import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { costOf, dearestOf, outputTokensFor, worstCost } from '../../src/budget/price.ts'
import { zeroUsage } from '../../src/usage.ts'

const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }

test('each kind of token has its price, for a million', () => {
  const usage = {
    ...zeroUsage,
    inputTokens: 1_000_000,
    outputTokens: 100_000,
    cacheReadTokens: 10_000,
    cacheWriteTokens: 1000,
    reasoningTokens: 99_999,
  }
  expect(costOf(usage, price)).toBeCloseTo(3 + 1.5 + 0.003 + 0.00375, 10)
})

test('an unknown price is unknown, not free', () => {
  expect(costOf({ ...zeroUsage, inputTokens: 5 }, null)).toBeNull()
})

test('the worst case is at least every way in which the tokens could be billed', () => {
  const tokens = fc.nat(1_000_000)
  const dollars = fc.double({ min: 0, max: 100, noNaN: true })
  fc.assert(
    fc.property(
      tokens,
      tokens,
      tokens,
      fc.record({ input: dollars, output: dollars, cacheWrite: dollars }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (inputTokens, cacheWriteTokens, outputTokens, dear, discount) => {
        const each = { ...dear, cacheRead: dear.input * discount }
        const cost = costOf({ ...zeroUsage, inputTokens, cacheWriteTokens, outputTokens }, each)
        expect(
          worstCost(inputTokens + cacheWriteTokens, outputTokens, each),
        ).toBeGreaterThanOrEqual((cost ?? NaN) - 1e-9)
      },
    ),
  )
})

test('what the rest pays for is the most that it pays for', () => {
  expect(outputTokensFor(3.75 + 0.015, 1_000_000, price)).toBe(1000)
  expect(outputTokensFor(1, 1_000_000, price)).toBeLessThan(0)
  expect(outputTokensFor(1, 10, { ...price, output: 0 })).toBe(Infinity)
  expect(outputTokensFor(0, 10, { ...price, output: 0 })).toBeLessThan(0)
})

const tiered = {
  ...price,
  tiers: [{ inputTokensAbove: 100_000, input: 6, output: 30, cacheRead: 0.6, cacheWrite: 7.5 }],
}

test('a call with more input than a tier says is billed by it from its first token, cached or not', () => {
  const usage = { ...zeroUsage, inputTokens: 60_000, cacheReadTokens: 40_000, outputTokens: 1000 }
  expect(costOf(usage, tiered)).toBeCloseTo(0.18 + 0.012 + 0.015, 10)
  expect(costOf({ ...usage, cacheWriteTokens: 1 }, tiered)).toBeCloseTo(
    2 * (0.18 + 0.012 + 0.015) + 7.5e-6,
    10,
  )
})

test('what is set aside covers the tier that the input may reach, and only that', () => {
  expect(worstCost(100_000, 0, tiered)).toBeCloseTo(0.375, 10)
  expect(worstCost(100_001, 0, tiered)).toBeCloseTo(0.7500075, 10)
  expect(outputTokensFor(0.375 + 0.015, 100_000, tiered)).toBe(1000)
  expect(outputTokensFor(0.375 + 0.015, 100_001, tiered)).toBeLessThan(0)
})

test('the dearest of several prices is exceeded by none of them, at no size of input', () => {
  const dollars = fc.double({ min: 0, max: 100, noNaN: true })
  const rates = fc.record({
    input: dollars,
    output: dollars,
    cacheRead: dollars,
    cacheWrite: dollars,
  })
  const tiers = fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 3 })
    .chain((steps) =>
      fc.tuple(
        ...steps
          .toSorted((a, b) => a - b)
          .map((inputTokensAbove) => rates.map((each) => ({ ...each, inputTokensAbove }))),
      ),
    )
  const prices = fc.array(
    fc.tuple(rates, tiers).map(([base, steps]) => ({ ...base, tiers: steps })),
    { minLength: 1, maxLength: 3 },
  )
  const count = fc.nat(1500)
  fc.assert(
    fc.property(prices, fc.tuple(count, count, count, count), (each, tokens) => {
      const [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens] = tokens
      const usage = { ...zeroUsage, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }
      const most = costOf(usage, dearestOf(each)) ?? NaN
      for (const one of each) expect(costOf(usage, one)).toBeLessThanOrEqual(most + 1e-12)
    }),
  )
  expect(dearestOf([])).toBeNull()
})
