import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  HarnextError,
  PermissionDenied,
  loadSession,
  memoryStore,
  noWorkspace,
  type AgentOptions,
  type OnPermission,
  type PermissionAnswer,
  type PermissionRequest,
  type Recovery,
  type RunEvent,
  type RunResult,
  type SessionStore,
  type Tool,
  type Workspace,
} from '../../src/index.ts'
import { call, collect, type ScriptedStep } from '../../src/testing.ts'
import { agentOf, ofType, stub, types } from '../run/helpers.ts'

const never = (): Promise<never> => new Promise(() => {})

async function runOf(
  steps: readonly ScriptedStep[],
  tools: readonly Tool[],
  options: Partial<AgentOptions> = {},
): Promise<{ events: RunEvent[]; result: RunResult }> {
  const run = agentOf(steps, { tools, ...options }).agent.run([], 'go')
  return { events: await collect(run), result: await run.result }
}

/** A tool that needs an answer in `auto` mode, and remembers what it ran with. */
function fetching(ran: unknown[] = []) {
  return stub('fetch', (args) => (ran.push(args), `fetched ${JSON.stringify(args)}`), {
    parameters: { type: 'object', properties: { host: { type: 'string' } }, required: ['host'] },
    effects: (args) => [{ kind: 'network', target: (args as { host: string }).host }],
  })
}
const fetchCall = [call('1', 'fetch', { host: 'a.test' })]

test.each<[string, OnPermission]>([
  ['a function', () => true],
  ['a function that takes its time', () => setImmediate('allow' as const)],
  [
    'an object',
    new (class {
      answer = true
      requestApproval() {
        return this.answer
      }
    })(),
  ],
  ['a boolean', true],
  ['a decision', () => ({ decision: 'allow' })],
])('%s answers', async (_, onPermission) => {
  const { events, result } = await runOf([fetchCall, 'ok'], [fetching()], { onPermission })
  expect(result.steps[0]).toMatchObject({ status: 'ok' })
  expect(ofType(events, 'permission_decision')[0]).toMatchObject({ decision: 'allow', by: 'user' })
  expect(types(events).indexOf('permission_request')).toBeLessThan(
    types(events).indexOf('permission_decision'),
  )
})

test('the request says what would happen, and why it needs an answer', async () => {
  const seen: PermissionRequest[] = []
  await runOf([fetchCall, 'ok'], [fetching()], {
    onPermission: (request) => (seen.push(request), false),
  })
  expect(seen).toEqual([
    {
      id: '1',
      tool: 'fetch',
      args: { host: 'a.test' },
      effects: [{ kind: 'network', target: 'a.test' }],
      reason: expect.stringContaining('a.test'),
      tier: 'mode',
    },
  ])
})

test('the reader answers with respond, once', async () => {
  const { agent } = agentOf([fetchCall, 'ok'], { tools: [fetching()], onPermission: 'stream' })
  const run = agent.run([], 'go')
  expect(() => run.respond('1', true)).toThrow(/"1"/)
  for await (const event of run) {
    if (event.type !== 'permission_request') continue
    // The loop asks when the reader may have been told already.
    await setImmediate()
    expect(() => run.respond('1', 'perhaps' as never)).toThrow(/perhaps/)
    run.respond('1', { decision: 'deny', message: 'not today' })
    expect(() => run.respond('1', true)).toThrow(/"1"/)
  }
  expect((await run.result).steps[0]).toMatchObject({
    status: 'denied',
    output: 'Permission denied. not today',
  })
})

test('a reader that answers at once, in the same moment in which it sees the request', async () => {
  const { agent } = agentOf([fetchCall, 'ok'], {
    tools: [fetching()],
    onPermission: 'stream',
    // Until then the reader has read everything, and waits for the request.
    hooks: { beforeTool: () => setImmediate() },
  })
  const run = agent.run([], 'go')
  for await (const event of run)
    if (event.type === 'permission_request') run.respond(event.id, true)
  expect((await run.result).steps[0]?.status).toBe('ok')
})

