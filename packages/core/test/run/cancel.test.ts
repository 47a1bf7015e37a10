import { expect, test } from 'vitest'
import type { ProviderAdapter, RunEvent } from '../../src/index.ts'
import { call, collect } from '../../src/testing.ts'
import { agentOf, ofType, stub } from './helpers.ts'

const never = (): Promise<never> => new Promise(() => {})

/** Cancels when the first event of `type` is seen, and checks what must hold of every run that was cancelled. */
async function cancelAt(
  type: RunEvent['type'],
  run: ReturnType<ReturnType<typeof agentOf>['agent']['run']>,
) {
  const events: RunEvent[] = []
  for await (const event of run) {
    events.push(event)
    if (event.type === type) run.cancel()
  }
  const result = await run.result
  expect(result.stopReason).toBe('cancelled')
  expect(result.cancelled).toBe(true)
  expect(events.at(-1)?.type).toBe('run_end')
  expect(ofType(events, 'run_end')).toHaveLength(1)
  expect(ofType(events, 'tool_call').map(({ id }) => id)).toEqual(
    result.messages.flatMap((message) => (message.role === 'tool' ? [message.id] : [])),
  )
  return { events, result }
}

for (const type of [
  'run_start',
  'turn_start',
  'text',
  'message',
  'tool_call',
  'permission_decision',
  'tool_start',
  'tool_progress',
  'tool_result',
  'turn_end',
] as const)
  test(`cancelled at ${type}: every call has its result, run_end is last`, async () => {
    const { agent } = agentOf(
      [[{ type: 'text', text: 'x'.repeat(100) }, call('1', 'quick'), call('2', 'stuck')], 'ok'],
      {
        tools: [
          stub('quick', (_, { progress }) => (progress(1), 'q')),
          stub('stuck', (_, { progress, signal }) => {
            progress(1)
            return type === 'tool_result' || type === 'tool_progress' || type === 'tool_start'
              ? new Promise((_, no) =>
                  signal.addEventListener('abort', () => no(new Error('stopped'))),
                )
              : 's'
          }),
        ],
      },
    )
    const { events } = await cancelAt(type, agent.run([], 'go'))
    expect(ofType(events, type).length).toBeGreaterThan(0)
  })

test('a tool that ignores its signal is left behind; its outcome is told as unknown', async () => {
  const { agent } = agentOf([[call('1', 'a'), call('2', 'a')]], { tools: [stub('a', never)] })
  const { result } = await cancelAt('tool_start', agent.run([], 'go'))
  expect(result.steps.map(({ reason }) => reason)).toEqual(['cancelled', 'cancelled'])
  expect(result.steps[0]?.output).toContain('unknown')
})

test('an adapter that ignores its signal is left behind', async () => {
  const adapter: ProviderAdapter = {
    id: 'deaf',
    api: 'deaf',
    stream: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }),
  }
  const { agent } = agentOf([], { adapter })
  const { result } = await cancelAt('turn_start', agent.run([], 'go'))
  expect(result.turns).toBe(1)
})

test('a reader that leaves cancels the run, which still comes to its end', async () => {
  const { agent } = agentOf([[call('1', 'a')]], { tools: [stub('a', never)] })
  const run = agent.run([], 'go')
  for await (const event of run) if (event.type === 'tool_start') break
  expect((await run.result).stopReason).toBe('cancelled')
})

test('a signal of the caller, aborted before or during the run', async () => {
  const aborted = agentOf(['x']).agent.run([], 'go', { signal: AbortSignal.abort() })
  expect((await aborted.result).stopReason).toBe('cancelled')
  const aborter = new AbortController()
  const { agent } = agentOf([() => (aborter.abort(), never())])
  expect((await agent.run([], 'go', { signal: aborter.signal }).result).stopReason).toBe(
    'cancelled',
  )
})

test('closing an agent cancels its runs and waits for them', async () => {
  const { agent } = agentOf([[call('1', 'a')]], { tools: [stub('a', never)] })
  const run = agent.run([], 'go')
  await agent.close()
  expect((await run.result).stopReason).toBe('cancelled')
})

test('a model that takes too long is a timeout, and is tried again', async () => {
  let calls = 0
  const adapter: ProviderAdapter = {
    id: 'slow',
    api: 'slow',
    async *stream() {
      calls += 1
      if (calls === 1) await never()
      yield { type: 'part', part: { type: 'text', text: 'late' } }
      yield { type: 'finish', stopReason: 'stop', usage: null }
    },
  }
  const { agent } = agentOf([], { adapter, timeout: 20 })
  const events = await collect(agent.run([], 'go'))
  expect(ofType(events, 'retry')[0]?.error.kind).toBe('timeout')
  expect(calls).toBe(2)
})
