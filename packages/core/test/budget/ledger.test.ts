import { getEventListeners } from 'node:events'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLedger, type CallEstimate, type Hold, type Ledger } from '../../src/budget/ledger.ts'
import { worstCost } from '../../src/budget/price.ts'
import { BudgetExceeded } from '../../src/errors.ts'
import { zeroUsage } from '../../src/usage.ts'

const nothing = { usd: 0, tokens: 0, toolCalls: 0, durationMs: 0 }
const price = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1 }
const open = new AbortController().signal
const call = (inputTokens: number, maxOutputTokens = 1000): CallEstimate => ({
  inputTokens,
  maxOutputTokens,
  price,
})
const used = (inputTokens: number, outputTokens: number, costUsd: number | null = null) => ({
  ...zeroUsage,
  inputTokens,
  outputTokens,
  costUsd,
})

async function held(ledger: Ledger, estimate: CallEstimate, signal = open): Promise<Hold> {
  const hold = await ledger.reserve(estimate, signal)
  if ('refused' in hold) throw hold.refused
  return hold
}

/** Whether a promise is still open after everything that could settle it has run. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const other = Symbol('open')
  for (let ticks = 0; ticks < 20; ticks++) await Promise.resolve()
  return (await Promise.race([promise, Promise.resolve(other)])) === other
}

test('without limits everything fits as it was asked for', async () => {
  const ledger = createLedger({}, nothing, () => 0)
  const hold = await held(ledger, call(1e9, 64_000))
  expect(hold.maxOutputTokens).toBe(64_000)
  expect(await hold.settle(null)).toEqual([])
  expect(ledger.refuseCall()).toBeNull()
})

test('tokens: the answer gets what is left, down to 1,024; less is refused and says what was needed', async () => {
  const ledger = createLedger({ maxTokens: 10_000 }, nothing, () => 0)
  const first = await held(ledger, call(2000, 32_000))
  expect(first.maxOutputTokens).toBe(8000)
  await first.settle(used(2000, 1976))
  const second = await held(ledger, call(5000, 32_000))
  expect(second.maxOutputTokens).toBe(1024)
  await second.settle(used(5000, 23))
  const third = await ledger.reserve(call(1, 32_000), open)
  if (!('refused' in third)) throw new Error('it fits')
  expect(third.refused).toBeInstanceOf(BudgetExceeded)
  expect(third.refused.snapshot).toEqual({
    kind: 'tokens',
    used: 8999,
    limit: 10_000,
    needed: 1025,
  })
  expect(third.refused.message).toMatch(/8999 of 10000 tokens used.*1025/)
})

test('a call that asks for less than 1,024 needs only that', async () => {
  const ledger = createLedger({ maxTokens: 100 }, nothing, () => 0)
  expect((await held(ledger, call(40, 60))).maxOutputTokens).toBe(60)
  expect(
    'refused' in
      (await createLedger({ maxTokens: 99 }, nothing, () => 0).reserve(call(40, 60), open)),
  ).toBe(true)
})

test('cost: the worst case is held, what was used is settled, in dollars', async () => {
  const ledger = createLedger({ maxCostUsd: 1 }, nothing, () => 0)
  const hold = await held(ledger, call(500_000, 32_000))
  expect([hold.usd, hold.maxOutputTokens]).toEqual([0.82, 32_000])
  await hold.settle(used(500_000, 10, 0.9))
  const refusal = await ledger.reserve(call(100_000), open)
  expect('refused' in refusal && refusal.refused.snapshot).toEqual({
    kind: 'cost',
    used: 0.9,
    limit: 1,
    needed: 0.1 + 0.01,
  })
})

test('usage without a cost is priced where the price is known; an unpriced call costs nothing that could be counted', async () => {
  const ledger = createLedger({ maxCostUsd: 1 }, nothing, () => 0)
  await (await held(ledger, call(500_000))).settle(used(900_000, 0))
  expect('refused' in (await ledger.reserve(call(200_000), open))).toBe(true)
  const unpriced = await held(ledger, { ...call(900_000), price: null })
  expect(unpriced.usd).toBe(0)
  await unpriced.settle(used(900_000, 0))
  expect('refused' in (await ledger.reserve(call(80_000, 100), open))).toBe(false)
})

test('a call that nobody knows the usage of counts as what was held', async () => {
  const ledger = createLedger({ maxTokens: 3000 }, nothing, () => 0)
  await (await held(ledger, call(500, 1500))).settle(null)
  const refusal = await ledger.reserve(call(1), open)
  expect('refused' in refusal && refusal.refused.snapshot.used).toBe(2000)
})

test('settled twice counts once', async () => {
  const ledger = createLedger({ maxTokens: 10_000, warnAt: [0.1] }, nothing, () => 0)
  const hold = await held(ledger, call(1000))
  expect(await hold.settle(used(1000, 1000))).toHaveLength(1)
  expect(await hold.settle(null)).toEqual([])
  expect((await held(ledger, call(1000, 9999))).maxOutputTokens).toBe(7000)
})

test('a call that would fit if others settled waits for them, and only as long as it has to', async () => {
  const ledger = createLedger({ maxTokens: 10_000 }, nothing, () => 0)
  const first = await held(ledger, call(4000, 4000))
  const waiting = held(ledger, call(3000, 4000))
  expect(await isOpen(waiting)).toBe(true)
  await first.settle(used(1000, 10))
  expect((await waiting).maxOutputTokens).toBe(4000)
})

test('what can never fit is refused although others still hold', async () => {
  const ledger = createLedger({ maxTokens: 10_000 }, nothing, () => 0)
  await held(ledger, call(1000))
  expect('refused' in (await ledger.reserve(call(9500), open))).toBe(true)
})

test('one that waits is refused when what the others used leaves no room', async () => {
  const ledger = createLedger({ maxTokens: 10_000 }, nothing, () => 0)
  const first = await held(ledger, call(4000, 4000))
  const waiting = ledger.reserve(call(6000, 1000), open)
  expect(await isOpen(waiting)).toBe(true)
  await first.settle(null)
  expect('refused' in (await waiting)).toBe(true)
})

test('aborted while it waits: the reason is thrown, nothing is held, no listener is left', async () => {
  const ledger = createLedger({ maxTokens: 10_000 }, nothing, () => 0)
  const first = await held(ledger, call(4000, 4000))
  const aborter = new AbortController()
  const waiting = ledger.reserve(call(3000, 4000), aborter.signal)
  aborter.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(ledger.reserve(call(1, 1), aborter.signal)).rejects.toThrow('enough')
  expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0)
  await first.settle(used(0, 0))
  expect((await held(ledger, call(1000, 9000))).maxOutputTokens).toBe(9000)
})

test('1,000 calls that waited leave no listener on a long-lived signal', async () => {
  const ledger = createLedger({ maxTokens: 10 }, nothing, () => 0)
  let hold = await held(ledger, call(5, 5))
  for (let count = 0; count < 1000; count++) {
    const next = held(ledger, call(5, 5))
    expect(await isOpen(next)).toBe(true)
    await hold.settle(used(0, 0))
    hold = await next
  }
  expect(getEventListeners(open, 'abort')).toHaveLength(0)
})

test('a rest of a sum of fractions is not held for ever', async () => {
  const cheap = { input: 0.1, output: 0.1, cacheRead: 0, cacheWrite: 0 }
  const estimate = (tokens: number) => ({ inputTokens: tokens, maxOutputTokens: 0, price: cheap })
  const ledger = createLedger({ maxCostUsd: worstCost(3, 0, cheap) }, nothing, () => 0)
  const holds = [await held(ledger, estimate(1)), await held(ledger, estimate(2))]
  for (const hold of holds) await hold.settle(used(0, 0, 0))
  expect(await isOpen(held(ledger, estimate(3)))).toBe(false)
})

test('duration: refused when the time is up', async () => {
  let now = 1000
  const ledger = createLedger({ maxDurationMs: 500 }, nothing, () => now)
  const hold = await held(ledger, call(1))
  now = 1499
  await hold.settle(used(1, 1))
  expect('refused' in (await ledger.reserve(call(1), open))).toBe(false)
  now = 1500
  const refusal = await ledger.reserve(call(1), open)
  expect('refused' in refusal && refusal.refused.snapshot).toMatchObject({
    kind: 'duration',
    used: 500,
    limit: 500,
  })
})

test('tool calls: exactly as many as the limit run; a model call is refused only after one was', async () => {
  const ledger = createLedger({ maxToolCalls: 2 }, nothing, () => 0)
  expect([ledger.refuseCall(), ledger.refuseCall()]).toEqual([null, null])
  expect('refused' in (await ledger.reserve(call(1), open))).toBe(false)
  expect(ledger.refuseCall()).toMatch(/2 tool calls/)
  const refusal = await ledger.reserve(call(1), open)
  expect('refused' in refusal && refusal.refused.snapshot).toMatchObject({
    kind: 'tool_calls',
    used: 2,
    limit: 2,
  })
})

test('a threshold is told once, the highest of those that were crossed', async () => {
  const ledger = createLedger({ maxTokens: 10_000 }, nothing, () => 0)
  const settle = async (tokens: number) =>
    (await held(ledger, call(10, 10))).settle(used(tokens, 0))
  expect(await settle(4999)).toEqual([])
  expect(await settle(1)).toEqual([{ kind: 'tokens', used: 5000, limit: 10_000, fraction: 0.5 }])
  expect(await settle(100)).toEqual([])
  expect((await settle(4500)).map(({ fraction }) => fraction)).toEqual([0.96])
  expect(await settle(10)).toEqual([])
})

test('each kind is told of by itself, at thresholds of its own', async () => {
  let now = 0
  const options = {
    maxTokens: 100,
    maxCostUsd: 1,
    maxToolCalls: 10,
    maxDurationMs: 10,
    warnAt: [0.3],
  }
  const ledger = createLedger(options, nothing, () => now)
  const hold = await held(ledger, { ...call(1, 1), price: null })
  for (let count = 0; count < 3; count++) ledger.refuseCall()
  now = 3
  const notices = await hold.settle(used(30, 0, 0.3))
  expect(notices.map(({ kind }) => kind)).toEqual(['cost', 'tokens', 'duration', 'tool_calls'])
})

test('what an earlier process used counts, and is not told of again', async () => {
  const ledger = createLedger(
    { maxTokens: 10_000, maxToolCalls: 3 },
    { ...nothing, tokens: 8500, toolCalls: 3 },
    () => 0,
  )
  expect((await held(ledger, call(100, 9999))).maxOutputTokens).toBe(1400)
  expect(ledger.refuseCall()).toMatch(/3 tool calls/)
  const same = createLedger({ maxTokens: 10_000 }, { ...nothing, tokens: 8500 }, () => 0)
  expect(await (await held(same, call(10, 10))).settle(used(10, 10))).toEqual([])
})

test('what was used without a reservation counts', async () => {
  const ledger = createLedger({ maxTokens: 10_000 }, nothing, () => 0)
  ledger.spend(used(4000, 1000))
  expect((await held(ledger, call(1000, 9999))).maxOutputTokens).toBe(4000)
})

test('limits and thresholds that make no sense are ConfigErrors', () => {
  const make = (options: object) => () => createLedger(options, nothing, () => 0)
  expect(make({ maxTokens: 0 })).toThrow(/budget\.maxTokens must be a number above 0; got 0/)
  expect(make({ maxCostUsd: NaN })).toThrow(/budget\.maxCostUsd/)
  expect(make({ maxDurationMs: -1 })).toThrow(/budget\.maxDurationMs/)
  expect(make({ maxToolCalls: 'many' })).toThrow(/budget\.maxToolCalls.*many/)
  expect(make({ warnAt: [50] })).toThrow(/budget\.warnAt.*50/)
})

test('at any interleaving of children, what is spent and held never exceeds a limit, and every child comes to an end', async () => {
  const child = fc.record({
    input: fc.integer({ min: 1, max: 4000 }),
    output: fc.integer({ min: 1, max: 6000 }),
    usedInput: fc.double({ min: 0, max: 1, noNaN: true }),
    usedOutput: fc.double({ min: 0, max: 1, noNaN: true }),
    known: fc.boolean(),
    abort: fc.integer({ min: 0, max: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(child, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 2000, max: 20_000 }),
      fc.integer({ min: 10_000, max: 60_000 }),
      async (scheduler, children, maxTokens, microDollars) => {
        const maxCostUsd = microDollars / 1e6
        const ledger = createLedger({ maxTokens, maxCostUsd }, nothing, () => 0)
        const sum = { tokens: 0, usd: 0 }
        const run = async ({
          input,
          output,
          usedInput,
          usedOutput,
          known,
          abort,
        }: (typeof children)[number]) => {
          const aborter = new AbortController()
          if (abort === 0) void scheduler.schedule(Promise.resolve()).then(() => aborter.abort())
          await scheduler.schedule(Promise.resolve())
          const hold = await ledger.reserve(call(input, output), aborter.signal).catch(() => null)
          if (!hold || 'refused' in hold) return
          const tokens = input + hold.maxOutputTokens
          sum.tokens += tokens
          sum.usd += hold.usd
          expect(hold.maxOutputTokens).toBeGreaterThanOrEqual(Math.min(1024, output))
          expect(sum.tokens).toBeLessThanOrEqual(maxTokens)
          expect(sum.usd).toBeLessThanOrEqual(maxCostUsd + 1e-9)
          await scheduler.schedule(Promise.resolve())
          const usage = used(
            Math.floor(input * usedInput),
            Math.floor(hold.maxOutputTokens * usedOutput),
          )
          const costUsd = (usage.inputTokens + usage.outputTokens * 10) / 1e6
          if (known) {
            sum.tokens += usage.inputTokens + usage.outputTokens - tokens
            sum.usd += costUsd - hold.usd
          }
          await hold.settle(known ? { ...usage, costUsd } : null)
        }
        await scheduler.waitFor(Promise.all(children.map(run)))
      },
    ),
    { numRuns: 100, seed: 7 },
  )
})
