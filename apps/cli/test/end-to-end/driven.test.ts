import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bash, fixtureServer, outcomeIn, says, userText } from '../fixture-server.ts'
import { environmentOf, ownProgram, harnext, makePlace, type Place } from '../harnext-process.ts'
import { onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

const flags = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json']

interface Line {
  readonly type: string
  readonly subtype?: string
  readonly request_id?: string
  readonly request?: { readonly tool_name: string; readonly input: object }
  readonly response?: object
  readonly result?: string
  readonly total_cost_usd?: number | null
  readonly permission_denials?: readonly object[]
}

/** A client of the real program: it writes lines, and waits for lines. */
function startClient(place: Place, url: string, ...more: readonly string[]) {
  const [program = '', ...first] = ownProgram
  const child = spawn(program, [...first, ...flags, ...more], {
    cwd: place.cwd,
    env: environmentOf({ place, url }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stderr })),
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    ended,
    write: (value: unknown) =>
      child.stdin.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`),
    end: () => child.stdin.end(),
    /** The next line of a type; what comes before it is not looked at. */
    async next(type: string): Promise<Line> {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error(`Standard output ended without ${type}: ${stderr}`)
        const line = JSON.parse(value) as Line
        if (line.type === type) return line
      }
    },
  }
}

const user = (content: unknown) => ({ type: 'user', message: { role: 'user', content } })
const answer = (id: string | undefined, response: object) => ({
  type: 'control_response',
  response: { subtype: 'success', request_id: id, response },
})

test('a client is asked, answers, steers, and goes on in the same session', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([
    says('I ask.', bash('toolu_1', 'X=1 echo first'), bash('toolu_2', 'X=1 echo second')),
    says('Steered.'),
    says('Again.'),
  ])
  const client = startClient(place, url, '--permission-mode', 'manual')
  client.write({ type: 'control_request', request_id: 'r1', request: { subtype: 'initialize' } })
  expect((await client.next('control_response')).response).toMatchObject({ subtype: 'success' })
  client.write(user('go'))
  const first = await client.next('control_request')
  expect(first.request).toMatchObject({ tool_name: 'bash', input: { command: 'X=1 echo first' } })
  client.write(user([{ type: 'text', text: 'and hurry' }]))
  client.write(
    answer(first.request_id, { behavior: 'allow', updatedInput: { command: 'X=1 echo 1st' } }),
  )
  const second = await client.next('control_request')
  client.write(answer(second.request_id, { behavior: 'deny', message: 'not that one' }))
  expect(await client.next('result')).toMatchObject({
    subtype: 'success',
    result: 'Steered.',
    permission_denials: [{ tool_use_id: 'toolu_2' }],
  })
  expect(outcomeIn(requests[1]!, 'toolu_1')?.text).toContain('1st')
  expect(outcomeIn(requests[1]!, 'toolu_2')?.text).toContain('not that one')
  expect(userText(requests[1]!)).toContain('and hurry')

  client.write('{"type":')
  client.write(user('once more'))
  expect(await client.next('result')).toMatchObject({ result: 'Again.' })
  client.end()
  const { code, stderr } = await client.ended
  expect(code).toBe(0)
  expect(stderr).toMatch(/^standard input, line 6: The line is no JSON that can be read: /m)
  expect(userText(requests[2]!)).toContain('once more')
  expect(userText(requests[2]!)).toContain('and hurry')
  expect((await onlySession(place)).state).toBe('complete')
})

test('a client that has gone denies what is open; what it said before is done', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([
    says('I ask.', bash('toolu_1', 'X=1 echo first')),
    says('Denied.'),
  ])
  const client = startClient(place, url, '--permission-mode', 'manual')
  client.write(user('go'))
  await client.next('control_request')
  client.end()
  expect(await client.next('result')).toMatchObject({ result: 'Denied.' })
  expect(await client.ended).toMatchObject({ code: 7 })
  expect(outcomeIn(requests[1]!, 'toolu_1')?.text).toContain('standard input has ended')
})

test('a client interrupts a run, and another one begins', async () => {
  const place = await makePlace()
  const { url, received } = await fixtureServer([
    { ...says('Never.'), body: '', ending: 'hang' },
    says('Next.'),
  ])
  const client = startClient(place, url, 'begin with the argument')
  await received(1)
  client.write({ type: 'control_request', request_id: 'r1', request: { subtype: 'interrupt' } })
  client.write({ type: 'control_request', request_id: 'r2', request: { subtype: 'set_model' } })
  expect((await client.next('control_response')).response).toMatchObject({ request_id: 'r1' })
  expect((await client.next('control_response')).response).toMatchObject({ subtype: 'error' })
  expect(await client.next('result')).toMatchObject({ subtype: 'error_during_execution' })
  client.write(user('next'))
  expect(await client.next('result')).toMatchObject({ result: 'Next.' })
  client.end()
  expect(await client.ended).toMatchObject({ code: 0 })
})

test('without a message there is no task', async () => {
  const place = await makePlace()
  const run = await harnext(flags, { place, input: '\n' })
  expect(run).toMatchObject({ code: 2, stdout: '' })
  expect(run.stderr).toBe('harnext: There is no task: standard input held no user message.\n')
})

test('/compact shortens the session that is driven, with an eye on what is said, and never steers', async () => {
  const place = await makePlace()
  const long = 'word '.repeat(6000)
  const { url, requests } = await fixtureServer([
    says(long),
    says('Waiting.', bash('toolu_1', 'X=1 echo a')),
    says(long),
    says('The summary.'),
    says('Gone on.'),
  ])
  const client = startClient(place, url, '--permission-mode', 'manual')
  client.write(user('/compact too early'))
  expect(await client.next('result')).toMatchObject({
    subtype: 'error_during_execution',
    errors: ['/compact shortens a session: nothing has been said yet.'],
  })
  client.write(user('Begin'))
  expect(await client.next('result')).toMatchObject({ result: long })
  client.write(user('Go on'))
  const { request_id } = await client.next('control_request')
  client.write(user('/compact the gaps'))
  client.write(answer(request_id, { behavior: 'allow' }))
  expect(await client.next('result')).toMatchObject({ result: long })
  expect(await client.next('system')).toMatchObject({
    subtype: 'compact_boundary',
    compact_metadata: { trigger: 'manual' },
  })
  const compacted = await client.next('result')
  expect(compacted).toMatchObject({
    subtype: 'success',
    result: expect.stringMatching(/^Shortened session sess_/),
    usage: { input_tokens: 1000, output_tokens: 50 },
  })
  expect(compacted.total_cost_usd).toBeGreaterThan(0)
  client.write(user('And now?'))
  client.end()
  expect(await client.next('result')).toMatchObject({ result: 'Gone on.' })
  expect(await client.ended).toMatchObject({ code: 0 })
  expect(JSON.stringify(requests[2]?.body)).not.toContain('the gaps')
  expect(JSON.stringify(requests[3]?.body)).toContain('above all to: the gaps')
  expect(JSON.stringify(requests[4]?.body.messages)).toContain('The summary.')
})
