import { expect, test } from 'vitest'
import {
  Agent,
  HarnextError,
  loadSession,
  memoryStore,
  textOf,
  type AgentOptions,
  type Batch,
  type Run,
  type RunEvent,
  type SessionStore,
} from '../../src/index.ts'
import { drive, type DriveOptions, type StartedRun } from '../../src/run/drive.ts'
import { toResult, type RunEnd, type RunResult } from '../../src/run/result.ts'
import { newState } from '../../src/run/state.ts'
import { call, collect, scripted, type ScriptedStep } from '../../src/testing.ts'
import { ofType, stub, types } from './helpers.ts'

const identity = { runId: 'r', sessionId: 's' }
const resultOf = (end: RunEnd): RunResult => toResult(newState(), identity, '', end)
const fact = (turn: number): RunEvent => ({ type: 'turn_start', turn })
const ended: RunEvent = {
  type: 'run_end',
  result: resultOf({ stopReason: 'complete', durationMs: 1 }),
}

/** Drives batches that are given, without a loop. */
function driven(
  batches: readonly Batch[],
  started: Partial<StartedRun> = {},
  options: Partial<DriveOptions> = {},
) {
  const log: string[] = []
  const aborter = new AbortController()
  async function* source(): AsyncGenerator<Batch, void, undefined> {
    try {
      for (const batch of batches) {
        log.push(`pull ${batch.map(({ type }) => type).join()}`)
        yield batch
      }
    } finally {
      log.push('left')
    }
  }
  const run = drive({
    identity,
    aborter,
    start: async () => ({
      batches: source(),
      close: async () => void log.push('close'),
      result: resultOf,
      ...started,
    }),
    failed: resultOf,
    respond: () => {},
    steer: () => {},
    shows: () => true,
    ...options,
  })
  return { run, log, aborter }
}

/** What must hold of every run, however it went wrong. */
async function expectOneEnd(
  events: readonly RunEvent[],
  result: Promise<RunResult>,
): Promise<RunResult> {
  expect(types(events).filter((type) => type === 'run_end')).toHaveLength(1)
  expect(events.at(-1)).toHaveProperty('result', await result)
  return result
}

test('a batch is on record before it is shown, and shown before the next one is pulled', async () => {
  const recorded: string[] = []
  const { run, log } = driven([[fact(1)], [fact(2)], [ended]], {
    record: async (batch) => {
      await Promise.resolve()
      recorded.push(types(batch).join())
      log.push(`record ${types(batch).join()}`)
    },
  })
  await run.result
  expect(log).toEqual([
    'pull turn_start',
    'record turn_start',
    'pull turn_start',
    'record turn_start',
    'pull run_end',
    'record run_end',
    'left',
    'close',
  ])
})

test('the run goes on although nobody reads; a late reader gets everything', async () => {
  const { run } = driven([[fact(1), fact(2)], [ended]])
  const result = await run.result
  const events = await collect(run)
  expect(events).toEqual([fact(1), fact(2), ended])
  await expectOneEnd(events, Promise.resolve(result))
})

test('two next() in flight get two events, in order', async () => {
  const { run } = driven([[fact(1), fact(2)], [ended]])
  const iterator = run[Symbol.asyncIterator]()
  const all = await Promise.all([
    iterator.next(),
    iterator.next(),
    iterator.next(),
    iterator.next(),
  ])
  expect(all.map(({ value }) => value)).toEqual([fact(1), fact(2), ended, undefined])
})

test('a reader that throws, or breaks, cancels; both get out', async () => {
  for (const leave of ['throw', 'break'] as const) {
    const { run, aborter } = driven([[fact(1)], [fact(2)], [ended]])
    const reading = (async () => {
      for await (const _ of run) {
        if (leave === 'break') break
        throw new Error('reader')
      }
    })()
    const left = await reading.catch((error: unknown) => error)
    expect(left).toEqual(leave === 'throw' ? new Error('reader') : undefined)
    expect(aborter.signal.reason).toMatchObject({ code: 'cancelled', message: 'The reader left.' })
    expect((await run.result).stopReason).toBe('complete')
  }
})

test('a start that fails, and a close that fails', async () => {
  const failing = driven([], {}, { start: () => Promise.reject(new Error('no lock')) })
  const first = await collect(failing.run)
  expect(types(first)).toEqual(['error', 'run_end'])
  expect((await expectOneEnd(first, failing.run.result)).error?.message).toBe('no lock')

  const closing = driven([[fact(1)], [ended]], {
    close: () => Promise.reject(new Error('no close')),
  })
  const second = await collect(closing.run)
  expect(types(second)).toEqual(['turn_start', 'error', 'run_end'])
  expect((await expectOneEnd(second, closing.run.result)).stopReason).toBe('error')
})

test('a loop that throws, or ends without run_end', async () => {
  const throwing = driven([], {
    batches: (async function* (): AsyncGenerator<Batch, void, undefined> {
      yield [fact(1)]
      throw new Error('loop')
    })(),
  })
  const events = await collect(throwing.run)
  expect((await expectOneEnd(events, throwing.run.result)).error?.message).toBe('loop')
  expect(throwing.log).toEqual(['close'])

  const short = driven([[fact(1)]])
  expect((await expectOneEnd(await collect(short.run), short.run.result)).error?.message).toMatch(
    /run_end/,
  )
})

test('the first failure counts: what fails while it is put away does not hide it', async () => {
  const { run } = driven([[fact(1)], [ended]], {
    record: () => Promise.reject(new Error('disk')),
    close: () => Promise.reject(new Error('close')),
  })
  expect((await run.result).error?.message).toBe('disk')
})

