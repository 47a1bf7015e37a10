import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { bash, fixtureServer, outcomeIn, says, userText, type Step } from '../fixture-server.ts'
import { recorded } from '../fixtures/recorded.ts'
import { harnext, makePlace, type Place } from '../harnext-process.ts'
import { goOn, look, onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

async function placeWithFile(): Promise<Place> {
  const place = await makePlace()
  await writeFile(join(place.cwd, 'greet.mjs'), "console.log('Helo')\n")
  return place
}

/** Read, edit, run, answer. */
const task: readonly Step[] = await Promise.all(
  ['read', 'edit', 'bash', 'answer'].map((name) => recorded(name)),
)

test('reads, edits and runs in a real folder, shows the session, and goes on with it', async () => {
  const place = await placeWithFile()
  const { url, requests } = await fixtureServer([...task, says('It greets the world.')])
  const run = await harnext(['-p', 'Mend the greeting'], { place, url })
  expect(run).toMatchObject({
    code: 0,
    stdout: 'I read the file.\nThere is a typo.\nNow I run it.\nThe greeting is mended.\n',
  })
  expect(await readFile(join(place.cwd, 'greet.mjs'), 'utf8')).toBe("console.log('Hello')\n")
  expect(requests.map(({ headers }) => headers['authorization'])).toEqual(
    Array.from(requests, () => 'Bearer key-of-the-test'),
  )
  expect(requests[0]?.body.model).toBe('claude-sonnet-5-5')
  expect(requests.at(-1) && outcomeIn(requests.at(-1)!, 'toolu_3')).toMatchObject({
    isError: false,
  })
  expect(requests.at(-1) && outcomeIn(requests.at(-1)!, 'toolu_3')?.text).toContain('Hello')
  const lines = run.stderr.split('\n')
  expect(lines[0]).toMatch(/^session sess_[0-9a-f]{12}, anthropic\/claude-sonnet-5-5, auto mode$/)
  expect(lines.slice(1, -2).map((line) => line.replace(/\(.*\)/, '(time)'))).toEqual([
    '> read greet.mjs',
    '  ok read greet.mjs (time)',
    '> edit greet.mjs',
    '  ok edit greet.mjs (time)',
    '> bash node greet.mjs',
    '  ok bash node greet.mjs (time)',
  ])
  expect(lines.at(-2)).toMatch(
    /^4 turns, 4,200 tokens, \$0\.0100, session sess_\w+; changed: greet\.mjs$/,
  )

  const session = await onlySession(place)
  expect(session).toMatchObject({ state: 'complete', stopReason: 'complete', cwd: place.cwd })
  expect(session.text).toContain('you\nMend the greeting\n')
  expect(session.text).toContain('> bash node greet.mjs\n  ok\n')
  expect(session.text).toContain('complete; 4,200 tokens, $0.0100')

  const next = await goOn({ place, url }, 'Whom does it greet?')
  expect(next).toMatchObject({ code: 0, stdout: 'It greets the world.\n' })
  expect(userText(requests.at(-1)!)).toContain('Mend the greeting')
  expect(userText(requests.at(-1)!)).toContain('Whom does it greet?')
  expect((await onlySession(place)).state).toBe('complete')
})

const bundle = fileURLToPath(new URL('../../bin/harnext.cjs', import.meta.url))
const isBuilt = await stat(new URL('../../dist/harnext.js', import.meta.url)).then(
  () => true,
  () => false,
)

test('the bundle does the same', async ({ skip }) => {
  skip(!isBuilt, 'apps/cli is not built')
  const place = await placeWithFile()
  const { url } = await fixtureServer(task)
  const program = [process.execPath, bundle]
  const env = { NODE_COMPILE_CACHE: join(place.home, 'cache') }
  const run = await harnext(['Mend the greeting'], { place, url, program, env })
  expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/mended\.\n$/) })
  expect(await readFile(join(place.cwd, 'greet.mjs'), 'utf8')).toBe("console.log('Hello')\n")
  const version = await harnext(['--version'], { place, program, env })
  const manifest = new URL('../../package.json', import.meta.url)
  const { version: expected } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string }
  expect(version).toEqual({ code: 0, stdout: `${expected}\n`, stderr: '' })
  expect(await look(['--version'], place)).toEqual(version)
})

