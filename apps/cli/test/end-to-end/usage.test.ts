import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace, startHarnext } from '../harnext-process.ts'
import { goOn, look, onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

// The process as a whole, once; the sentences themselves are tested with the functions that make them.
test('an unknown flag exits 2 and names the nearest one', async () => {
  const place = await makePlace()
  const run = await harnext(['--permision-mode', 'plan', 'go'], { place })
  expect(run).toEqual({
    code: 2,
    stdout: '',
    stderr: 'harnext: There is no option --permision-mode. Did you mean --permission-mode?\n',
  })
})

test('a missing key says what to set', async () => {
  const place = await makePlace()
  for (const key of ['', ' ']) {
    const run = await harnext(['-p', 'go'], {
      place,
      env: { ANTHROPIC_API_KEY: key, OLLAMA_HOST: 'http://127.0.0.1:9' },
    })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(
      /^harnext: No provider is set up: set one of ANTHROPIC_API_KEY, .*, or start Ollama\.$/m,
    )
  }
})

test.each([
  [['-p', ''], 'The task is empty. Say what is to be done.'],
  [['-p', ' \n'], 'The task is empty. Say what is to be done.'],
  [['-c', ''], 'The task is empty. Say what is to be done.'],
  [['-p'], 'There is no task: give it as an argument or on standard input.'],
  [['-p', 'go', '--cwd', 'nowhere'], '--cwd: <cwd>/nowhere does not exist.'],
  [['-p', 'go', '--cwd', 'file'], '--cwd: <cwd>/file is not a folder.'],
  [['-p', 'go', '-m', 'antropic/x'], 'There is no provider "antropic". Did you mean anthropic?'],
  [['-p', 'go', '-m', 'anthropic/'], 'A model is named provider/model; got "anthropic/".'],
  [
    ['-p', 'go', '--permission-mode', 'plann'],
    'There is no permission mode "plann"; did you mean plan? Modes are plan, manual (default), accept_edits (acceptEdits), auto and bypass (yolo, bypassPermissions).',
  ],
  [['-p', 'go', '--allow', 'bash('], '--allow: Rule 1, "bash(": its parenthesis is not closed.'],
  [
    ['-p', 'go', '--deny', 'read(x)', '--deny', 'a b'],
    '--deny: Rule 2, "a b": expected name or name(pattern).',
  ],
  [
    ['-p', 'go', '--max-cost', '1', '-m', 'anthropic/claude-unheard-of'],
    'No price is known for anthropic/claude-unheard-of, so --max-cost cannot be kept. Choose another model, or limit the turns with --max-turns.',
  ],
  [['-c'], 'There is no session of <cwd> to go on with.'],
  [['-c', 'go'], 'There is no session of <cwd> to go on with.'],
  [
    ['-r', 'sess_000000000000', 'go'],
    'There is no session sess_000000000000 in <home>/.harnext/sessions.',
  ],
  [
    ['sessions', 'show', 'sess_000000000000'],
    'There is no session sess_000000000000 in <home>/.harnext/sessions.',
  ],
  [['sessions', 'list', '--cwd', 'nowhere'], '--cwd: <cwd>/nowhere does not exist.'],
])('%j exits 2 with a sentence', async (args, sentence) => {
  const place = await makePlace()
  await writeFile(join(place.cwd, 'file'), '')
  const run = await look(args, place)
  const message = run.stderr.replaceAll(place.cwd, '<cwd>').replaceAll(place.home, '<home>')
  expect({ ...run, stderr: message }).toEqual({
    code: 2,
    stdout: '',
    stderr: `harnext: ${sentence}\n`,
  })
})

test.each(['/proc/nope', '/sys/nope', '<home>/file', '<home>/file/below', '<home>/closed'])(
  'the home %s, where no session can be kept, exits 2',
  async (shown) => {
    const place = await makePlace()
    await writeFile(join(place.home, 'file'), '')
    await mkdir(join(place.home, 'closed'), { mode: 0o500 })
    const home = shown.replace('<home>', place.home)
    // Root may write where nobody else may, and other systems have no such folders.
    const isOpen = process.getuid?.() === 0 && shown.endsWith('closed')
    if (isOpen || (process.platform !== 'linux' && shown.endsWith('nope')))
      return console.info(`${shown} can be written here: skipped.`)
    const run = await harnext(['-p', 'hi', '-m', 'demo/fix-the-test'], {
      place,
      env: { HARNEXT_HOME: home },
    })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toContain(`No session can be kept in ${home}/sessions: E`)
  },
)

test('an address that is none exits 2', async () => {
  const place = await makePlace()
  const run = await harnext(['-p', 'go'], { place, url: 'not an address' })
  expect(run).toMatchObject({ code: 2, stdout: '' })
  expect(run.stderr).toContain('must be an absolute URL; got "not an address".')
})

test('a run that is over is not gone on with, but its session is', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.'), says('Two.')])
  await harnext(['-p', 'one'], { place, url })
  const { id } = await onlySession(place)
  expect(await goOn({ place, url })).toEqual({
    code: 2,
    stdout: '',
    stderr: `harnext: Session ${id} has no run to go on with: the last one is over. Give a task to go on with the conversation.\n`,
  })
  expect(await goOn({ place, url }, 'two')).toMatchObject({ code: 0, stdout: 'Two.\n' })
})

