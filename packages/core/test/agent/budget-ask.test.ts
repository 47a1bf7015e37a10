import { expect, test } from 'vitest'
import { budgetQuestions } from '../../src/budget/questions.ts'
import {
  Agent,
  BudgetExceeded,
  loadSession,
  memoryStore,
  textOf,
  type AgentOptions,
  type PermissionRequest,
  type Price,
  type SessionStore,
} from '../../src/index.ts'
import { call, collect, scripted, type ScriptedStep } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'

const price = (): Price => ({ input: 0, output: 1000, cacheRead: 0, cacheWrite: 0 })
const turn = (id: string): ScriptedStep => ({
  content: [call(id, 'a')],
  usage: { inputTokens: 0, outputTokens: 1000 },
})
const tools = [stub('a', () => 'x')]
/** A call may cost two dollars, and costs one. */
const options = {
  tools,
  price,
  maxOutputTokens: 2000,
  budget: { maxCostUsd: 3, onExceeded: 'ask' },
} satisfies Partial<AgentOptions>

test('who allows it raises the limit by as much again, once for each time it runs out', async () => {
  const asked: PermissionRequest[] = []
  const { agent } = agentOf([turn('1'), turn('2'), turn('3'), 'done'], {
    ...options,
    onPermission: (request) => (asked.push(request), 'allow'),
  })
  const run = agent.run([], 'go')
  const events = await collect(run)
  const result = await run.result
  expect([result.stopReason, result.text]).toEqual(['complete', 'done'])
  expect(asked.map(({ tool, args }) => [tool, args])).toEqual([
    ['budget', { kind: 'cost', used: 2, limit: 3, raiseTo: 6 }],
  ])
  expect(asked[0]?.reason).toContain('Raise the limit to 6?')
  expect(ofType(events, 'permission_decision').filter(({ limits }) => limits)).toMatchObject([
    { decision: 'allow', by: 'user', limits: { cost: 6 } },
  ])
  expect(ofType(events, 'budget_exceeded')).toEqual([])
})

test.each<[string, Partial<AgentOptions>, string]>([
  ['a denial', { onPermission: () => 'deny' }, 'user'],
  ['nobody', {}, 'nobody'],
])('%s stops the run as a budget that does not ask', async (_, more, by) => {
  const { agent, adapter } = agentOf([turn('1'), turn('2'), 'never'], { ...options, ...more })
  const run = agent.run([], 'go')
  const events = await collect(run)
  const result = await run.result
  expect(result.stopReason).toBe('budget')
  expect(result.error).toBeInstanceOf(BudgetExceeded)
  expect(adapter.requests).toHaveLength(2)
  expect(ofType(events, 'permission_decision').at(-1)).toMatchObject({ decision: 'deny', by })
})

