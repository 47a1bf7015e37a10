import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace, type Place } from '../harnext-process.ts'
import { goOn, look, onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

async function logOf(place: Place): Promise<string> {
  const root = join(place.home, '.harnext', 'sessions')
  const names = await readdir(root, { recursive: true })
  const name = names.find((path) => path.endsWith('.jsonl'))
  if (name === undefined) throw new Error(`There is no log in ${root}.`)
  return join(root, name)
}

test('a log with a torn end shows, and goes on with a warning that says where the end is now', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.'), says('Two.')])
  await harnext(['-p', 'go'], { place, url })
  await appendFile(await logOf(place), '{"seq":99,"ty')
  const { id } = await onlySession(place)
  const shown = await look(['sessions', 'show', id], place)
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('One.') })
  expect(shown.stderr).toBe(
    'The last 13 bytes of its log are an interrupted write and are not shown.\n',
  )
  const run = await goOn({ place, url }, 'on')
  expect(run).toMatchObject({ code: 0, stdout: 'Two.\n' })
  expect(run.stderr).toMatch(
    /^warning: The end of the session's log had been cut off .* moved to .*\.torn-\d+\.$/m,
  )
})

test('a log that is damaged in its middle shows what lies before, exits 1, and takes no more', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.')])
  await harnext(['-p', 'go'], { place, url })
  const log = await logOf(place)
  const lines = (await readFile(log, 'utf8')).split('\n')
  const answer = lines.findIndex((line) => line.includes('"assistant"'))
  lines[answer] = lines[answer]!.replace('One.', 'Ten.')
  await writeFile(log, lines.join('\n'))
  const [{ id }] = JSON.parse(
    (await look(['sessions', 'list', '--output-format', 'json'], place)).stdout,
  )
  const shown = await look(['sessions', 'show', id], place)
  expect(shown).toMatchObject({ code: 1, stdout: expect.stringContaining('you\ngo\n') })
  expect(shown.stdout).not.toContain('Ten.')
  expect(shown.stderr).toMatch(
    new RegExp(
      `^Session ${id} is damaged at byte \\d+: .* Only what lies before it is shown\\.\n$`,
    ),
  )
  const json = await look(['sessions', 'show', id, '--output-format', 'json'], place)
  expect(JSON.parse(json.stdout)).toMatchObject({
    state: 'open',
    damaged: { code: 'session_corrupt' },
  })
  const run = await goOn({ place, url }, 'on')
  expect(run).toMatchObject({ code: 2, stdout: '' })
  expect(run.stderr).toMatch(/is damaged at byte \d+/)
})
