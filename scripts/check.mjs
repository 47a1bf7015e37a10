import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { prepare } from './bootstrap.mjs'
import { environment } from './environment.mjs'
import { sharedChecks } from './shared-checks.mjs'
import { handOver, say, step, StepError } from './step.mjs'
import { addCounts, summaryLine } from './summary.mjs'

/** @typedef {import('./summary.mjs').Counts} Counts */

/** What reads the repository and runs nothing of it; longest first. */
const checks = [
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  // All packages at once: their sources are read once, and not again for each.
  ['types', 'tsc', '-p', 'tsconfig.check.json'],
  ['types of scripts', 'tsc', '-p', 'scripts'],
  ['types of the measurements', 'tsc', '-p', 'bench'],
  ['core without Node', 'tsc', '-p', 'packages/core/tsconfig.web.json'],
  ['unused code', 'knip'],
  ['size of one turn', 'node', 'scripts/one-turn.mjs'],
  ['boundaries', 'turbo', 'boundaries'],
  ['format', 'oxfmt', '--check'],
]

/**
 * Everything that must be green before a change is good: the build, the checks two at a time, then
 * the tests with the machine to themselves. It runs all of it whatever fails, and ends with the
 * line `N passed, N failed, N skipped`, where each check counts as one.
 * @returns {Promise<number>} exit code
 */
export async function check() {
  const started = performance.now()
  say('Checking …')
  const built = await attempt(() => prepare('packages'))
  const checked = await atOnce(2, checks.map(checkToRun))
  const tested = await tests()
  say(`${((performance.now() - started) / 1000).toFixed(1)} s`)
  return finish([built, ...checked, tested])
}

/**
 * What needs the folder beside the repository; `.ci/run` runs it after `check`.
 * @returns {Promise<number>} exit code
 */
export async function checkShared() {
  if (environment().env['HARNEXT_SHARED']) {
    return finish(await atOnce(1, sharedChecks.map(checkToRun)))
  }
  const skipped = sharedChecks.map(([label]) => label)
  say(`There is no folder ../shared; skipped: ${skipped.join(', ') || 'nothing'}`)
  return finish([{ passed: 0, failed: 0, skipped: skipped.length }])
}

/** Leaves the counts for `.ci/run` and ends the output with the line that sums them up. */
function finish(/** @type {Counts[]} */ results) {
  const counts = addCounts(results)
  const file = process.env['HARNEXT_COUNTS']
  if (file) appendFileSync(file, `${counts.passed} ${counts.failed} ${counts.skipped}\n`)
  process.stdout.write(`${summaryLine(counts)}\n`)
  return counts.failed === 0 ? 0 : 1
}

function checkToRun(/** @type {string[]} */ [label = '', command = '', ...args]) {
  return () => attempt(() => step(label, command, args, { lastLines: 200 }))
}

/** @returns {Promise<Counts>} */
async function attempt(/** @type {() => Promise<void>} */ work) {
  try {
    await work()
    return { passed: 1, failed: 0, skipped: 0 }
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    say(error.message)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/**
 * @param {number} workers
 * @param {(() => Promise<Counts>)[]} works
 */
async function atOnce(workers, works) {
  const waiting = works.values()
  /** @type {Counts[]} */
  const results = []
  const worker = async () => {
    for (const work of waiting) results.push(await work())
  }
  await Promise.all(Array.from({ length: workers }, worker))
  return results
}

/** All tests of all packages in one vitest; its output is progress, its report is counted. */
async function tests() {
  const folder = mkdtempSync(path.join(tmpdir(), 'harnext-tests-'))
  const report = path.join(folder, 'report.json')
  try {
    const code = await handOver(
      'vitest',
      ['run', '--reporter=default', '--reporter=./scripts/test-reporter.mjs'],
      {
        env: { ...environment().env, HARNEXT_TEST_REPORT: report, HARNEXT_BUILT: '1' },
        stdio: ['ignore', 2, 2],
      },
    )
    const { skipped, ...counts } = readReport(report)
    for (const { name, reason } of skipped) say(`skipped: ${name}${reason ? ` (${reason})` : ''}`)
    // A run that broke outside of a test still broke.
    const failed = code === 0 ? counts.failed : Math.max(1, counts.failed)
    return { passed: counts.passed, failed, skipped: skipped.length }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns {import('./test-reporter.mjs').Report} */
function readReport(/** @type {string} */ file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: [] }
  }
}
