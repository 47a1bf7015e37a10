import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import {
  ConfigError,
  SessionNotFound,
  loadSession,
  memoryStore,
  userMessage,
  type Message,
  type SessionStore,
  type ToolMessage,
} from '../../src/index.ts'
import { call, collect } from '../../src/testing.ts'
import { agentOf, ofType, stub, types } from '../run/helpers.ts'

const never = (): Promise<never> => new Promise(() => {})

test('a history that is given with a new session is put on record, and the run is the new part alone', async () => {
  const first = agentOf([[call('1', 'a')], 'one'], { tools: [stub('a', () => 'x')] })
  const { messages: history } = await first.agent.run([], 'go').result
  const store = memoryStore()
  const { agent, adapter } = agentOf(['two', 'three'], { store })
  const run = agent.run(history, 'more')
  const events = await collect(run)
  const result = await run.result
  expect(adapter.requests[0]?.messages.slice(0, -1)).toEqual(history)
  expect([result.text, result.turns, result.steps, types(events)[0]]).toEqual([
    'two',
    1,
    [],
    'run_start',
  ])
  expect((await loadSession(store, run.sessionId)).state.messages).toEqual(result.messages)
  // It is there: another one would be a second truth.
  const twice = await agent.run(history, 'again', { session: run.sessionId }).result
  expect([twice.error?.code, twice.error?.message]).toEqual([
    'config',
    expect.stringContaining('history already'),
  ])
  expect((await agent.run([], 'again', { session: run.sessionId }).result).text).toBe('three')
})

test('results that the caller has for calls of the history are taken; the others are settled', async () => {
  const history: Message[] = [
    userMessage('go'),
    {
      role: 'assistant',
      content: [call('1', 'theirs'), call('2', 'other'), call('3', 'theirs')],
      provider: 'p',
      api: 'p',
      model: 'm',
      stopReason: 'tool_calls',
    },
  ]
  const answered = (id: string): ToolMessage => ({
    role: 'tool',
    id,
    tool: 'theirs',
    status: 'ok',
    content: [{ type: 'text', text: `r${id}` }],
  })
  const { agent, adapter } = agentOf(['ok'])
  const { stopReason } = await agent.run(history, [
    answered('1'),
    answered('3'),
    userMessage('go on'),
  ]).result
  expect(stopReason).toBe('complete')
  expect(adapter.requests[0]?.messages.slice(2)).toMatchObject([
    answered('1'),
    { role: 'tool', id: '2', status: 'error' },
    answered('3'),
    { role: 'user' },
  ])
})

test('the history of the caller is not changed, and a conversation needs no input to go on', async () => {
  const { agent } = agentOf(['ok'])
  const history = [userMessage('go')]
  const { messages, text } = await agent.run(history, []).result
  expect([history.length, messages.length, text]).toEqual([1, 2, 'ok'])
})

test('without a store there is nothing to resume', async () => {
  const { agent } = agentOf([])
  expect((await agent.resume('sess_1').result).error).toBeInstanceOf(SessionNotFound)
})

test('a resumed run has the id of its log', async () => {
  const store = memoryStore()
  const { agent } = agentOf([[call('1', 'a')], 'ok'], {
    store,
    tools: [stub('a', () => 'x', { effects: () => [{ kind: 'network', target: 'a.test' }] })],
    onPermission: () => 'defer',
  })
  const paused = agent.run([], 'go')
  await paused.result
  const resumed = agent.resume(paused.sessionId, { decisions: { 1: true } })
  const events = await collect(resumed)
  expect([resumed.id, events[0]]).toMatchObject([
    paused.id,
    { type: 'run_resumed', runId: paused.id },
  ])
  expect(types(events)).not.toContain('run_start')
})

test('a run that fails before its first record leaves no session behind; one that can go on later begins it', async () => {
  const store = memoryStore()
  let isThere = false
  const source = {
    open: async () => {
      if (!isThere) throw new Error('The server is not there.')
      return { tools: [], prompts: [], close: async () => {} }
    },
  }
  const { agent } = agentOf(['Hi.'], { store, toolSources: [source] })
  const failed = await agent.run([], 'go', { session: 'mine' }).result
  expect([failed.stopReason, await store.list()]).toEqual(['error', []])
  isThere = true
  expect((await agent.run([], 'go', { session: 'mine' }).result).stopReason).toBe('complete')
  expect((await store.list()).map(({ id, title }) => [id, title])).toEqual([['mine', 'go']])
})

