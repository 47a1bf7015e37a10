import { expect, test } from 'vitest'
import {
  Agent,
  SessionLocked,
  SessionNotFound,
  loadSession,
  memoryStore,
  toolCalls,
  type AgentOptions,
  type ModelRequest,
  type RunEvent,
  type SessionRecord,
  type SessionStore,
  type Tool,
} from '../../src/index.ts'
import { call, collect, scripted, type ScriptedAnswer } from '../../src/testing.ts'
import { ofType, stub } from '../run/helpers.ts'

const two = (tools: readonly Tool[], options: Partial<AgentOptions> = {}) => {
  const store = memoryStore()
  const adapter = scripted([[call('c1', 'a'), call('c2', 'b')], 'done', 'again'])
  const agent = new Agent({ name: 'test', adapter, model: 'm', store, tools, ...options })
  return { store, adapter, agent }
}

test('what is seen live and what is loaded are the same conversation', async () => {
  const { agent, store } = two([stub('a', () => 'A'), stub('b', () => 'B')])
  const run = agent.run([], 'go')
  const events = await collect(run)
  const { messages, usage, steps } = await run.result
  const { state, events: logged } = await loadSession(store, run.sessionId)
  expect(state.messages).toEqual(messages)
  expect({ ...usage, totalTokens: 0 }).toEqual({ ...state.run.usage, totalTokens: 0 })
  expect(state.run.steps).toEqual(steps)
  expect(state.open).toBe(false)
  const deltas = ['text', 'thinking', 'tool_input', 'tool_progress', 'tool_call']
  expect(logged.map(({ type }) => type)).toEqual(
    events.map(({ type }) => type).filter((type) => !deltas.includes(type)),
  )
})

test('a session goes on with the next input; ids and turns go on', async () => {
  const { agent, adapter } = two([stub('a', () => 'A'), stub('b', () => 'B')])
  const first = await agent.run([], 'go').result
  const second = await agent.run([], 'more', { session: first.sessionId }).result
  expect([second.sessionId, second.text, second.turns]).toEqual([first.sessionId, 'again', 1])
  expect(adapter.requests[2]?.messages).toHaveLength(6)
})

test('one writer: a second run on the same session is SessionLocked while the first is under way', async () => {
  const { agent } = two([stub('a', () => new Promise(() => {})), stub('b', () => 'B')])
  const run = agent.run([], 'go')
  for await (const event of run) {
    if (event.type !== 'tool_start') continue
    const second = await agent.run([], 'x', { session: run.sessionId }).result
    expect(second.error).toBeInstanceOf(SessionLocked)
    run.cancel()
  }
  expect((await agent.run([], 'x', { session: run.sessionId }).result).stopReason).toBe('complete')
})

test('resuming what is not there is SessionNotFound, as error and run_end', async () => {
  const { agent } = two([])
  const run = agent.resume('sess_none')
  expect((await collect(run)).map(({ type }) => type)).toEqual(['error', 'run_end'])
  expect((await run.result).error).toBeInstanceOf(SessionNotFound)
})

test('an answer that is deferred pauses; the others have run; a later answer resumes', async () => {
  const ran: string[] = []
  const tools = ['a', 'b', 'c'].map((name) =>
    stub(name, (_, { callId }) => (ran.push(callId), name), {
      effects: () => [{ kind: 'network', target: 'x.test' }],
    }),
  )
  const store = memoryStore()
  const adapter = scripted([[call('c1', 'a'), call('c2', 'b'), call('c3', 'c')], 'done'])
  const agent = new Agent({
    name: 'test',
    adapter,
    model: 'm',
    store,
    tools,
    onPermission: ({ id }) =>
      id === 'c2' ? 'defer' : id === 'c3' ? { decision: 'deny', message: 'not that' } : 'allow',
  })
  const paused = await agent.run([], 'go').result
  expect([paused.stopReason, paused.pending?.map(({ id, tool }) => [id, tool]), ran]).toEqual([
    'paused',
    [['c2', 'b']],
    ['c1'],
  ])
  expect(paused.steps.map(({ id, status }) => [id, status])).toEqual([
    ['c1', 'ok'],
    ['c3', 'denied'],
  ])
  const resumed = await agent.resume(paused.sessionId, { decisions: { c2: true } }).result
  expect([resumed.stopReason, ran, resumed.runId]).toEqual(['complete', ['c1', 'c2'], paused.runId])
  expect(resumed.steps.map(({ id, status, output }) => [id, status, output])).toEqual([
    ['c1', 'ok', 'a'],
    ['c2', 'ok', 'b'],
    ['c3', 'denied', 'Permission denied. not that'],
  ])
})

test('a call that ran while an earlier one waited for an answer does not run again, whatever the answer is', async () => {
  for (const decision of [true, false]) {
    const ran: string[] = []
    const { agent } = two(
      [
        stub('a', () => ran.push('a'), { effects: () => [{ kind: 'network', target: 'x.test' }] }),
        stub('b', () => ran.push('b')),
      ],
      { onPermission: () => 'defer' },
    )
    const { sessionId } = await agent.run([], 'go').result
    const { steps } = await agent.resume(sessionId, { decisions: { c1: decision } }).result
    expect(ran).toEqual(decision ? ['b', 'a'] : ['b'])
    expect(steps.map(({ id }) => id)).toEqual(['c1', 'c2'])
  }
})

