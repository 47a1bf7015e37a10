import { expect, test } from 'vitest'
import {
  Agent,
  apply,
  loadSession,
  memoryStore,
  mergeHooks,
  pipe,
  textOf,
  toRunFunction,
  withHooks,
  withPersistence,
  withRetry,
  withTurnTracking,
  ProviderError,
  type Hooks,
  type Middleware,
} from '../../src/index.ts'
import { call, collect, scripted } from '../../src/testing.ts'
import { agentOf, ofType, stub } from './helpers.ts'

const act = stub('act', () => 'acted', { effects: () => [{ kind: 'execute', target: 'act' }] })

test('a hook before the run denies it before anything is sent, or adds to what is said', async () => {
  const denied = agentOf([], { hooks: { beforeRun: () => ({ deny: 'Not on a Sunday.' }) } })
  const result = await denied.agent.run([], 'go').result
  expect([result.stopReason, result.error?.code, result.error?.message]).toEqual([
    'error',
    'input_denied',
    'Not on a Sunday.',
  ])
  const seen: string[] = []
  const { agent, adapter } = agentOf(['done'], {
    hooks: {
      beforeRun({ input }) {
        seen.push(...input.map(({ content }) => textOf(content)))
        return { context: 'It is Monday.' }
      },
    },
  })
  await agent.run([], 'go').result
  expect(seen).toEqual(['go'])
  expect(adapter.requests[0]?.messages.map(({ content }) => textOf(content))).toEqual([
    'go',
    'It is Monday.',
  ])
})

test('a hook before the end makes the model go on, until it does not or the turns are used up', async () => {
  let left = 2
  const { agent } = agentOf(['one', 'two', 'three'], {
    hooks: { beforeEnd: () => (left-- > 0 ? { goOn: 'Not yet.' } : undefined) },
  })
  const result = await agent.run([], 'go').result
  expect([result.text, result.turns, result.stopReason]).toEqual(['three', 3, 'complete'])
  const endless = agentOf(['one', 'two'], {
    hooks: { beforeEnd: () => ({ goOn: 'Never.' }) },
    maxTurns: 2,
  })
  expect((await endless.agent.run([], 'go').result).stopReason).toBe('max_turns')
})

test('a hook answers in the person’s place, but not for what only a person may permit', async () => {
  const asked: string[] = []
  const options = {
    permissionMode: 'manual',
    onPermission: () => {
      asked.push('person')
      return false
    },
    hooks: { beforeAsk: () => 'allow' as const },
  } as const
  const { agent } = agentOf([[call('1', 'act')], 'done'], { tools: [act], ...options })
  const run = agent.run([], 'go')
  const events = await collect(run)
  expect(ofType(events, 'permission_decision')).toMatchObject([{ decision: 'allow', by: 'hook' }])
  const git = stub('act', () => 'acted', {
    effects: () => [{ kind: 'write', target: '/.git/config' }],
  })
  const floor = agentOf([[call('1', 'act')], 'done'], { tools: [git], ...options })
  const { steps } = await floor.agent.run([], 'go').result
  expect([asked, steps[0]?.status]).toEqual([['person'], 'denied'])
  const failing = agentOf([[call('1', 'act')], 'done'], {
    tools: [act],
    ...options,
    hooks: {
      beforeAsk() {
        throw new Error('broken')
      },
    },
  })
  expect((await failing.agent.run([], 'go').result).steps[0]).toMatchObject({
    status: 'denied',
    output: expect.stringContaining('broken'),
  })
})

test('the hook after the run sees its result before the reader has it; one that fails is the run’s error', async () => {
  const order: string[] = []
  const { agent } = agentOf(['done'], {
    hooks: { afterRun: ({ text }) => void order.push(`hook ${text}`) },
  })
  for await (const { type } of agent.run([], 'go')) if (type === 'run_end') order.push(type)
  expect(order).toEqual(['hook done', 'run_end'])
  const failing = agentOf(['done'], {
    hooks: {
      afterRun() {
        throw new Error('broken')
      },
    },
  })
  expect((await failing.agent.run([], 'go').result).error?.message).toBe('broken')
})

test('sets of hooks are one: in order, a denial ends the chain, each sees what those before it made', async () => {
  const seen: unknown[] = []
  const hooks = mergeHooks(
    {
      beforeTool: () => ({ args: { n: 1 } }),
      afterTool: () => ({ output: 'first', isError: false }),
    },
    undefined,
    {
      beforeTool: ({ args }) => void seen.push(args),
      afterTool: (_call, { output }) => void seen.push(output),
    },
    { beforeTool: ({ tool }) => (tool === 'no' ? { deny: 'never' } : undefined) },
    { beforeTool: ({ tool }) => void seen.push(tool) },
  )
  const { agent } = agentOf([[call('1', 'act'), call('2', 'no')], 'done'], {
    tools: [act, stub('no', () => 'x')],
    hooks,
  })
  const { steps } = await agent.run([], 'go').result
  expect(steps.map(({ status, output }) => [status, output])).toEqual([
    ['ok', 'first'],
    ['denied', 'Permission denied. never'],
  ])
  expect(seen).toEqual([{ n: 1 }, 'act', { n: 1 }, 'first'])
  expect(mergeHooks()).toEqual({})
})