test('a reader that leaves while it is asked: the call does not run', async () => {
  const ran: unknown[] = []
  const { agent } = agentOf([fetchCall], { tools: [fetching(ran)], onPermission: 'stream' })
  const run = agent.run([], 'go')
  for await (const event of run) if (event.type === 'permission_request') break
  const { stopReason, steps } = await run.result
  expect([stopReason, steps[0]?.status, ran]).toEqual(['cancelled', 'error', []])
})

test('with nobody to answer an ask is a denial that names the rule that would permit it', async () => {
  const { events, result } = await runOf([fetchCall, 'ok'], [fetching()])
  expect(types(events)).toContain('permission_request')
  expect(ofType(events, 'permission_decision')[0]).toMatchObject({ decision: 'deny', by: 'nobody' })
  expect(result.steps[0]).toMatchObject({
    status: 'denied',
    output: expect.stringContaining('network(a.test)'),
  })
  expect(result.steps[0]?.error).toBeInstanceOf(PermissionDenied)
  expect(result.stopReason).toBe('complete')
})

test.each<[string, OnPermission]>([
  [
    'throws',
    () => {
      throw new Error('closed')
    },
  ],
  ['rejects', () => Promise.reject(new Error('closed'))],
  ['gives no answer', () => undefined as never],
  ['gives a wrong answer', () => ({ decision: 'yes' }) as never],
])('somebody who %s has denied', async (_, onPermission) => {
  const { result } = await runOf([fetchCall, 'ok'], [fetching()], { onPermission })
  expect([result.steps[0]?.status, result.stopReason]).toEqual(['denied', 'complete'])
})

test('arguments that the person puts in are validated and decided again', async () => {
  const answers = [{ host: 'b.test' }, { host: 7 }, { host: 'denied.test' }]
  const ran: unknown[] = []
  const { events, result } = await runOf(
    [['1', '2', '3'].map((id) => call(id, 'fetch', { host: 'a.test' })), 'ok'],
    [fetching(ran)],
    {
      rules: [{ effect: 'network', pattern: 'denied.test', decision: 'deny' }],
      onPermission: ({ id }) => ({ decision: 'allow', args: answers[Number(id) - 1] ?? null }),
    },
  )
  expect(ran).toEqual([{ host: 'b.test' }])
  expect(result.steps.map(({ status }) => status)).toEqual(['ok', 'denied', 'denied'])
  expect(result.steps[1]?.output).toMatch(/user put in.*\$\.host/s)
  // A person answers an ask. What is denied stays denied, also when they ask for it.
  expect(result.steps[2]?.output).toContain('denied.test')
  expect(ofType(events, 'tool_start')[0]).toMatchObject({
    args: { host: 'b.test' },
    effects: [{ target: 'b.test' }],
  })
  expect(result.steps[0]?.args).toEqual({ host: 'b.test' })
})

test('a deny is never asked', async () => {
  const asked: string[] = []
  const { result } = await runOf([fetchCall, 'ok'], [fetching()], {
    rules: [{ effect: 'network', decision: 'deny' }],
    onPermission: ({ id }) => (asked.push(id), true),
  })
  expect([asked, result.steps[0]?.status]).toEqual([[], 'denied'])
})

test('an "always" covers the next call of the turn and is on record; for a floor there is none', async () => {
  let asked = 0
  const onPermission = (): PermissionAnswer => {
    asked += 1
    return { decision: 'allow', remember: true }
  }
  const twice = ['1', '2'].map((id) => call(id, 'fetch', { host: 'a.test' }))
  const { events } = await runOf([twice, 'ok'], [fetching()], { onPermission })
  expect([asked, ofType(events, 'permission_decision')[0]?.remember?.length]).toEqual([1, 1])

  asked = 0
  const protect = stub('touch', () => 'x', {
    effects: () => [{ kind: 'write', target: '/w/.git/config' }],
  })
  const floor = await runOf([[call('1', 'touch'), call('2', 'touch')], 'ok'], [protect], {
    onPermission,
    permissionMode: 'bypass',
    workspace: { ...noWorkspace, roots: ['/w'] },
  })
  expect(asked).toBe(2)
  expect(
    ofType(floor.events, 'permission_decision').map(({ tier, remember }) => [tier, remember]),
  ).toEqual([
    ['floor', undefined],
    ['floor', undefined],
  ])
})

