import { expect, test } from 'vitest'
import { loadSession, memoryStore, textOf, type ToolMessage } from '../../src/index.ts'
import { call, collect, type ScriptedAnswer } from '../../src/testing.ts'
import { gate, ofType, stub, types } from '../run/helpers.ts'
import { ask, storeCut, talking } from './helping.ts'

test('a child in the background goes on beside its parent, which is told how it ended before the run ends', async () => {
  const parentDone = gate()
  const { agent } = talking(
    async (said) => {
      if (said === 'go') return [ask('1', 'slow')]
      if (said === 'slow') {
        await parentDone.promise
        return [call('1', 'look')]
      }
      if (said === 'seen') return 'found'
      if (said.includes('agent_started')) {
        parentDone.resolve()
        return 'I wait.'
      }
      return `told: ${said}`
    },
    { tools: [stub('look', () => 'seen')] },
  )
  const run = agent.run([], 'go', { subagents: true })
  const events = await collect(run)
  const result = await run.result
  expect(result.text).toContain('<task_result agent="helper" session_id="helper-1">\nfound')
  expect(types(events).at(-1)).toBe('run_end')
  expect(types(events).filter((type) => type === 'run_end')).toHaveLength(1)
  expect(result.usage.totalTokens).toBe(ofType(events, 'usage').length * 15)
  expect(result.turns).toBe(3)
})

test('agent_await, agent_status and agent_cancel', async () => {
  const never = new Promise<ScriptedAnswer>(() => {})
  const { agent } = talking((said) => {
    if (said === 'go') return [ask('1', 'a'), ask('2', 'b'), ask('3', 'c')]
    if (said === 'a') return 'A'
    if (said === 'b') return 'B'
    if (said === 'c') return never
    if (said.includes('agent_started'))
      return [call('4', 'agent_await', { ids: ['helper-1', 'helper-1.2'] })]
    if (said.includes('await_result') && said.includes('mode="all"'))
      return [
        call('5', 'agent_status', { id: 'helper-1.3' }),
        call('6', 'agent_cancel', { id: 'helper-1.3' }),
        call('7', 'agent_await', { ids: ['helper-1.3', 'helper-1'], mode: 'any' }),
        call('8', 'agent_status', { id: 'nobody' }),
      ]
    return 'done'
  })
  const run = agent.run([], 'go')
  const result = await run.result
  const text = (id: string): string =>
    textOf(
      result.messages.find((m): m is ToolMessage => m.role === 'tool' && m.id === id)?.content ??
        [],
    )
  expect(text('4')).toMatch(/<await_result mode="all">\n.*\nA\n.*\n.*\nB\n/s)
  expect(text('5')).toBe('<agent_status id="helper-1.3" agent="helper" status="running"/>')
  expect(text('6')).toContain('status="cancelled" stop_reason="cancelled"')
  expect(text('7')).toContain('\nA\n')
  expect(text('8')).toContain('There is no background agent "nobody"')
  // All was told already, so that nothing is said again at the end.
  expect(result.text).toBe('done')
  expect(result.stopReason).toBe('complete')
})

test('a run that ends for another reason ends its children first, and its result counts what they used', async () => {
  const begun = gate()
  const { agent } = talking(
    async (said, { messages }) => {
      if (said === 'go') return [ask('1', 'child')]
      if (messages.length === 1) {
        begun.resolve()
        return new Promise<ScriptedAnswer>(() => {})
      }
      await begun.promise
      return [call('2', 'look')]
    },
    { tools: [stub('look', () => 'seen')], maxTurns: 2 },
  )
  const run = agent.run([], 'go', { subagents: true })
  const events = await collect(run)
  expect((await run.result).stopReason).toBe('max_turns')
  expect(ofType(events, 'subagent_end')).toMatchObject([{ result: { stopReason: 'cancelled' } }])
  expect(types(events).at(-1)).toBe('run_end')
})

test('cancelling the run cancels its children', async () => {
  const begun = gate()
  const { agent } = talking(async (said) => {
    if (said === 'go') return [ask('1', 'child')]
    begun.resolve()
    return new Promise<ScriptedAnswer>(() => {})
  })
  const run = agent.run([], 'go', { subagents: true })
  await begun.promise
  run.cancel()
  const events = await collect(run)
  expect((await run.result).stopReason).toBe('cancelled')
  expect(ofType(events, 'subagent_end')).toMatchObject([{ result: { stopReason: 'cancelled' } }])
})

test('what a crash left running goes on, and a result that was not told is told', async () => {
  const full = memoryStore()
  const childMayEnd = gate()
  let answers = 0
  const model = async (said: string): Promise<ScriptedAnswer> => {
    if (said === 'go') return [ask('1', 'child')]
    if (said === 'child') {
      await childMayEnd.promise
      answers += 1
      return 'found'
    }
    if (said.includes('agent_started')) {
      childMayEnd.resolve()
      return 'I wait.'
    }
    return 'done'
  }
  const whole = await talking(model, { store: full }).agent.run([], 'go').result
  const { records, header } = await full.read(whole.sessionId)
  for (let length = 3; length < records.length; length++) {
    const cut = records.slice(0, length)
    if (!cut.some(({ type }) => type === 'message')) continue
    const store = memoryStore()
    await store.create(header)
    const lease = await store.lease(header.id, 'test')
    await store.append(header.id, cut, { expectedSeq: 0, fence: lease.fence, barrier: true })
    await lease.release()
    answers = 0
    const result = await talking(model, { store }).agent.resume(header.id).result
    expect([length, result.stopReason]).toEqual([length, 'complete'])
    const told = result.messages.filter((message) => textOf(message.content).includes('\nfound\n'))
    expect([length, told.length]).toEqual([length, 1])
    const hadEnded = cut.some(({ type }) => type === 'subagent_end')
    if (hadEnded) expect([length, answers]).toEqual([length, 0])
    expect((await loadSession(store, header.id)).state.messages).toEqual(result.messages)
  }
})

test('cut anywhere, the log goes on to the same end, and what ran for a child in the background does not run again', async () => {
  const full = memoryStore()
  let ran = 0
  const tools = [stub('act', () => `acted ${++ran}`)]
  const model = (said: string): ScriptedAnswer => {
    if (said === 'go') return [ask('1', 'work')]
    if (said === 'work') return [call('1', 'act')]
    if (said.startsWith('acted') || said.includes('outcome is unknown')) return 'worked'
    return said.includes('worked') ? 'all is done' : 'waiting'
  }
  const whole = await talking(model, { store: full, tools }).agent.run([], 'go').result
  expect(whole.text).toBe('all is done')
  const { records, header } = await full.read(whole.sessionId)
  const first = records.findIndex(({ type }) => type === 'message') + 1
  for (let length = first; length < records.length; length++) {
    const store = await storeCut({ records, header }, length)
    const cut = records.slice(0, length)
    const wasBegun = cut.some(({ type, tool }) => type === 'tool_start' && tool === 'act')
    ran = 0
    const { agent, adapter } = talking(model, { store, tools })
    const result = await agent.resume(header.id).result
    expect([length, result.text]).toEqual([length, 'all is done'])
    expect([length, ran]).toEqual([length, wasBegun ? 0 : 1])
    const works = adapter.requests.filter(
      ({ messages }) => textOf(messages[0]?.content ?? []) === 'work',
    )
    expect([length, works.length <= 2]).toEqual([length, true])
  }
})
