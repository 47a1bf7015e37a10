import { ownCases, readCases } from './read-cases.ts'
import { runCase } from './run-case.ts'

/** `pnpm attacks [file] [part of an id …]`: exit code 1 when a case failed. */
const [file = ownCases, ...filters] = process.argv.slice(2)
const counts = { passed: 0, failed: 0, skipped: 0 }
for (const attack of await readCases(file)) {
  if (filters.length && !filters.some((filter) => attack.id.includes(filter))) continue
  const { state, why } = await runCase(attack)
  counts[state]++
  if (why !== undefined)
    process.stdout.write(`${state === 'failed' ? '✗' : '-'} ${attack.id} ${attack.title}: ${why}\n`)
}
process.stdout.write(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
)
process.exitCode = counts.failed > 0 ? 1 : 0