test('all calls are decided, in order, before the first one runs', async () => {
  const log: string[] = []
  const ask = stub('ask', (_, { callId }) => log.push(`run ${callId}`), {
    effects: () => [{ kind: 'network', target: 'a.test' }],
  })
  await runOf([['1', '2', '3'].map((id) => call(id, 'ask')), 'ok'], [ask], {
    onPermission: async ({ id }) => (await setImmediate(), log.push(`ask ${id}`), true),
  })
  expect(log).toEqual(['ask 1', 'ask 2', 'ask 3', 'run 1', 'run 2', 'run 3'])
})

test('the decision and the start of a call are on record together, with one write', async () => {
  const memory = memoryStore()
  const writes: string[][] = []
  const store: SessionStore = {
    ...memory,
    async append(id, records, options) {
      writes.push(records.map(({ type }) => type))
      await memory.append(id, records, options)
    },
  }
  const steps = [[call('1', 'act'), call('2', 'act')], 'ok']
  await agentOf(steps, { tools: [stub('act', () => 'x')], store }).agent.run([], 'go').result
  expect(writes.filter((written) => written.includes('permission_decision'))).toEqual([
    ['permission_decision'],
    ['permission_decision', 'tool_start', 'tool_start'],
  ])
})

test('what shows up while a call runs is asked for too; a denial is a result that the tool may catch', async () => {
  const log: string[] = []
  const hop = stub('hop', async (_, { authorize }) => {
    await authorize([])
    await authorize([{ kind: 'network', target: 'b.test' }])
    log.push('b')
    await authorize([{ kind: 'network', target: 'c.test' }]).catch((error: unknown) => {
      log.push(error instanceof PermissionDenied ? 'no c' : 'odd')
    })
    await authorize([{ kind: 'network', target: 'denied.test' }])
    return 'never'
  })
  const { events, result } = await runOf([[call('1', 'hop')], 'ok'], [hop], {
    rules: [{ effect: 'network', pattern: 'denied.test', decision: 'deny' }],
    onPermission: ({ effects }) =>
      effects.some((effect) => 'target' in effect && effect.target === 'b.test'),
  })
  expect(log).toEqual(['b', 'no c'])
  expect(result.steps[0]).toMatchObject({
    status: 'denied',
    output: expect.stringContaining('denied.test'),
  })
  expect(ofType(events, 'permission_request')).toHaveLength(2)
})

test('hooks before a tool: a denial, other arguments that are checked again, a throw that denies', async () => {
  const ran: unknown[] = []
  const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => call(id, 'fetch', { host: `${id}.test` }))
  const asked: unknown[] = []
  const { events, result } = await runOf([calls, 'ok'], [fetching(ran)], {
    onPermission: ({ args }) => (asked.push(args), true),
    hooks: {
      beforeTool: ({ id }) => {
        if (id === 'a') return { deny: 'not a' }
        if (id === 'b') return { args: { host: 'other.test' } }
        if (id === 'c') return { args: { host: 1 } }
        if (id === 'd') throw new Error('hook broke')
        return undefined
      },
    },
  })
  expect(result.steps.map(({ status, output }) => [status, output])).toEqual([
    ['denied', 'Permission denied. not a'],
    ['ok', 'fetched {"host":"other.test"}'],
    ['error', expect.stringContaining('$.host')],
    ['denied', expect.stringContaining('hook broke')],
    ['ok', 'fetched {"host":"e.test"}'],
  ])
  // A hook permits nothing: what it put in is asked for like anything else.
  expect(asked).toEqual([{ host: 'other.test' }, { host: 'e.test' }])
  expect(ofType(events, 'permission_decision').map(({ by }) => by)).toEqual([
    'hook',
    'user',
    'hook',
    'user',
  ])
})