test('a new input over a paused run settles its open calls first', async () => {
  const { agent } = two(
    [
      stub('a', () => 'A', { effects: () => [{ kind: 'network', target: 'x.test' }] }),
      stub('b', () => 'B'),
    ],
    { onPermission: () => 'defer' },
  )
  const paused = await agent.run([], 'go').result
  const run = agent.run([], 'never mind', { session: paused.sessionId })
  const events = await collect(run)
  expect(ofType(events, 'tool_result')[0]).toMatchObject({
    id: 'c1',
    status: 'error',
    reason: 'cancelled',
  })
  expect((await run.result).stopReason).toBe('complete')
})

test('an "always" is on record and holds in the next run of the session', async () => {
  const store = memoryStore()
  let asked = 0
  const agent = new Agent({
    name: 'test',
    model: 'm',
    store,
    adapter: scripted([[call('1', 'a')], [call('2', 'a')], 'x', [call('3', 'a')], 'y']),
    tools: [stub('a', () => 'A', { effects: () => [{ kind: 'network', target: 'x.test' }] })],
    onPermission: () => (asked++, { decision: 'allow', remember: true }),
  })
  const first = await agent.run([], 'go').result
  await agent.run([], 'go', { session: first.sessionId }).result
  expect(asked).toBe(1)
})

test('a resumed session keeps its prompt unless it is told otherwise', async () => {
  const { agent, adapter } = two([stub('a', () => 'A'), stub('b', () => 'B')], {
    systemPrompt: 'one',
  })
  const first = await agent.run([], 'go').result
  const later = new Agent({ name: 'test', adapter, model: 'm', store: memoryStore() })
  void later
  const events = await collect(
    agent.run([], 'more', { session: first.sessionId, systemPrompt: 'two' }),
  )
  expect(ofType(events, 'prompt')).toHaveLength(1)
  expect(adapter.requests[2]?.system).toMatch(/^two/)
})

test('a store that fails: nothing more runs, the reader gets error and run_end', async () => {
  let ran = 0
  const store = failing(memoryStore(), ({ type }) => type === 'tool_start')
  const agent = new Agent({
    name: 'test',
    adapter: scripted([[call('c1', 'a')], 'ok']),
    model: 'm',
    store,
    tools: [stub('a', () => ran++)],
  })
  const run = agent.run([], 'go')
  const events = await collect(run)
  expect(ran).toBe(0)
  expect(events.slice(-2).map(({ type }) => type)).toEqual(['error', 'run_end'])
  expect((await run.result).error?.message).toBe('No space left on device')
})

function failing(store: SessionStore, when: (record: SessionRecord) => boolean): SessionStore {
  return {
    ...store,
    append: (id, records, options) =>
      records.some(when)
        ? Promise.reject(new Error('No space left on device'))
        : store.append(id, records, options),
  }
}

/** Answers by what it is sent, as a model does, so that a resumed run asks it the same things. */
function model(request: ModelRequest): ScriptedAnswer {
  const results = request.messages.filter(({ role }) => role === 'tool').length
  if (results === 0)
    return [
      call('c1', 'count', { n: 1 }),
      call('c2', 'rerun', { n: 2 }),
      call('c3', 'report', { n: 3 }),
    ]
  if (results === 3) return [{ type: 'thinking', text: 'hm' }, call('c1', 'count', { n: 4 })]
  return 'the end'
}

test('cut after every record, a resumed run ends as it would have; nothing whose outcome is recorded runs twice', async () => {
  let effects: string[] = []
  const tools = [
    stub('count', ({ n }) => (effects.push(`count ${String(n)}`), `counted ${String(n)}`), {
      recovery: () => ({ output: 'reconciled', isError: false }),
    }),
    stub('rerun', ({ n }) => (effects.push(`rerun ${String(n)}`), 'reran'), { recovery: 'rerun' }),
    stub('report', ({ n }) => (effects.push(`report ${String(n)}`), 'reported')),
  ]
  const agentOn = (store: SessionStore) =>
    new Agent({ name: 'test', adapter: scripted(Array(9).fill(model)), model: 'm', store, tools })
  const whole = memoryStore()
  const full = await agentOn(whole).run([], 'go').result
  const { header, records } = await whole.read(full.sessionId)

  for (let cut = 3; cut <= records.length; cut++) {
    const store = memoryStore()
    await store.create(header)
    const lease = await store.lease(header.id, 'test')
    const prefix = records.slice(0, cut)
    await store.append(header.id, prefix, { expectedSeq: 0, fence: lease.fence })
    await lease.release()
    effects = []
    const events: RunEvent[] = await collect(agentOn(store).resume(header.id))
    const { state } = await loadSession(store, header.id)
    const result = ofType(events, 'run_end')[0]?.result
    expect([result?.stopReason, result?.runId], `cut after ${cut}`).toEqual([
      'complete',
      full.runId,
    ])
    if (prefix.some(({ type }) => type === 'message')) expect(result?.text).toBe('the end')
    const outcomes = prefix
      .filter(({ type }) => type === 'tool_result')
      .map(({ tool }) => String(tool))
    const begun = prefix.filter(({ type }) => type === 'tool_start').length
    expect(effects.filter((effect) => effect === 'report 3').length + (begun >= 3 ? 1 : 0)).toBe(1)
    for (const name of ['count', 'rerun'])
      if (outcomes.includes(name) && begun === 3)
        expect(effects).not.toContain(`${name} ${name === 'count' ? 1 : 2}`)
    for (const message of state.messages)
      if (message.role === 'assistant')
        for (const { id } of toolCalls(message))
          expect(state.messages.some((other) => other.role === 'tool' && other.id === id)).toBe(
            true,
          )
    // A turn whose answer was lost is paid twice, and the log says so.
    const paid = prefix.at(-1)?.type === 'usage' ? 40 : 30
    expect(state.run.usage.inputTokens).toBe(paid)
  }
})
