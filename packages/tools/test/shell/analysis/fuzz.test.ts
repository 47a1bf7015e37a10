import { expect, test } from 'vitest'
import { checkLines } from './check-lines.ts'
import { checkReads } from './check-reads.ts'
import { confinementProblem } from './confined.ts'

const problem = confinementProblem()
if (problem !== null) console.warn(`Skipped: the run of allowed lines; ${problem}.`)

test('generated lines: nothing throws, and what two parsers read differently is not allowed', async () => {
  const report = await checkLines({ count: 1500, seed: 1, run: 0 })
  expect(report.disputed).toEqual([])
  // A sample in which everything is asked about would say nothing.
  expect(report.allowed).toBeGreaterThan(75)
}, 120_000)

test.skipIf(problem !== null)(
  'allowed lines do what was decided, and no more',
  async () => {
    const report = await checkLines({ count: 1500, seed: 2, run: 25 })
    expect(report.exceeded).toEqual([])
    expect(report.ran).toBe(25)
  },
  120_000,
)

test.skipIf(problem !== null)(
  'what needs no leave changes nothing, and shows no secret',
  async () => {
    expect(await checkReads({ seed: 1, run: 100 })).toEqual([])
  },
  120_000,
)