test('what is not for the reader is recorded and not shown; notices come after a batch', async () => {
  const notices: RunEvent[] = [{ type: 'warning', code: 'torn', message: 'm' }]
  const kid: RunEvent = { ...fact(9), agentPath: ['kid'] }
  const recorded: Batch[] = []
  const { run } = driven(
    [[fact(1), kid], [kid], [ended]],
    {
      record: async (batch) => void recorded.push(batch),
      takeNotices: () => notices.splice(0),
      close: async () => void notices.push({ type: 'warning', code: 'late', message: 'm' }),
    },
    { shows: (event) => !event.agentPath },
  )
  expect(types(await collect(run))).toEqual(['turn_start', 'warning', 'warning', 'run_end'])
  expect(recorded.flat()).toHaveLength(4)
})

test('events can be read once, and the error says so', async () => {
  const { run } = driven([[ended]])
  await collect(run)
  expect(() => run[Symbol.asyncIterator]()).toThrow(HarnextError)
})

/** A run with two turns, three calls and a person to ask, over a store that fails at its nth append. */
function withFailingStore(failAt: number) {
  let appends = 0
  const effects = { calls: 0, turns: 0 }
  const memory = memoryStore()
  const store: SessionStore = {
    ...memory,
    async append(id, records, options) {
      if (++appends >= failAt) throw new Error('No space left on device')
      await memory.append(id, records, options)
    },
  }
  const options: AgentOptions = {
    name: 'test',
    adapter: scripted([
      () => (effects.turns++, [call('1', 'a'), call('2', 'a'), call('3', 'ask')]),
      () => (effects.turns++, 'ok'),
    ]),
    model: 'm',
    store,
    tools: [
      stub('a', () => ++effects.calls),
      stub('ask', () => ++effects.calls, {
        effects: () => [{ kind: 'network', target: 'a.test' }],
      }),
    ],
    onPermission: true,
  }
  return { agent: new Agent(options), memory, effects, appends: () => appends }
}

test('a store that fails at any of its appends: no further effect, one run_end, last, and the result resolves', async () => {
  const whole = withFailingStore(Infinity)
  await whole.agent.run([], 'go').result
  expect([whole.effects, whole.appends() > 8]).toEqual([{ calls: 3, turns: 2 }, true])
  for (let failAt = 1; failAt <= whole.appends(); failAt++) {
    const { agent, effects, memory } = withFailingStore(failAt)
    const run = agent.run([], 'go')
    const events = await collect(run)
    const result = await expectOneEnd(events, run.result)
    expect([result.stopReason, result.error?.message], `append ${failAt}`).toEqual([
      'error',
      'No space left on device',
    ])
    expect(types(events).slice(-2)).toEqual(['error', 'run_end'])
    // What was not announced on record did not happen.
    const { records } = await memory.read(run.sessionId)
    const count = (wanted: string) => records.filter(({ type }) => type === wanted).length
    expect(effects, `append ${failAt}`).toEqual({
      calls: count('tool_start'),
      turns: count('turn_start'),
    })
    // The lease was given back.
    await (await memory.lease(run.sessionId, 'other')).release()
  }
})

test('what was said and never reached the model is told in front of the end, and recorded', async () => {
  const store = memoryStore()
  const steering = (steps: readonly ScriptedStep[], options: Partial<AgentOptions> = {}) =>
    new Agent({ name: 'test', adapter: scripted(steps), model: 'm', store, ...options })
  const told = (events: readonly RunEvent[]) =>
    ofType(events, 'warning').flatMap(({ code, message }) =>
      code === 'steering_undelivered' ? [message] : [],
    )
  const run: Run = steering([
    () => {
      run.steer('first')
      run.steer('second')
      run.cancel()
      return 'never mind'
    },
  ]).run([], 'go')
  const events = await collect(run)
  expect(told(events)).toEqual([
    'not delivered — resend if still needed: "first"',
    'not delivered — resend if still needed: "second"',
  ])
  expect(types(events).slice(-3)).toEqual(['warning', 'warning', 'run_end'])
  const { records } = await loadSession(store, run.sessionId)
  expect(records.map(({ type }) => type).slice(-3)).toEqual(['warning', 'warning', 'run_end'])
  // A run that could not even begin.
  const lease = await store.lease(run.sessionId, 'other')
  const locked = steering([]).run([], 'go', { session: run.sessionId })
  locked.steer('hello')
  const failed = await collect(locked)
  expect(types(failed)).toEqual(['warning', 'error', 'run_end'])
  await lease.release()
  // What reached it is not told, and comes in its order.
  const adapter = scripted([() => (good.steer('a'), good.steer('b'), 'one'), 'two'])
  const good: Run = new Agent({ name: 'test', adapter, model: 'm' }).run([], 'go')
  expect(told(await collect(good))).toEqual([])
  const said = adapter.requests[1]?.messages.slice(-2).map(({ content }) => textOf(content))
  expect(said).toEqual(['a', 'b'])
})

test('a run that is over takes no steering and answers no request', async () => {
  const agent = new Agent({ name: 'test', adapter: scripted(['ok']), model: 'm' })
  const run = agent.run([], 'go')
  const events: RunEvent[] = []
  for await (const event of run) {
    events.push(event)
    if (event.type === 'run_end') expect(() => run.steer('late')).toThrow(/over/)
  }
  expect(() => run.steer('late')).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(() => run.respond('c1', true)).toThrow(/"c1"/)
  run.cancel()
  expect((await run.result).stopReason).toBe('complete')
  expect(ofType(events, 'run_end')).toHaveLength(1)
})
