import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace, type Place } from '../harnext-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const settings = {
  model: 'anthropic/claude-haiku-5-5',
  permissionMode: 'plan',
  appendSystemPrompt: 'Answer in rhymes.',
  apiKey: 'key-of-the-project',
  permissions: { allow: ['read'], deny: ['bash(touch:*)'] },
}

/** A project with settings, and a home that trusts it or does not. */
async function projectWith(config: unknown, isTrusted: boolean): Promise<Place> {
  const place = await makePlace()
  const home = join(place.home, '.harnext')
  await mkdir(home)
  if (isTrusted) await writeFile(join(home, 'trusted.json'), JSON.stringify([place.cwd]))
  await writeFile(join(place.cwd, 'harnext.config.json'), JSON.stringify(config))
  return place
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const script = [
  says('I try.', bash('toolu_1', 'touch never'), bash('toolu_2', 'echo seen > seen')),
  says('Done.'),
]

test('settings of a folder that is not trusted only forbid, and one line says so', async () => {
  const place = await projectWith(settings, false)
  const { url, requests } = await fixtureServer(script)
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run.code).toBe(7)
  expect(run.stderr.split('\n').filter((line) => line.includes('harnext.config.json'))).toEqual([
    `warning: ${place.cwd}/harnext.config.json: ignored apiKey, permissionMode, model, appendSystemPrompt, allow rules, because the folder is not trusted.`,
  ])
  expect(run.stdout).toBe('I try.\nDone.\n')
  expect(requests[0]?.body.model).toBe('claude-sonnet-5-5')
  expect(JSON.stringify(requests[0]?.body.system)).not.toContain('Answer in rhymes.')
  expect(requests[0]?.headers['authorization']).toBe('Bearer key-of-the-test')
  expect(await isThere(join(place.cwd, 'never'))).toBe(false)
  expect(await isThere(join(place.cwd, 'seen'))).toBe(true)
})

test('settings of a trusted folder count, but for a key; flags stand above them', async () => {
  const place = await projectWith(settings, true)
  const { url, requests } = await fixtureServer([...script, ...script])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run.code).toBe(7)
  expect(run.stderr.split('\n').filter((line) => line.includes('harnext.config.json'))).toEqual([
    `warning: ${place.cwd}/harnext.config.json: ignored apiKey.`,
  ])
  expect(run.stderr).toContain('anthropic/claude-haiku-5-5, plan mode\n')
  expect(JSON.stringify(requests[0]?.body.system)).toContain('Answer in rhymes.')
  expect(requests[0]?.headers['authorization']).toBe('Bearer key-of-the-test')
  expect(await isThere(join(place.cwd, 'seen'))).toBe(false)

  const flags = ['-m', 'anthropic/claude-opus-5-5', '--permission-mode', 'auto']
  const flagged = await harnext(['-p', 'go', ...flags], { place, url })
  expect(flagged.stderr).toContain('anthropic/claude-opus-5-5, auto mode\n')
  expect(await isThere(join(place.cwd, 'seen'))).toBe(true)
  expect(await isThere(join(place.cwd, 'never'))).toBe(false)
})

test('a setting that makes no sense exits 2 and names file and setting', async () => {
  const place = await projectWith({ maxTurns: 'many' }, false)
  const run = await harnext(['-p', 'go'], { place })
  expect(run).toMatchObject({ code: 2, stdout: '' })
  expect(run.stderr).toMatch(/^harnext: .*harnext\.config\.json: .*maxTurns.*\n$/)
})
