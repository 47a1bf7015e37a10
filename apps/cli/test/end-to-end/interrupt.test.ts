import { readFileSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bash, begin, fixtureServer, outcomeIn, says, textBlock } from '../fixture-server.ts'
import { makePlace, startHarnext, type Place } from '../harnext-process.ts'
import { goOn, onlySession } from '../inspect.ts'
import { processesWith, uniqueSleep, until } from '../processes.ts'

vi.setConfig({ testTimeout: 60_000 })

/** A shell with a child in the background and one in the foreground. */
const sleepers = (seconds: string): string => `sh -c 'sleep ${seconds} & sleep ${seconds}'`
const asleep = (seconds: string) => (): boolean => processesWith(`sleep ${seconds}`).length >= 2

function isOnRecord({ home }: Place, text: string): boolean {
  const folder = join(home, '.harnext', 'sessions')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const logs = names.filter((name) => name.endsWith('.jsonl'))
  return logs.some((name) => readFileSync(join(folder, name), 'utf8').includes(text))
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s during a tool ends the run and every process, and the session goes on',
  async (signal) => {
    const place = await makePlace()
    const seconds = uniqueSleep()
    const { url, requests } = await fixtureServer([
      says('I wait.', bash('toolu_1', sleepers(seconds)), bash('toolu_2', 'echo beside it')),
      says('Done.'),
    ])
    const run = startHarnext(['-p', 'go'], { place, url })
    await until(asleep(seconds), 'the tool runs')
    await until(() => isOnRecord(place, 'beside it\\n'), 'the one beside it is over')
    run.child.kill(signal)
    const { code, stdout, stderr } = await run.ended
    expect({ code, stdout }).toEqual({ code: 130, stdout: 'I wait.\n' })
    expect(processesWith(seconds)).toEqual([])
    const session = await onlySession(place)
    expect(stderr).toContain(
      signal === 'SIGINT' ? '\nCancelling. Ctrl-C again leaves at once.\n' : '\nCancelling.\n',
    )
    expect(stderr).toMatch(
      new RegExp(`^cancelled after 1 turn, .*\nGo on: harnext -r ${session.id}\n$`, 'm'),
    )
    expect(session).toMatchObject({ state: 'open', stopReason: 'cancelled' })
    expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Done.\n' })
    expect(outcomeIn(requests[1]!, 'toolu_1')).toMatchObject({
      isError: true,
      text: expect.stringContaining('ancelled'),
    })
    expect(outcomeIn(requests[1]!, 'toolu_2')).toMatchObject({
      isError: false,
      text: expect.stringContaining('beside it'),
    })
  },
)

test('SIGINT during the model call', async () => {
  const place = await makePlace()
  const { url, requests } = await fixtureServer([
    { body: [begin(), textBlock(0, 'I th')], ending: 'hang' },
    says('I think.'),
  ])
  const run = startHarnext(['-p', 'go'], { place, url })
  await run.says('I th')
  run.child.kill('SIGINT')
  expect(await run.ended).toMatchObject({ code: 130, stdout: 'I th\n' })
  expect(await onlySession(place)).toMatchObject({ state: 'open', stopReason: 'cancelled' })
  expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'I think.\n' })
  expect(requests[1]?.body.messages).toEqual(requests[0]?.body.messages)
})

test('a second SIGINT leaves at once, and takes the processes along', async () => {
  const place = await makePlace()
  const seconds = uniqueSleep()
  // It does not end when it is asked to.
  const command = `trap '' TERM; sleep ${seconds} & while :; do sleep ${seconds}; done`
  const { url } = await fixtureServer([says('I wait.', bash('toolu_1', command)), says('Done.')])
  const run = startHarnext(['-p', 'go'], { place, url })
  await until(asleep(seconds), 'the tool runs')
  const press = (): boolean => run.child.kill('SIGINT')
  await until(() => !press() || run.child.exitCode !== null, 'it has left')
  expect(await run.ended).toMatchObject({ code: 130 })
  await until(() => processesWith(seconds).length === 0, 'its processes have ended')
  expect((await onlySession(place)).state).toBe('open')
  expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Done.\n' })
})

test('SIGKILL in the middle of a call: the run ends as it would have, and nothing is done twice', async () => {
  const place = await makePlace()
  const seconds = uniqueSleep()
  const { url, requests } = await fixtureServer([
    says('First.', bash('toolu_1', 'echo once >> count.txt')),
    says(
      'Then I wait.',
      bash('toolu_2', 'echo twice >> count.txt'),
      bash('toolu_3', sleepers(seconds)),
    ),
    says('Done.'),
  ])
  const run = startHarnext(['-p', 'go'], { place, url })
  await until(asleep(seconds), 'the tool runs')
  await run.says('ok bash echo twice')
  run.child.kill('SIGKILL')
  expect(await run.ended).toMatchObject({ code: null })
  expect(processesWith(seconds).length).toBeGreaterThanOrEqual(2)
  const killed = await onlySession(place)
  expect(killed.state).toBe('open')
  expect(killed.text).toContain('no outcome yet')
  expect(killed.text).toContain('open: the run has no end on record')

  const next = await goOn({ place, url })
  expect(next).toMatchObject({ code: 0, stdout: 'Done.\n' })
  expect(next.stderr).toMatch(/^session sess_\w+, .*, going on$/m)
  expect(next.stderr).toMatch(/^3 turns, 3,150 tokens, /m)
  expect(processesWith(seconds)).toEqual([])
  expect(await readFile(join(place.cwd, 'count.txt'), 'utf8')).toBe('once\ntwice\n')
  expect(requests).toHaveLength(3)
  expect(outcomeIn(requests[2]!, 'toolu_2')).toMatchObject({ isError: false })
  expect(outcomeIn(requests[2]!, 'toolu_3')).toMatchObject({
    isError: true,
    text: expect.stringMatching(/died before its outcome was recorded\. The outcome is unknown/),
  })
  expect(await onlySession(place)).toMatchObject({ state: 'complete', stopReason: 'complete' })
})

test('SIGKILL, then a new task: the interrupted call is settled first', async () => {
  const place = await makePlace()
  const seconds = uniqueSleep()
  const { url, requests } = await fixtureServer([
    says('I wait.', bash('toolu_1', sleepers(seconds))),
    says('Something else.'),
  ])
  const run = startHarnext(['-p', 'go'], { place, url })
  await until(asleep(seconds), 'the tool runs')
  run.child.kill('SIGKILL')
  await run.ended
  expect(await goOn({ place, url }, 'do something else')).toMatchObject({
    code: 0,
    stdout: 'Something else.\n',
  })
  expect(processesWith(seconds)).toEqual([])
  expect(outcomeIn(requests[1]!, 'toolu_1')?.text).toContain('The outcome is unknown')
})
