import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace } from '../harnext-process.ts'

vi.setConfig({ testTimeout: 60_000 })

test('explain names the tier, the rule and the reason, and runs nothing', async () => {
  const place = await makePlace()
  await mkdir(join(place.cwd, '.harnext'))
  await writeFile(
    join(place.cwd, '.harnext', 'policy.yaml'),
    'rules:\n  - tool: write\n    decision: deny\n    when: { path_matches: "*.lock" }\n    description: made by tools\n',
  )
  const explain = async (...args: readonly string[]) =>
    (await harnext(['policy', 'explain', ...args], { place })).stdout
  const command = await explain('npm test && mkdir build')
  expect(command).toMatch(/^bash npm test && mkdir build: ask\n {2}tier {4}mode\n/)
  expect(command).toContain('bash(npm test), edit(./build)')
  expect(command).toMatch(/ask +write .*\/build \[mode\]/)
  expect(await explain('bash(npm test)', '--allow', 'bash(npm:*)')).toMatch(
    /: allow\n {2}tier {4}rule\n {2}rule {4}bash\(npm:\*\)\n/,
  )
  expect(await explain('write(a.lock)', '--permission-mode', 'bypass')).toMatch(
    /: deny\n {2}tier {4}policy\n {2}rule {4}.*a?lock/,
  )
  const planned = await explain('bash(cat a)', '--permission-mode', 'plan')
  expect(planned).toContain('the call of bash is denied: plan mode runs no commands')
  expect(planned).not.toMatch(/^ {2}rule/m)
  expect(await explain('read(./.env)')).toContain('keys, tokens or passwords')
  const json = await explain('read(a)', '--output-format', 'json')
  expect(JSON.parse(json)).toMatchObject({ tool: 'read', verdict: { decision: 'allow' } })
  const wrong = await harnext(['policy', 'explian', 'x'], { place })
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean explain?') })
})

test('simulate says of all calls of past sessions what would become of them', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([
    says('Two.', bash('toolu_1', 'X=1 echo a'), bash('toolu_2', 'echo b')),
    says('Done.'),
  ])
  await harnext(['-p', 'go', '--permission-mode', 'auto'], { place, url })
  const simulate = async (...args: readonly string[]) =>
    (await harnext(['policy', 'simulate', ...args], { place })).stdout
  expect(await simulate('--permission-mode', 'manual')).toMatch(
    /^ask bash X=1 echo a\n.*\n2 calls of 1 sessions: 1 allowed, 1 asked about, 0 denied\n$/s,
  )
  expect(await simulate('--permission-mode', 'plan')).toContain(
    '0 allowed, 0 asked about, 2 denied',
  )
  expect(await simulate('--deny', 'bash(echo b)', '--permission-mode', 'auto')).toContain(
    '1 allowed, 0 asked about, 1 denied',
  )
})
