import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { costOf, outputTokensFor, worstCost } from '../../src/budget/price.ts'
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
