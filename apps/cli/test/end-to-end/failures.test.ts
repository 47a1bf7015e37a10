import { expect, test, vi } from 'vitest'
import {
  bash,
  begin,
  callBlock,
  errorEvent,
  failure,
  fixtureServer,
  says,
  textBlock,
  userText,
  type Answer,
} from '../fixture-server.ts'
import { harnext, makePlace } from '../harnext-process.ts'
import { goOn, onlySession } from '../inspect.ts'

vi.setConfig({ testTimeout: 60_000 })

const unauthorized = failure(401, 'authentication_error', 'invalid x-api-key')
const half = [begin(), textBlock(0, 'This is ha')]

test.each<[string, Answer, string, RegExp]>([
  [
    'a key that the vendor rejects',
    unauthorized,
    '',
    /^error: Anthropic answered 401 authentication_error: invalid x-api-key.* Check ANTHROPIC_API_KEY\.$/m,
  ],
  [
    'a stream that is cut',
    { body: half, ending: 'cut' },
    'This is ha\n',
    /^error: The connection to Anthropic failed: /m,
  ],
  [
    'a stream that ends too early',
    { body: half },
    'This is ha\n',
    /^error: The stream of Anthropic ended before its message_stop event\.$/m,
  ],
  [
    'a call that is cut',
    { body: [begin(), callBlock(0, bash('toolu_1', 'touch never')).slice(0, -60)], ending: 'cut' },
    '',
    /^error: The connection to Anthropic failed: /m,
  ],
  [
    'an overload in the middle of an answer',
    { body: [...half, errorEvent('overloaded_error', 'Overloaded')] },
    'This is ha\n',
    /^error: Anthropic answered overloaded_error: Overloaded$/m,
  ],
  [
    'what is no stream at all',
    { headers: { 'content-type': 'text/html' }, body: '<h1>It works!</h1>' },
    '',
    /^error: Anthropic sent what is neither a stream nor a message: <h1>It works!/m,
  ],
])('%s exits 1 with a sentence, and the run goes on', async (_, answer, stdout, sentence) => {
  const place = await makePlace()
  const { url } = await fixtureServer([answer, says('Done.')])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run).toMatchObject({ code: 1, stdout })
  expect(run.stderr).toMatch(sentence)
  const session = await onlySession(place)
  expect(run.stderr).toMatch(
    new RegExp(
      `^error after 1 turn, .*session ${session.id}\nGo on: harnext -r ${session.id}\n$`,
      'm',
    ),
  )
  expect(session).toMatchObject({ state: 'open', stopReason: 'error' })
  expect(session.messages).toHaveLength(1)
  expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Done.\n' })
  expect(await onlySession(place)).toMatchObject({ state: 'complete' })
})

test('a limit of calls is waited for as long as the vendor says', async () => {
  const place = await makePlace()
  const limit = failure(429, 'rate_limit_error', 'Too many requests', { 'retry-after': '1' })
  const { url, requests } = await fixtureServer([limit, says('Done.')])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run).toMatchObject({ code: 0, stdout: 'Done.\n' })
  expect(run.stderr).toContain(
    '\nretry 1 in 1.0 s: Anthropic answered 429 rate_limit_error: Too many requests\n',
  )
  expect(requests).toHaveLength(2)
  expect((await onlySession(place)).state).toBe('complete')
  const { url: later } = await fixtureServer([says('More.')])
  expect(await goOn({ place, url: later }, 'more')).toMatchObject({ code: 0, stdout: 'More.\n' })
})

test('a limit that lasts too long is not waited for', async () => {
  const place = await makePlace()
  const limit = failure(429, 'rate_limit_error', 'Too many requests', { 'retry-after': '3600' })
  const { url, requests } = await fixtureServer([limit, says('Done.')])
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run).toMatchObject({ code: 1, stdout: '' })
  expect(requests).toHaveLength(1)
  expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Done.\n' })
  expect(userText(requests[1]!)).toBe('go')
})

test('nobody there exits 1 and says so', async () => {
  const place = await makePlace()
  const { url, close } = await fixtureServer([])
  close()
  const run = await harnext(['-p', 'go'], { place, url })
  expect(run).toMatchObject({ code: 1, stdout: '' })
  expect(run.stderr.match(/^retry \d in /gm)).toHaveLength(3)
  expect(run.stderr).toMatch(/^error: The connection to Anthropic failed: .*ECONNREFUSED/m)
  const { url: later } = await fixtureServer([says('Done.')])
  expect(await goOn({ place, url: later })).toMatchObject({ code: 0, stdout: 'Done.\n' })
})