test('with --output-format json standard output is one object', async () => {
  const place = await placeWithFile()
  const { url } = await fixtureServer(task)
  const run = await harnext(['-p', 'Mend the greeting', '--output-format', 'json'], { place, url })
  expect(run.code).toBe(0)
  expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(run.stdout)).toMatchObject({
    text: 'The greeting is mended.',
    stopReason: 'complete',
    success: true,
    turns: 4,
    toolCalls: 3,
    filesChanged: ['greet.mjs'],
    usage: { inputTokens: 4000, outputTokens: 200, totalTokens: 4200, costUsd: 0.01 },
    steps: [{ tool: 'read' }, { tool: 'edit' }, { tool: 'bash', status: 'ok' }],
  })
  expect(run.stderr).toContain('> bash node greet.mjs')
})

test('what is piped in is the task, or comes behind it', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([says('One.'), says('Two.')])
  expect(await harnext(['-p'], { place, url, input: 'count to one\n' })).toMatchObject({ code: 0 })
  expect(userText(requests[0]!)).toBe('count to one')
  const both = await harnext(['-p', 'count these:'], { place, url, input: 'a\nb\n' })
  expect(both).toMatchObject({ code: 0, stdout: 'Two.\n' })
  expect(userText(requests[1]!)).toBe('count these:\n\na\nb')
})

test('flags reach the model: model, system prompt, and what comes behind it', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([says('One.'), says('Two.'), says('Three.')])
  const flags = ['-m', 'anthropic/claude-haiku-5-5', '--system-prompt', 'You count.']
  await harnext(['-p', ...flags, '--append-system-prompt', 'Slowly.', 'go'], { place, url })
  expect(requests[0]?.body.model).toBe('claude-haiku-5-5')
  const system = requests[0]?.body.system?.map(({ text }) => text).join('')
  expect(system).toMatch(/^You count\.[^]*Slowly\.$/)
  expect(system).toContain(`Working directory: ${place.cwd}`)
  // A session keeps its model and its prompt, unless told otherwise.
  await goOn({ place, url }, 'on')
  expect(requests[1]?.body).toMatchObject({ model: 'claude-haiku-5-5' })
  expect(requests[1]?.body.system?.map(({ text }) => text).join('')).toBe(system)
  await goOn({ place, url }, '-m', 'claude-opus-5-5', 'on')
  expect(requests[2]?.body.model).toBe('claude-opus-5-5')
})

test('a session is gone on with in its own folder, wherever the person is', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([
    says('Hello.'),
    says('I look.', bash('toolu_1', 'pwd')),
    says('Done.'),
  ])
  await harnext(['-p', 'hello'], { place, url })
  const { id } = await onlySession(place)
  const elsewhere = { ...place, cwd: place.home }
  const run = await harnext(['-p', '-r', id, 'Where are you?'], { place: elsewhere, url })
  expect(run).toMatchObject({ code: 0, stdout: 'I look.\nDone.\n' })
  expect(run.stderr).toContain(`auto mode, in ${place.cwd}\n`)
  expect(outcomeIn(requests.at(-1)!, 'toolu_1')?.text).toContain(place.cwd)
})

test('colour is only for terminals, and for who forces it', async () => {
  const place = await makePlace()
  const { url } = await fixtureServer([says('One.'), says('\u001B[2JTwo.')])
  const plain = await harnext(['-p', 'one'], { place, url })
  expect(plain.stderr).not.toContain('\u001B')
  const forced = await harnext(['-p', 'two'], { place, url, env: { FORCE_COLOR: '1' } })
  expect(forced.stderr).toContain('\u001B[2msession ')
  // What the model says drives no terminal all the same.
  expect(forced.stdout).toBe('␛[2JTwo.\n')
})