test('of two processes on one session the second exits 2 and says who has it', async () => {
  const place = await makePlace()
  const { url, received } = await fixtureServer([
    { ...says('One.'), ending: 'hang', body: '' },
    says('Two.'),
  ])
  const first = startHarnext(['-p', 'one'], { place, url })
  await received(1)
  const { id } = await onlySession(place)
  const second = await goOn({ place, url }, 'two')
  expect(second).toMatchObject({ code: 2, stdout: '' })
  expect(second.stderr).toMatch(
    new RegExp(
      `^error: Session ${id} is in use by harnext \\(process ${first.pid}\\) since \\d{4}-.*\\n$`,
    ),
  )
  const json = await goOn({ place, url }, 'two', '--output-format', 'json')
  expect(json.code).toBe(2)
  expect(JSON.parse(json.stdout)).toMatchObject({
    stopReason: 'error',
    error: { code: 'session_locked' },
  })
  first.child.kill('SIGINT')
  await first.ended
  expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Two.\n' })
})

test('sessions are listed by folder, the newest first', async () => {
  const place = await makePlace()
  const other = join(place.home, 'other')
  await mkdir(other)
  const { url } = await fixtureServer([says('1'), says('2'), says('3')])
  await harnext(['-p', 'first task'], { place, url })
  await harnext(['-p', 'second task\nof two lines'], { place, url })
  await harnext(['-p', 'third task', '--cwd', other], { place, url })
  const titles = async (...args: string[]) => {
    const { stdout } = await look(['sessions', 'list', ...args], place)
    return stdout.split('\n').map((line) => line.split('  ').at(-1))
  }
  expect(await titles()).toEqual(['second task of two lines', 'first task', ''])
  expect(await titles('--cwd', other)).toEqual(['third task', ''])
  expect(await titles('--all')).toEqual([
    'third task',
    'second task of two lines',
    'first task',
    '',
  ])
  const json = await look(['sessions', 'list', '--output-format', 'json', '--all'], place)
  expect(JSON.parse(json.stdout)).toMatchObject([{ title: 'third task', cwd: other }, {}, {}])
  const none = await look(['sessions', 'list', '--cwd', place.home], place)
  expect(none).toEqual({ code: 0, stdout: '', stderr: `There are no sessions of ${place.home}.\n` })
})

test('whoever reads only the beginning of the output cancels the run, quietly', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.', bash('toolu_1', 'sleep 300')), says('Two.')])
  const run = startHarnext(['-p', 'go'], { place, url })
  run.child.stdout?.destroy()
  const { code, stderr } = await run.ended
  expect(code).toBe(130)
  expect(stderr.split('\n').filter((line) => !/^(session|>) /.test(line))).toEqual([''])
  expect((await onlySession(place)).state).toBe('open')
  expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Two.\n' })
})

test('a summary that cannot be written exits 2 before anything is paid for', async () => {
  const { url, requests } = await fixtureServer([says('never')])
  const place = await makePlace()
  const run = await harnext(['-p', 'go', '--summary', 'missing/folder/file'], { place, url })
  expect(run).toMatchObject({ code: 2, stdout: '' })
  expect(run.stderr).toContain('harnext: --summary needs a file that can be written: ENOENT')
  expect(requests).toHaveLength(0)
})
