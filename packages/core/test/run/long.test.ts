import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { Agent, type ModelEvent, type ProviderAdapter, type RunEvent } from '../../src/index.ts'
import { call } from '../../src/testing.ts'
import { stub } from './helpers.ts'

// Law 8. Work is counted where it can be; the times are compared with themselves, and guard with a factor of ten.

/** Answers with the same call until `turns` are over. */
function calling(
  turns: number,
  onTurn: (turn: number, messages: readonly unknown[]) => void,
): ProviderAdapter {
  let turn = 0
  return {
    id: 'x',
    api: 'x',
    async *stream({ messages }): AsyncGenerator<ModelEvent, void, undefined> {
      turn += 1
      onTurn(turn, messages)
      if (turn < turns) yield { type: 'part', part: call('same', 'a') }
      else yield { type: 'part', part: { type: 'text', text: 'done' } }
      yield { type: 'finish', stopReason: 'stop', usage: null }
    },
  }
}

async function timed(turns: number, output: string) {
  const times: number[] = []
  const identities = new Set<readonly unknown[]>()
  const adapter = calling(turns, (_, messages) => {
    times.push(performance.now())
    identities.add(messages)
  })
  const listeners = new Set<number>()
  const agent = new Agent({
    name: 'test',
    adapter,
    model: 'm',
    maxTurns: turns,
    tools: [stub('a', () => output)],
    hooks: {
      beforeTool: ({ signal }) => void listeners.add(getEventListeners(signal, 'abort').length),
    },
  })
  const result = await agent.run([], 'go').result
  const tenth = Math.floor(turns / 10)
  const took = (from: number) => (times[from + tenth - 1] ?? NaN) - (times[from] ?? NaN)
  return { result, identities, listeners, early: took(tenth), late: took(turns - tenth) }
}

test('a turn takes as long after 2,000 others as after a few, and the history is one array', async () => {
  const { result, identities, listeners, early, late } = await timed(2000, 'x')
  expect([result.stopReason, result.turns, result.messages.length]).toEqual([
    'complete',
    2000,
    4001,
  ])
  expect([identities.size, listeners.size]).toEqual([1, 1])
  expect(late).toBeLessThan(Math.max(early, 5) * 10)
})

test('1,000 results of 10 KB: no copy of them grows with the run', async () => {
  const { result, early, late } = await timed(1000, 'x'.repeat(10_240))
  expect(result.steps).toHaveLength(999)
  expect(late).toBeLessThan(Math.max(early, 5) * 10)
})

test('1,000 calls in one turn', async () => {
  const calls = Array.from({ length: 1000 }, (_, index) => call(`c${index}`, 'a'))
  let turn = 0
  const adapter: ProviderAdapter = {
    id: 'x',
    api: 'x',
    async *stream() {
      if (turn++ === 0) for (const part of calls) yield { type: 'part', part }
      yield { type: 'finish', stopReason: 'stop', usage: null }
    },
  }
  const agent = new Agent({
    name: 'test',
    adapter,
    model: 'm',
    tools: [stub('a', (_, { callId }) => callId)],
  })
  const { steps } = await agent.run([], 'go').result
  expect(steps.map(({ output }) => output)).toEqual(calls.map(({ id }) => id))
})

test('100,000 deltas and a reader that comes late: a few events, all of the text', async () => {
  const count = 100_000
  const adapter: ProviderAdapter = {
    id: 'x',
    api: 'x',
    async *stream(): AsyncGenerator<readonly ModelEvent[], void, undefined> {
      for (let sent = 0; sent < count; sent += 100)
        yield Array.from({ length: 100 }, () => ({ type: 'text', text: 'x', index: 0 }) as const)
      yield [
        { type: 'part', part: { type: 'text', text: 'x'.repeat(count) } },
        { type: 'finish', stopReason: 'stop', usage: null },
      ]
    },
  }
  const run = new Agent({ name: 'test', adapter, model: 'm' }).run([], 'go')
  await run.result
  let text = ''
  let events = 0
  for await (const event of run as AsyncIterable<RunEvent>) {
    events += 1
    if (event.type === 'text') text += event.text
  }
  expect(text).toBe('x'.repeat(count))
  expect(events).toBeLessThan(300)
})
