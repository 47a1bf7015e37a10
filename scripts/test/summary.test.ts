import { expect, it } from 'vitest'
import { addCounts, summaryLine } from '../summary.mjs'

it('sums up in the line that programs look for', () => {
  const counts = addCounts([
    { passed: 1, failed: 0, skipped: 0 },
    { passed: 40, failed: 2, skipped: 3 },
  ])
  expect(summaryLine(counts)).toBe('41 passed, 2 failed, 3 skipped')
  expect(summaryLine(addCounts([]))).toBe('0 passed, 0 failed, 0 skipped')
})
