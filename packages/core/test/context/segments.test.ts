import { expect, test } from 'vitest'
import { ProviderError, memoryStore, type AgentOptions, type RunEvent } from '../../src/index.ts'
import { call, collect, scripted, type ScriptedStep } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'

const price = () => ({ input: 2, output: 4, cacheRead: 1, cacheWrite: 3 })
const breaks = (events: readonly RunEvent[]) =>
  ofType(events, 'cache_break').map(({ segment, cause }) => [segment, cause])

async function run(
  steps: readonly ScriptedStep[],
  options: Partial<AgentOptions> & { readonly session?: string } = {},
) {
  const { session, ...rest } = options
  const { agent, adapter } = agentOf(steps, { systemPrompt: 'Work.', price, ...rest })
  const begun = agent.run([], 'go', session === undefined ? {} : { session })
  const events = await collect(begun)
  return { events, adapter, session: begun.sessionId, result: await begun.result }
}

test('a run whose beginning stays as it is breaks nothing, also when it is gone on with', async () => {
  const store = memoryStore()
  const tools = [stub('look', () => 'seen'), stub('touch', () => 'felt')]
  const first = await run([[call('a', 'look')], [call('b', 'look')], 'done'], { store, tools })
  const again = { store, session: first.session }
  const second = await run(['more'], { ...again, tools: tools.toReversed() })
  expect([...breaks(first.events), ...breaks(second.events)]).toEqual([])
  expect(second.adapter.requests[0]?.tools).toEqual(first.adapter.requests[0]?.tools)
})

test('tools that are loaded, another prompt, other tools, and another model are said, with what they cost', async () => {
  const store = memoryStore()
  const tools = [stub('look', () => 'seen', { loadable: true }), stub('touch', () => 'felt')]
  const loading = await run([[call('a', 'load_tools', { names: ['look'] })], 'done'], {
    store,
    tools,
  })
  expect(breaks(loading.events)).toEqual([['tools', 'added look']])
  const [event] = ofType(loading.events, 'cache_break')
  expect(event?.costUsd).toBe(((event?.tokens ?? 0) * 2) / 1e6)
  expect(event?.tokens).toBeGreaterThan(10)
  const again = { store, session: loading.session }
  const worded = await run(['ok'], { ...again, tools, systemPrompt: 'Rest.' })
  expect(breaks(worded.events)).toEqual([['system', 'another system prompt']])
  const fewer = await run(['ok'], { ...again, systemPrompt: 'Rest.', tools: tools.slice(1) })
  expect(breaks(fewer.events)).toEqual([['tools', 'removed load_tools, look']])
  const other = await run(['ok'], {
    ...again,
    systemPrompt: 'Rest.',
    tools: tools.slice(1),
    model: 'n',
  })
  expect(breaks(other.events)).toEqual([['model', 'another model: scripted/m to scripted/n']])
})

test('a fallback is said in the next turn, and the way back with the next input', async () => {
  const store = memoryStore()
  const down = new ProviderError('down', { kind: 'overloaded' })
  const second = scripted([[call('a', 'look')], 'done'], { id: 'other' })
  const options = {
    store,
    tools: [stub('look', () => 'seen')],
    maxRetries: 0,
    fallback: [{ adapter: second, model: 'x' }],
  }
  const first = await run([down], options)
  expect(breaks(first.events)).toEqual([['model', 'fallback: scripted/m to other/x']])
  const back = await run(['hello'], { ...options, session: first.session })
  expect(breaks(back.events)).toEqual([['model', 'another model: other/x to scripted/m']])
})

test('a compaction is said once, with the tool that joins because of it', async () => {
  const steps: ScriptedStep[] = Array.from({ length: 9 }, (_, n) => ({
    content: [call(`c${n}`, 'look')],
    usage: null,
  }))
  const { events } = await run([...steps, 'done'], {
    tools: [stub('look', () => 'line\n'.repeat(2000))],
    compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
  })
  expect(ofType(events, 'compaction').length).toBeGreaterThan(0)
  expect(breaks(events)[0]).toEqual(['tools', 'added read_result; compaction'])
  expect(breaks(events)).toHaveLength(ofType(events, 'compaction').length)
})