test('one question is enough for whatever the next call may need; calls are limits, too', async () => {
  const asked: unknown[] = []
  const onPermission = ({ args }: PermissionRequest) => (asked.push(args), true)
  const { agent } = agentOf(['done'], {
    ...options,
    maxOutputTokens: 1000,
    budget: { maxCostUsd: 0.3, onExceeded: 'ask' },
    onPermission,
  })
  expect((await agent.run([], 'go').result).stopReason).toBe('complete')
  expect(asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({ kind: 'cost', raiseTo: expect.closeTo(1.2) as number })
  asked.length = 0
  const calls = agentOf([turn('1'), turn('2'), turn('3'), 'done'], {
    ...options,
    budget: { maxToolCalls: 1, onExceeded: 'ask' },
    onPermission,
  })
  const { steps, stopReason } = await calls.agent.run([], 'go').result
  expect([stopReason, steps.map(({ status }) => status)]).toEqual([
    'complete',
    ['ok', 'error', 'ok'],
  ])
  expect(asked).toEqual([{ kind: 'tool_calls', used: 1, limit: 1, raiseTo: 2 }])
})

/** The first records of a session, as a crash leaves them. */
async function cutAt(store: SessionStore, id: string, length: number): Promise<SessionStore> {
  const { header, records } = await loadSession(store, id)
  const cut = memoryStore()
  await cut.create(header)
  const lease = await cut.lease(id, 'test')
  await cut.append(id, records.slice(0, length), { expectedSeq: 0, fence: lease.fence })
  await lease.release()
  return cut
}

test('a resumed run keeps the higher limit, and is asked again where there was no answer', async () => {
  const store = memoryStore()
  const { agent } = agentOf([turn('1'), turn('2'), turn('3'), 'done'], {
    ...options,
    store,
    onPermission: () => true,
  })
  const { sessionId } = await agent.run([], 'go').result
  const { records } = await loadSession(store, sessionId)
  const decided = records.findIndex((record) => record['limits'] !== undefined)
  for (const [length, questions] of [
    [decided, 1],
    [decided + 1, 0],
  ] as const) {
    let asked = 0
    const again = agentOf([turn('3'), 'done'], {
      ...options,
      store: await cutAt(store, sessionId, length),
      onPermission: () => (asked++, true),
    })
    expect((await again.agent.resume(sessionId).result).stopReason).toBe('complete')
    expect(asked).toBe(questions)
  }
  const { agent: next } = agentOf(['x'], { ...options, store, onPermission: () => false })
  // Another run has its own budget.
  expect((await next.run([], 'more', { session: sessionId }).result).stopReason).toBe('complete')
})

test('a child asks by its path, and what it is granted holds for the whole tree', async () => {
  const store = memoryStore()
  const asked: PermissionRequest[] = []
  const child = scripted([turn('1'), turn('2'), turn('3'), 'found'])
  const agent = new Agent({
    name: 'test',
    model: 'm',
    adapter: scripted([[call('t', 'task', { agent: 'finder', prompt: 'find' })], 'done']),
    agents: [
      { name: 'finder', description: 'x', adapter: child, model: 'm', maxOutputTokens: 2000 },
    ],
    store,
    ...options,
    onPermission: (request) => (asked.push(request), true),
  })
  const { stopReason, sessionId } = await agent.run([], 'go').result
  expect(stopReason).toBe('complete')
  expect(asked.map(({ tool, agentPath }) => [tool, agentPath?.length])).toEqual([['budget', 1]])
  const { state } = await loadSession(store, sessionId)
  expect(state.run.limits).toEqual({ cost: 6 })
})

const children = ['x', 'y', 'z'].map((id) =>
  call(id, 'task', { agent: 'helper', prompt: `work ${id}` }),
)

/** A parent whose three children run out of the budget at once. */
async function family(answer: 'allow' | 'deny', more: Partial<AgentOptions> = {}) {
  const asked: PermissionRequest[] = []
  const usage = { inputTokens: 0, outputTokens: 1000 }
  const arrived = Promise.withResolvers<void>()
  let working = 0
  const step: ScriptedStep = async ({ messages }) => {
    const [first] = messages
    const isParent = first !== undefined && textOf(first.content) === 'go'
    if (isParent && messages.length === 1)
      return { content: children, usage: { ...usage, outputTokens: 0 } }
    if (isParent || messages.length > 1) return { content: [{ type: 'text', text: 'done' }], usage }
    // All three have a call to make when the first of them asks.
    working += 1
    if (working === 3) arrived.resolve()
    await arrived.promise
    return { content: [call('1', 'a')], usage }
  }
  const { agent } = agentOf(
    Array.from({ length: 20 }, () => step),
    {
      ...options,
      maxOutputTokens: 1000,
      budget: { maxCostUsd: 3.5, onExceeded: 'ask' },
      agents: [{ name: 'helper', description: 'Helps.' }],
      onPermission: (request) => (asked.push(request), answer),
      ...more,
    },
  )
  const run = agent.run([], 'go')
  const result = await run.result
  return { asked, result }
}

test('children that run out at once ask one question, and all of them go on with the answer', async () => {
  const { asked, result } = await family('allow')
  expect(asked.map(({ args }) => args)).toEqual([{ kind: 'cost', used: 3, limit: 3.5, raiseTo: 7 }])
  expect([result.stopReason, result.steps.map(({ status }) => status)]).toEqual([
    'complete',
    ['ok', 'ok', 'ok'],
  ])
})

test('a no is a no for all who share the budget: nobody asks again', async () => {
  const { asked, result } = await family('deny')
  expect(asked).toHaveLength(1)
  expect(result.stopReason).toBe('budget')
  expect(result.steps.map(({ status }) => status)).toEqual(['error', 'error', 'error'])
})

test('a child that is cancelled while it waits for its turn to ask holds nobody up', async () => {
  const questions = budgetQuestions()
  const free = new AbortController().signal
  const first = await questions.turn(free)
  const aborter = new AbortController()
  const second = questions.turn(aborter.signal)
  const third = questions.turn(free)
  aborter.abort(new Error('cancelled'))
  await expect(second).rejects.toThrow('cancelled')
  first()
  ;(await third)()
  await questions.turn(free)
})
