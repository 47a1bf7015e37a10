import { join } from 'node:path'
import { toRecord, userMessage, type ProcessIdentity, type RunEvent } from '@harnext/core'
import { jsonlStore, localWorkspace } from '@harnext/core/node'
import { expect, onTestFinished, test } from 'vitest'
import { fixtureServer, outcomeIn, says } from '../fixture-server.ts'
import { makePlace, type Place } from '../harnext-process.ts'
import { goOn } from '../inspect.ts'
import { processesWith, uniqueSleep, until } from '../processes.ts'

/** A process that leads a group, as those of tools do. */
async function startSleeper(place: Place, seconds: string): Promise<ProcessIdentity> {
  const aborter = new AbortController()
  const started = Promise.withResolvers<ProcessIdentity>()
  const ended = localWorkspace({ roots: [place.cwd] }).spawn(
    { program: 'sleep', args: [seconds] },
    {
      signal: aborter.signal,
      onOutput: () => {},
      onStart: async (process) => started.resolve(process),
    },
  )
  onTestFinished(async () => {
    aborter.abort()
    await ended
  })
  return started.promise
}

/** A session whose process died in the middle of a call, as its log would say it. */
async function makeInterrupted(place: Place, process: ProcessIdentity): Promise<void> {
  const store = jsonlStore({ home: join(place.home, '.harnext') })
  const id = 'sess_0123456789ab'
  const createdAt = new Date().toISOString()
  await store.create({ type: 'session', version: 1, id, cwd: place.cwd, createdAt })
  const model = { provider: 'anthropic', model: 'claude-sonnet-5-5' }
  const args = { command: `sleep 1` }
  const call = { id: 'toolu_1', tool: 'bash', args }
  const events: RunEvent[] = [
    {
      type: 'run_start',
      sessionId: id,
      runId: 'run_0123456789ab',
      ...model,
      systemHash: '',
      toolsHash: '',
    },
    { type: 'message', message: userMessage('go') },
    { type: 'turn_start', turn: 1 },
    {
      type: 'message',
      message: {
        role: 'assistant',
        content: [{ type: 'tool_call', ...call }],
        ...model,
        api: 'anthropic.messages',
        stopReason: 'tool_calls',
      },
    },
    {
      type: 'tool_start',
      ...call,
      effects: [{ kind: 'execute', target: args.command }],
      idempotencyKey: `${id}/1/toolu_1`,
    },
    { type: 'process', id: 'toolu_1', ...process },
  ]
  const lease = await store.lease(id, 'test')
  const records = events.map((event, index) =>
    toRecord(event as Parameters<typeof toRecord>[0], index + 1, Date.now()),
  )
  await store.append(id, records, { expectedSeq: 0, fence: lease.fence })
  await lease.release()
}

test.each([
  ['the recorded one is ended', true],
  ['one that merely has the same id is left alone', false],
])('of a process with the id on record, %s', { timeout: 60_000 }, async (_, isSame) => {
  const place = await makePlace()
  const seconds = uniqueSleep()
  const { pid, startedAt } = await startSleeper(place, seconds)
  await until(() => processesWith(`sleep ${seconds}`).length > 0, 'it sleeps')
  // The last number is the moment of its start, or the year of it.
  const earlier = startedAt.replace(/\d+(?=\D*$)/, (number) => String(Number(number) - 1))
  await makeInterrupted(place, { pid, startedAt: isSame ? startedAt : earlier })
  const { url, requests } = await fixtureServer([says('Done.')])
  const run = await goOn({ place, url })
  expect(run).toMatchObject({ code: 0, stdout: 'Done.\n' })
  expect(outcomeIn(requests[0]!, 'toolu_1')?.text).toContain('The outcome is unknown')
  expect(processesWith(`sleep ${seconds}`)).toEqual(isSame ? [] : [pid])
})
