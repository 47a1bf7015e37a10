import { readFileSync, writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace, startHarnext } from '../harnext-process.ts'
import { look } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

const edits = says('', bash('t1', 'echo two > a.txt; echo new > b.txt'))

test('the last run of the folder is undone, redone, listed, and refused after an edit', async () => {
  const place = await makePlace()
  const file = join(place.cwd, 'a.txt')
  writeFileSync(file, 'one\n')
  expect(await look(['undo'], place)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/nothing to undo/),
  })
  const { url } = await fixtureServer([edits, says('Done.')])
  await harnext(['-p', 'go'], { place, url })
  expect(readFileSync(file, 'utf8')).toBe('two\n')

  const dry = await look(['undo', '--dry-run'], place)
  expect(dry).toMatchObject({ code: 0, stderr: '' })
  expect(dry.stdout).toMatch(
    /^Would undo run_\w+ of session sess_\w+:\n {2}restored {2}a\.txt\n {2}removed {3}b\.txt\nCommands ran: /,
  )
  expect(readFileSync(file, 'utf8')).toBe('two\n')

  const done = await look(['undo'], place)
  expect(readFileSync(file, 'utf8')).toBe('one\n')
  expect(existsSync(join(place.cwd, 'b.txt'))).toBe(false)
  const [, undo = ''] = /harnext undo (undo_\w+) takes this back\.\n$/.exec(done.stdout) ?? []
  expect(await look(['undo'], place)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is undone already/),
  })
  const redone = await look(['undo', undo, '--output-format', 'json'], place)
  expect(JSON.parse(redone.stdout)).toMatchObject({
    run: undo,
    restored: [file, join(place.cwd, 'b.txt')],
  })
  const { stdout: list } = await look(['undo', '--list'], place)
  expect(list.split('\n').map((line) => line.split('  ').at(-1))).toEqual([
    expect.stringMatching(/^Session sess_/),
    '2 paths',
    expect.stringMatching(/^2 paths, undid run_\w+, undone$/),
    expect.stringMatching(/^2 paths, undid undo_\w+$/),
    '',
  ])

  writeFileSync(file, 'mine\n')
  const refused = await look(['undo'], place)
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toMatch(
    /^harnext: run_\w+ is not undone, .*\n.*a\.txt was changed since\nharnext undo --skip-edited leaves .*\n$/,
  )
  expect(readFileSync(file, 'utf8')).toBe('mine\n')
})

test('what a killed process had changed is undone, also in the middle of a command', async () => {
  const place = await makePlace()
  const file = join(place.cwd, 'a.txt')
  writeFileSync(file, 'one\n')
  const { url } = await fixtureServer([
    says(
      '',
      bash('t1', 'echo $$ > ../home/pid; echo two > a.txt; echo changed >> /dev/stderr; sleep 100'),
    ),
  ])
  const run = startHarnext(
    [
      '-p',
      'go',
      '--permission-mode',
      'bypass',
      '--output-format',
      'stream-json',
      '--include-partial-messages',
    ],
    { place, url },
  )
  await vi.waitUntil(() => readFileSync(file, 'utf8') === 'two\n', 30_000)
  run.child.kill('SIGKILL')
  await run.ended
  process.kill(Number(readFileSync(join(place.home, 'pid'), 'utf8')), 'SIGKILL')
  expect(await look(['undo'], place)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/restored {2}a\.txt/),
  })
  expect(readFileSync(file, 'utf8')).toBe('one\n')
})