test('hooks after a tool see every result, also one that was thrown, before it becomes an event', async () => {
  const seen: unknown[] = []
  const { events, result } = await runOf(
    [[call('1', 'a', { n: 1 }), call('2', 'b'), call('3', 'c')], 'ok'],
    [
      stub('a', () => 'secret'),
      stub('b', () => Promise.reject(new Error('secret'))),
      stub('c', () => 'plain'),
    ],
    {
      hooks: {
        afterTool: ({ id, tool, args }, { output, isError }) => {
          seen.push([id, tool, args, output, isError])
          if (id === '1') return { output: '***', isError: false }
          if (id === '2') return { output: 'hidden', isError: true, content: 'not parts' as never }
          return undefined
        },
      },
    },
  )
  expect(seen).toEqual([
    ['1', 'a', { n: 1 }, 'secret', false],
    ['2', 'b', {}, 'secret', true],
    ['3', 'c', {}, 'plain', false],
  ])
  expect(result.steps.map(({ status, output }) => [status, output])).toEqual([
    ['ok', '***'],
    ['error', expect.stringContaining('`content`')],
    ['ok', 'plain'],
  ])
  expect(JSON.stringify(events)).not.toContain('secret')
})

test('a tool is found by the names that other systems give it', async () => {
  const { result, events } = await runOf(
    [
      [call('1', 'Bash'), call('2', 'mcp:files.read'), call('3', 'constructor'), call('4', '')],
      'ok',
    ],
    [stub('bash', () => 'ran'), stub('mcp__files__read', () => 'read')],
  )
  expect(result.steps.map(({ status }) => status)).toEqual(['ok', 'ok', 'error', 'error'])
  expect(ofType(events, 'tool_start').map(({ tool }) => tool)).toEqual(['bash', 'mcp__files__read'])
  expect(result.steps[2]?.output).toBe(
    'There is no tool "constructor". The tools are: bash, mcp__files__read.',
  )
})

test('a tool that changes its arguments does not change the history', async () => {
  const { result } = await runOf(
    [[call('1', 'a', { list: ['x'] })], 'ok'],
    [stub('a', (args) => ((args['list'] as string[]).push('y'), 'done'))],
  )
  const [, answer] = result.messages
  expect(answer?.content[0]).toMatchObject({ args: { list: ['x'] } })
  expect(result.steps[0]?.args).toEqual({ list: ['x'] })
})

test('paths that a tool names relative to the working directory are told like all others, once', async () => {
  const { result } = await runOf(
    [[call('1', 'a')], 'ok'],
    [
      stub('a', () => ({
        output: '',
        isError: false,
        changes: ['b.ts', '/w/b.ts', '/w/a/c.ts', '/x', '/w'],
      })),
    ],
    { workspace: { ...noWorkspace, roots: ['/w'] } },
  )
  expect(result.filesChanged).toEqual(['.', '/x', 'a/c.ts', 'b.ts'])
})

test.each<[string, Partial<Parameters<typeof stub>[2]>]>([
  ['effects', { effects: never }],
  [
    'a schema',
    {
      parameters: {
        '~standard': {
          version: 1,
          vendor: 'v',
          validate: never,
          jsonSchema: { input: () => ({ type: 'object' }) },
        },
      },
    },
  ],
])('%s that never end hold up no run that is cancelled', async (_, rest) => {
  const { agent } = agentOf([[call('1', 'a')]], { tools: [stub('a', () => 'x', rest)] })
  const run = agent.run([], 'go')
  for await (const event of run) if (event.type === 'tool_call') run.cancel()
  const { stopReason, steps } = await run.result
  expect([stopReason, steps[0]?.reason]).toEqual(['cancelled', 'cancelled'])
})

test.each(['beforeModel', 'beforeTool', 'afterTool', 'afterTurn'] as const)(
  'a hook %s that never ends holds up no run that is cancelled',
  async (name) => {
    const { agent } = agentOf([[call('1', 'a')], 'ok'], {
      tools: [stub('a', () => 'x')],
      hooks: { [name]: () => (reached.resolve(), never()) },
    })
    const reached = Promise.withResolvers<void>()
    const run = agent.run([], 'go')
    await reached.promise
    run.cancel()
    expect((await run.result).stopReason).toBe('cancelled')
    // A guard that has not spoken has permitted nothing.
    const decided = ofType(await collect(run), 'permission_decision').map((event) => event.decision)
    const expected: Partial<Record<string, string[]>> = { beforeModel: [], beforeTool: ['deny'] }
    expect(decided).toEqual(expected[name] ?? ['allow'])
  },
)

