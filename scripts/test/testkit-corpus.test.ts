import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const shared =
  process.env['HARNEXT_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const corpus = `${shared}/fixtures/recorded`
const isThere = existsSync(corpus)
if (!isThere)
  console.warn(`No recorded traffic in ${shared}: set HARNEXT_SHARED. Its tests are skipped.`)

it.skipIf(!isThere)(
  'every recorded answer of a model is read by the adapter of its vendor',
  async () => {
    const command = fileURLToPath(
      new URL('../../node_modules/.bin/harnext-testkit', import.meta.url),
    )
    const { stdout } = await promisify(execFile)(command, ['corpus', corpus], { cwd: root })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toBe('230 passed, 0 failed, 11 skipped')
    for (const line of lines.slice(0, -1))
      expect(line).toMatch(/^skipped: \S+: no answer of a model/)
  },
  120_000,
)