test('a session that is begun by two at once is begun once; the other is told that it is in use', async () => {
  const store = memoryStore()
  const { agent } = agentOf(['one', 'two'], { store })
  const results = await Promise.all(
    ['a', 'b'].map((input) => agent.run([], input, { session: 'sess_same' }).result),
  )
  expect(results.map(({ stopReason }) => stopReason).toSorted()).toEqual(['complete', 'error'])
  expect(results.find(({ error }) => error)?.error?.code).toBe('session_locked')
})

test('a store of another copy of the package is understood', async () => {
  const copy: typeof import('../../src/index.ts') = await import(
    /* @vite-ignore */ new URL('../../src/errors.ts?copy', import.meta.url).href
  )
  const memory = memoryStore()
  let missing = 0
  const store: SessionStore = {
    ...memory,
    lease: (id, owner) =>
      missing++ === 0
        ? Promise.reject(new copy.SessionNotFound(id, 'there'))
        : memory.lease(id, owner),
  }
  expect((await agentOf(['ok'], { store }).agent.run([], 'go').result).stopReason).toBe('complete')
})

test('close cancels every run that is under way, waits for their end, and leaves what is over alone', async () => {
  const reached = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const steps = reached.map(
    ({ resolve }) =>
      () => (resolve(), never()),
  )
  const { agent } = agentOf([...steps, 'ok'])
  const runs = [agent.run([], 'a'), agent.run([], 'b')]
  await Promise.all(reached.map(({ promise }) => promise))
  await agent.close()
  const results = await Promise.all(runs.map(({ result }) => result))
  expect(results.map(({ stopReason }) => stopReason)).toEqual(['cancelled', 'cancelled'])
  expect((await agent.run([], 'c').result).stopReason).toBe('complete')
  await agent.close()
})

test('100 runs leave no listener on the signal of the caller', async () => {
  const { signal } = new AbortController()
  const steps = Array.from({ length: 100 }, () => [[call('1', 'a')], 'ok'] as const).flat()
  const { agent } = agentOf(steps, {
    tools: [stub('a', () => 'x', { effects: () => [{ kind: 'network', target: 'a.test' }] })],
    onPermission: true,
    hooks: {
      beforeModel: () => [],
      beforeTool: () => {},
      afterTool: () => {},
      afterTurn: () => {},
    },
  })
  for (let count = 0; count < 100; count++) await agent.run([], 'go', { signal }).result
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('the events of subagents come only where they are asked for, and always go on record', async () => {
  for (const subagents of [false, true]) {
    const store = memoryStore()
    const { agent } = agentOf([[call('1', 'a')], 'ok'], {
      store,
      subagents,
      tools: [
        stub(
          'a',
          async (_, { emit }) => (
            await emit({ type: 'warning', code: 'c', message: 'm', agentPath: ['kid'] }),
            'x'
          ),
        ),
      ],
    })
    const run = agent.run([], 'go')
    expect(ofType(await collect(run), 'warning')).toHaveLength(subagents ? 1 : 0)
    expect(
      (await loadSession(store, run.sessionId)).events.filter(({ type }) => type === 'warning'),
    ).toHaveLength(1)
  }
})

test('cancelled before it could begin, and while it opens its session', async () => {
  const memory = memoryStore()
  const opening = Promise.withResolvers<void>()
  const store: SessionStore = {
    ...memory,
    create: async (header) => (await opening.promise, memory.create(header)),
  }
  const { agent } = agentOf([], { store })
  const run = agent.run([], 'go')
  run.cancel('changed my mind')
  opening.resolve()
  const events = await collect(run)
  expect((await run.result).stopReason).toBe('cancelled')
  expect(types(events)).toEqual(['run_start', 'prompt', 'message', 'run_end'])
})

test("a session with a name that no store keeps is the run's error, and nothing is left locked", async () => {
  const { agent } = agentOf([], { store: memoryStore() })
  const { error } = await agent.run([], 'go', { session: '../etc/passwd' }).result
  expect(error).toBeInstanceOf(ConfigError)
})