test('cancelled while a person is asked: a call that was allowed before is not announced any more', async () => {
  const ran: string[] = []
  const { agent } = agentOf([[call('1', 'act'), call('2', 'fetch', { host: 'a.test' })]], {
    tools: [stub('act', () => ran.push('act')), fetching(ran)],
    onPermission: 'stream',
  })
  const run = agent.run([], 'go')
  const seen: RunEvent[] = []
  for await (const event of run) {
    seen.push(event)
    if (event.type === 'permission_request') run.cancel()
  }
  expect([ran, ofType(seen, 'tool_start')]).toEqual([[], []])
  const told = ofType(seen, 'tool_result').map(({ id, reason }) => `${id} ${reason}`)
  expect(new Set(told)).toEqual(new Set(['1 cancelled', '2 cancelled']))
})

test('cancelled while the intent is written: nothing starts', async () => {
  const memory = memoryStore()
  const ran: string[] = []
  const store: SessionStore = {
    ...memory,
    append(id, records, options) {
      if (records.some(({ type }) => type === 'tool_start')) run.cancel()
      return memory.append(id, records, options)
    },
  }
  const { agent } = agentOf([[call('1', 'a'), call('2', 'a')]], {
    store,
    tools: [stub('a', () => ran.push('a'))],
  })
  const run = agent.run([], 'go')
  const { steps } = await run.result
  expect([ran, steps.map(({ reason, output }) => [reason, output])]).toEqual([
    [],
    ['1', '2'].map(() => ['cancelled', 'Cancelled before it ran.']),
  ])
})

test('what a tool does after its end, or before it began, neither reaches the run nor brings the process down', async () => {
  const unhandled: unknown[] = []
  const listener = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', listener)
  const late: unknown[] = []
  const early = stub('early', () => 'x', {
    effects: (_, { emit, authorize, progress }) => {
      progress(1)
      void emit({ type: 'warning', code: 'early', message: 'm' })
      void authorize([])
      return []
    },
  })
  const gone = stub('gone', (_, context) => {
    void setImmediate().then(async () => {
      context.progress('late')
      void context.emit({ type: 'warning', code: 'late', message: 'm' })
      await context
        .emit({ type: 'warning', code: 'late', message: 'm' })
        .catch((error: unknown) => late.push(error))
      await context
        .authorize([{ kind: 'network', target: 'a.test' }])
        .catch((error: unknown) => late.push(error))
    })
    return 'gone'
  })
  const slow = stub('slow', async () => {
    for (let ticks = 0; ticks < 5; ticks++) await setImmediate()
    return 'slow'
  })
  const { events } = await runOf(
    [[call('1', 'early'), call('2', 'gone'), call('3', 'slow')], 'ok'],
    [early, gone, slow],
    { onPermission: true },
  )
  await setImmediate()
  process.off('unhandledRejection', listener)
  expect(unhandled).toEqual([])
  expect(types(events)).not.toContain('warning')
  expect(types(events)).not.toContain('tool_progress')
  expect(types(events)).not.toContain('permission_request')
  expect(late).toEqual([expect.any(HarnextError), expect.any(HarnextError)])
})

test('a tool that fails after it was left behind brings nothing down', async () => {
  const unhandled: unknown[] = []
  const listener = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', listener)
  const fail = Promise.withResolvers<never>()
  const { agent } = agentOf([[call('1', 'a')]], { tools: [stub('a', () => fail.promise)] })
  const run = agent.run([], 'go')
  for await (const event of run) if (event.type === 'tool_start') run.cancel()
  fail.reject(new Error('too late'))
  await setImmediate()
  process.off('unhandledRejection', listener)
  expect([unhandled, (await run.result).steps[0]?.reason]).toEqual([[], 'cancelled'])
})

