import { existsSync } from 'node:fs'
import path from 'node:path'
import { ownCases, readCases } from './read-cases.ts'
import { runCase } from './run-case.ts'

/** `pnpm attacks [file] [part of an id …]`: exit code 1 when a case failed. */
const [first, ...rest] = process.argv.slice(2)
const given = first === undefined ? '' : path.resolve(process.env['INIT_CWD'] ?? '.', first)
const isFile = first !== undefined && (first.endsWith('.jsonl') || existsSync(given))
const file = isFile ? given : ownCases
const filters = isFile || first === undefined ? rest : [first, ...rest]
if (!existsSync(file)) {
  process.stderr.write(`There is no file ${file}.\n`)
  process.exit(2)
}
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
