import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('../run.mjs', import.meta.url))
const run = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 60_000 })

it('exits 2 for an argument that it does not know, and says which there are', () => {
  const { status, stderr, stdout } = run('--slow')
  expect(status).toBe(2)
  expect(stderr).toMatch(/^Unknown option '--slow'\.\nOptions:\n {2}--only/)
  expect(stdout).toBe('')
})

it('says how it is called', () => {
  const { status, stdout } = run('--help')
  expect(status).toBe(0)
  expect(stdout).toContain('--quick')
})