test('anything thrown is an error result', async () => {
  const thrown: unknown[] = [
    Object.create(null),
    undefined,
    { message: 'plain' },
    new HarnextError('slow', { code: 'timeout' }),
  ]
  const { result } = await runOf(
    [thrown.map((_, index) => call(String(index), 'a', { index })), 'ok'],
    [stub('a', ({ index }) => Promise.reject(thrown[Number(index)]))],
  )
  expect(result.steps.map(({ status, output, reason }) => [status, output, reason])).toEqual([
    ['error', '[object Object]', undefined],
    ['error', 'undefined', undefined],
    ['error', 'plain', undefined],
    ['error', 'slow', 'timeout'],
  ])
})

/** A log whose process died while its call ran. */
async function crashed(tool: Tool, events: readonly object[] = []) {
  const store = memoryStore()
  const { agent } = agentOf([[call('1', 'a', { n: 1 })]], { store, tools: [tool] })
  const { sessionId } = await agent.run([], 'go').result
  const { header, records } = await store.read(sessionId)
  const cut = records.findIndex(({ type }) => type === 'tool_result')
  const torn = memoryStore()
  await torn.create(header)
  const lease = await torn.lease(header.id, 'test')
  const more = events.map((event, index) => ({
    seq: cut + index + 1,
    time: 0,
    type: 'process',
    ...event,
  }))
  await torn.append(header.id, [...records.slice(0, cut), ...more], {
    expectedSeq: 0,
    fence: lease.fence,
  })
  await lease.release()
  return { store: torn, sessionId }
}

test('a call of a dead process whose tool is gone, or takes other arguments now, is told as unknown', async () => {
  const strict = stub('a', () => 'never', {
    recovery: 'rerun',
    parameters: { type: 'object', required: ['m'] },
  })
  for (const tools of [[], [strict]]) {
    const { store, sessionId } = await crashed(stub('a', () => 'x'))
    const { steps } = await agentOf(['ok'], { store, tools }).agent.resume(sessionId).result
    expect([steps[0]?.status, steps[0]?.reason]).toEqual(['error', 'unknown'])
  }
})

test('all processes of a dead call are ended before anything else', async () => {
  const log: string[] = []
  const workspace: Workspace = {
    ...noWorkspace,
    endProcess: async ({ pid }) => log.push(`end ${pid}`) > 0,
  }
  const processes = [7, 8].map((pid) => ({ id: '1', pid, startedAt: 'x' }))
  const { store, sessionId } = await crashed(
    stub('a', () => 'x'),
    processes,
  )
  const tools = [stub('a', () => log.push('rerun'), { recovery: 'rerun' })]
  await agentOf(['ok'], { store, tools, workspace }).agent.resume(sessionId).result
  expect(log).toEqual(['end 7', 'end 8', 'rerun'])
})

test.each<Recovery<unknown>>(['rerun', 'report', () => 'rerun'])(
  'a cancelled resume starts no recovery (%s)',
  async (recovery) => {
    const { store, sessionId } = await crashed(stub('a', () => 'x'))
    const ran: string[] = []
    const { agent } = agentOf(['ok'], {
      store,
      tools: [stub('a', () => ran.push('ran'), { recovery })],
    })
    const { stopReason, steps } = await agent.resume(sessionId, { signal: AbortSignal.abort() })
      .result
    expect([stopReason, steps[0]?.reason, ran]).toEqual(['cancelled', 'unknown', []])
  },
)

test('a call that was deferred in a run that is cancelled then has its outcome too', async () => {
  const store = memoryStore()
  const { agent } = agentOf([[call('1', 'fetch', { host: 'a.test' }), call('2', 'stuck')]], {
    store,
    tools: [fetching(), stub('stuck', never)],
    onPermission: () => 'defer',
  })
  const run = agent.run([], 'go')
  for await (const event of run) if (event.type === 'tool_start') run.cancel()
  const { stopReason, steps, messages } = await run.result
  expect([stopReason, steps.map(({ id, reason }) => [id, reason])]).toEqual([
    'cancelled',
    [
      ['1', 'cancelled'],
      ['2', 'cancelled'],
    ],
  ])
  expect(messages.slice(-2).map(({ role }) => role)).toEqual(['tool', 'tool'])
  expect((await loadSession(store, run.sessionId)).state.messages).toEqual(messages)
})
