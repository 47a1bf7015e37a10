import { getEventListeners } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  Agent,
  BudgetExceeded,
  loadSession,
  userMessage,
  memoryStore,
  type AgentOptions,
  type Price,
} from '../../src/index.ts'
import { call, collect, scripted, type ScriptedStep } from '../../src/testing.ts'
import { zeroUsage } from '../../src/usage.ts'
import { agentOf, ofType, stub, types } from '../run/helpers.ts'

const price = (): Price => ({ input: 0, output: 1_000_000 / 1000, cacheRead: 0, cacheWrite: 0 })
const turn = (id: string, outputTokens = 1000): ScriptedStep => ({
  content: [{ type: 'text', text: id }, call(id, 'a')],
  usage: { inputTokens: 0, outputTokens },
})
const tools = [stub('a', () => 'x')]

async function runOf(steps: readonly ScriptedStep[], options: Partial<AgentOptions>) {
  const { agent, adapter } = agentOf(steps, { tools, maxOutputTokens: 2000, price, ...options })
  const run = agent.run([], 'go')
  return { events: await collect(run), result: await run.result, adapter }
}

test('a budget of dollars: warnings on the way, then a stop with what was reached so far', async () => {
  const { events, result, adapter } = await runOf([turn('1'), turn('2'), turn('3'), turn('4')], {
    budget: { maxCostUsd: 4 },
  })
  expect([result.stopReason, result.success, result.turns, result.text]).toEqual([
    'budget',
    false,
    3,
    '3',
  ])
  expect(result.steps).toHaveLength(3)
  expect(result.usage.costUsd).toBeCloseTo(3)
  expect(result.error).toBeInstanceOf(BudgetExceeded)
  expect((result.error as BudgetExceeded).snapshot).toMatchObject({
    kind: 'cost',
    used: 3,
    limit: 4,
  })
  expect(ofType(events, 'budget_warning').map(({ kind, fraction }) => [kind, fraction])).toEqual([
    ['cost', 0.5],
  ])
  expect(ofType(events, 'budget_exceeded')).toEqual([
    { type: 'budget_exceeded', kind: 'cost', used: 3, limit: 4, fraction: 0.75 },
  ])
  expect(types(events).slice(-2)).toEqual(['budget_exceeded', 'run_end'])
  // What is left pays for less than was asked for, and still for enough.
  expect(adapter.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([2000, 2000, 2000])
  expect(ofType(events, 'turn_start').map(({ reservedUsd }) => reservedUsd)).toEqual([2, 2, 2])
})

test('the last turns are asked for less output before the run is stopped', async () => {
  const { adapter, result } = await runOf([turn('1'), turn('2'), 'done'], {
    budget: { maxCostUsd: 3.5 },
    maxOutputTokens: 1500,
  })
  expect(result.stopReason).toBe('complete')
  expect(adapter.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([1500, 1500, 1500])
  const low = await runOf([turn('1'), turn('2'), 'done'], {
    budget: { maxCostUsd: 3.2 },
    maxOutputTokens: 1500,
  })
  expect(low.adapter.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([
    1500, 1500, 1200,
  ])
})

test('tokens, and calls: exactly as many as are allowed', async () => {
  const tokens = await runOf([turn('1', 9000), turn('2', 10)], {
    budget: { maxTokens: 10_000 },
    maxOutputTokens: 9500,
    systemPrompt: 'x',
  })
  expect([tokens.result.stopReason, tokens.result.turns]).toEqual(['budget', 1])

  const calls: ScriptedStep[] = [['1', '2', '3'].map((id) => call(id, 'a')), 'done']
  const exact = await runOf(calls, { budget: { maxToolCalls: 3 } })
  expect(exact.result.stopReason).toBe('complete')
  const fewer = await runOf(calls, { budget: { maxToolCalls: 2 } })
  expect(fewer.result.stopReason).toBe('budget')
  expect(fewer.result.steps.map(({ status }) => status)).toEqual(['ok', 'ok', 'error'])
  expect(fewer.result.steps[2]?.output).toMatch(/budget of 2 tool calls/)
  expect(ofType(fewer.events, 'tool_start')).toHaveLength(2)
})

test('time: whatever is under way is stopped, and the run says why', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const stuck = stub('stuck', (_, { signal }) => {
    vi.advanceTimersByTime(30_000)
    signal.throwIfAborted()
  })
  const { events, result } = await runOf([[call('1', 'stuck')]], {
    budget: { maxDurationMs: 30_000 },
    tools: [stuck],
  })
  expect([result.stopReason, result.error?.code, result.steps[0]?.reason]).toEqual([
    'budget',
    'budget_exceeded',
    'cancelled',
  ])
  expect(ofType(events, 'budget_exceeded')).toMatchObject([{ kind: 'duration', limit: 30_000 }])
  expect(types(events).at(-1)).toBe('run_end')
})

test('a hook that asks a model pays from the same budget', async () => {
  const usage = { ...zeroUsage, type: 'usage', outputTokens: 10, costUsd: 3 } as const
  const { result } = await runOf([turn('1')], {
    budget: { maxCostUsd: 4 },
    hooks: { beforeModel: ({ turn: number }) => (number === 2 ? [usage] : []) },
  })
  expect([result.stopReason, result.turns, result.usage.costUsd]).toEqual(['budget', 1, 4])
})

test('without a price a limit of dollars counts nothing; the cost is null and not 0', async () => {
  const { result } = await runOf([turn('1'), 'done'], {
    budget: { maxCostUsd: 0.001, allowUnpriced: true },
    price: () => null,
  })
  expect([result.stopReason, result.usage.costUsd]).toEqual(['complete', null])
})

test('a resumed run has no more budget than before: what was used, and what dead turns had reserved', async () => {
  const whole = memoryStore()
  const options = { name: 'test', model: 'm', tools, price, maxOutputTokens: 2000 }
  const steps = [
    turn('1'),
    { content: [call('2', 'a'), call('3', 'nope')], usage: { outputTokens: 1000 } },
  ]
  const first = new Agent({ ...options, store: whole, adapter: scripted([...steps, 'done']) })
  const { sessionId } = await first.run([], 'go').result
  const { header, records } = await whole.read(sessionId)
  // The process died in its third turn, after the reservation; the one that took over died there too.
  const cut = records.findLastIndex(({ type }) => type === 'turn_start') + 1
  const died = records.slice(0, cut)
  for (const type of ['run_resumed', 'turn_start'])
    died.push({ turn: 4, reservedUsd: 2, ...records[0], type, seq: died.length + 1, time: 0 })

  const resumedWith = async (
    budget: AgentOptions['budget'] = {},
    script: readonly ScriptedStep[] = ['done'],
  ) => {
    const store = memoryStore()
    await store.create(header)
    const lease = await store.lease(header.id, 'test')
    await store.append(header.id, died, { expectedSeq: 0, fence: lease.fence })
    await lease.release()
    const agent = new Agent({ ...options, store, adapter: scripted(script), budget })
    const result = await agent.resume(header.id).result
    expect((await loadSession(store, header.id)).state.run.unsettled).toMatchObject([
      { reservedUsd: 2 },
      { reservedUsd: 2 },
    ])
    return result
  }
  expect((await resumedWith({ maxCostUsd: 7.1 })).stopReason).toBe('complete')
  const refused = await resumedWith({ maxCostUsd: 7 })
  expect([refused.stopReason, (refused.error as BudgetExceeded).snapshot.used]).toEqual([
    'budget',
    6,
  ])
  // Two calls had begun: one that never did has used up nothing.
  const again: readonly ScriptedStep[] = [[call('4', 'a')], 'done']
  expect((await resumedWith({ maxToolCalls: 3 }, again)).stopReason).toBe('complete')
  expect((await resumedWith({ maxToolCalls: 2 }, again)).stopReason).toBe('budget')
})

test('tokens of a turn that died count after a resume, those of its children too', async () => {
  const whole = memoryStore()
  const budget = { maxTokens: 10_000 }
  const options = { name: 'test', model: 'm', tools, maxOutputTokens: 2000, budget }
  const first = new Agent({ ...options, store: whole, adapter: scripted([turn('1'), 'done']) })
  const { sessionId } = await first.run([], 'go').result
  const { header, records } = await whole.read(sessionId)
  const turns = records.filter(({ type }) => type === 'turn_start')
  const reserved = Number(turns[1]?.['reservedTokens'])
  expect(reserved).toBeGreaterThan(2000)
  const died = records.slice(0, records.findLastIndex(({ type }) => type === 'turn_start') + 1)
  const child = { type: 'subagent_start', agent: 'a', id: 'kid', task: 't', call: '1' }
  const inChild = { type: 'turn_start', turn: 1, reservedTokens: 3000, agentPath: ['kid'] }
  for (const event of [child, inChild]) died.push({ ...event, seq: died.length + 1, time: 0 })

  const resumedWith = async (maxTokens: number) => {
    const store = memoryStore()
    await store.create(header)
    const lease = await store.lease(header.id, 'test')
    await store.append(header.id, died, { expectedSeq: 0, fence: lease.fence })
    await lease.release()
    const agent = new Agent({
      ...options,
      store,
      adapter: scripted(['done']),
      budget: { maxTokens },
    })
    return agent.resume(header.id).result
  }
  // The first turn used 1,000.
  const refused = await resumedWith(1000 + reserved + 3000 + 1023)
  expect((refused.error as BudgetExceeded).snapshot).toMatchObject({
    kind: 'tokens',
    used: 1000 + reserved + 3000,
  })
  expect((await resumedWith(1000 + reserved + 3000 + 5000)).stopReason).toBe('complete')
})

test('the time of a run goes on where its process died, and where it was paused', async () => {
  const store = memoryStore()
  const budget = { maxDurationMs: 60_000 }
  const base = { name: 'test', model: 'm', tools: [stub('a', () => 'x')], store, budget }
  const create = async (id: string, records: readonly object[]) => {
    await store.create({ type: 'session', version: 1, id, cwd: '', createdAt: '' })
    const lease = await store.lease(id, 'test')
    const numbered = records.map((record, index) => ({
      type: '',
      ...record,
      seq: index + 1,
      time: 0,
    }))
    await store.append(id, numbered, { expectedSeq: 0, fence: lease.fence })
    await lease.release()
  }
  const resumed = (id: string) =>
    new Agent({ ...base, adapter: scripted(['done']) }).resume(id).result
  const ask = { type: 'message', message: userMessage('go') }
  const begin = { type: 'run_start', runId: 'r' }
  const again = { type: 'run_resumed', runId: 'r' }
  const turnAt = (elapsedMs: number) => ({ type: 'turn_start', turn: 1, elapsedMs })
  const pause = (durationMs: number) => ({ type: 'run_end', stopReason: 'paused', durationMs })
  const inChild = { ...turnAt(61_000), agentPath: ['kid'] }

  await create('used up', [begin, ask, turnAt(10_000), again, turnAt(60_001)])
  await create('paused twice', [begin, ask, pause(40_000), again, pause(20_001)])
  await create('in a child', [begin, ask, turnAt(1), inChild])
  await create('some left', [begin, ask, turnAt(10_000), pause(15_000), again, turnAt(16_000)])
  for (const id of ['used up', 'paused twice', 'in a child']) {
    const { stopReason, error } = await resumed(id)
    expect([id, stopReason, (error as BudgetExceeded).snapshot.kind]).toEqual([
      id,
      'budget',
      'duration',
    ])
  }
  expect((await resumed('some left')).stopReason).toBe('complete')
  const { events } = await loadSession(store, 'some left')
  const last = events.findLast((event) => event.type === 'turn_start')
  expect(last).toMatchObject({ elapsedMs: expect.toSatisfy((ms: number) => ms >= 16_000) })
  // Another input is another run.
  const other = new Agent({ ...base, adapter: scripted(['done']) })
  expect((await other.run([], 'more', { session: 'used up' }).result).stopReason).toBe('complete')
})

test('a deadline leaves no listener on the signal of the caller', async () => {
  const { signal } = new AbortController()
  const { agent } = agentOf(['1', '2', '3'], { budget: { maxDurationMs: 60_000 } })
  for (const input of ['a', 'b', 'c']) await agent.run([], input, { signal }).result
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('a run that cannot begin leaves no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const schema = {
    '~standard': { version: 1, vendor: 'old', validate: (value: unknown) => ({ value }) },
  } as const
  const { agent } = agentOf([], { budget: { maxDurationMs: 60_000 }, outputSchema: schema })
  expect((await agent.run([], 'go').result).error?.code).toBe('config')
  expect(timers()).toBeLessThanOrEqual(before)
})