test('hooks of a call do not take away those of the agent', async () => {
  const { agent } = agentOf([[call('1', 'act')], 'done'], {
    tools: [act],
    hooks: { beforeTool: () => ({ deny: 'guarded' }) },
  })
  const { steps } = await agent.run([], 'go', { hooks: { beforeTool: () => {} } }).result
  expect(steps[0]?.status).toBe('denied')
})

test('middleware: the first is the outermost, and each is made of options', async () => {
  const order: string[] = []
  const named = (name: string): Middleware => withHooks({ afterTurn: () => void order.push(name) })
  const turns: number[] = []
  const store = memoryStore()
  let failures = 0
  const adapter = scripted([
    () => (failures++, new ProviderError('busy', { kind: 'overloaded', retryable: true })),
    [call('1', 'act')],
    'done',
  ])
  const agent = new Agent({ name: 'test', adapter, model: 'm', tools: [act], maxRetries: 0 })
  const run = apply(
    toRunFunction(agent),
    pipe(named('a'), named('b')),
    withRetry({ maxRetries: 1 }),
    withPersistence({ store, session: 'mine' }),
    withTurnTracking((turn) => turns.push(turn)),
  )
  const result = await run([], 'go').result
  expect(result.error).toBeUndefined()
  expect([result.text, failures, order, turns]).toEqual(['done', 1, ['a', 'b', 'a', 'b'], [1, 2]])
  expect((await loadSession(store, 'mine')).state.messages).toEqual(result.messages)
})

test('a set of hooks for one thing has no other', () => {
  const only: Hooks = { beforeEnd: () => undefined }
  expect(Object.keys(mergeHooks(only, { afterTurn: () => {} }))).toEqual(['afterTurn', 'beforeEnd'])
})

test('a hook wants to be sure of what the engine allows, and no less', async () => {
  const options = { tools: [act], permissionMode: 'bypass' } as const
  const hooks = { beforeTool: () => ({ ask: 'Is it so?' }) }
  const asked: string[] = []
  const onPermission = ({ reason }: { readonly reason: string }): boolean => {
    asked.push(reason)
    return true
  }
  const { agent } = agentOf([[call('1', 'act')], 'done'], { ...options, hooks, onPermission })
  expect((await agent.run([], 'go').result).steps).toMatchObject([{ status: 'ok' }])
  expect(asked).toEqual(['Is it so?'])
  const alone = agentOf([[call('1', 'act')], 'done'], { ...options, hooks })
  expect((await alone.agent.run([], 'go').result).steps).toMatchObject([{ status: 'denied' }])
  const plan = agentOf([[call('1', 'act')], 'done'], {
    ...options,
    hooks,
    onPermission,
    permissionMode: 'plan',
  })
  expect((await plan.agent.run([], 'go').result).steps).toMatchObject([{ status: 'denied' }])
  expect(asked).toHaveLength(1)
})

test('what hooks warn of is seen while the run goes on, and what comes at its end before run_end', async () => {
  const warnings: { readonly code: string; readonly message: string }[] = []
  const warn = (message: string): void => void warnings.push({ code: 'hook', message })
  const takeWarnings = () => warnings.splice(0)
  const hooks = mergeHooks(
    { takeWarnings, beforeTool: () => warn('early') },
    { takeWarnings: () => [], afterRun: async () => warn('late') },
  )
  const { agent } = agentOf([[call('1', 'act')], 'done'], { tools: [act], hooks })
  const events = await collect(agent.run([], 'go'))
  const told = events.flatMap((event) =>
    event.type === 'warning' ? [event.message] : event.type === 'tool_start' ? ['start'] : [],
  )
  expect(told).toEqual(['start', 'early', 'late'])
  expect(events.at(-1)?.type).toBe('run_end')
})

test('a hook that puts other arguments in permits nothing that is for a person alone', async () => {
  const written = stub('put', () => 'written', {
    effects: (args) => [{ kind: 'write', target: (args as { readonly to: string }).to }],
  })
  const { agent } = agentOf([[call('1', 'put', { to: '/elsewhere/file' })], 'done'], {
    tools: [written],
    permissionMode: 'manual',
    onPermission: true,
    hooks: { beforeAsk: () => ({ decision: 'allow', args: { to: '/x/.git/config' } }) },
  })
  expect((await agent.run([], 'go').result).steps).toMatchObject([{ status: 'denied' }])
})
