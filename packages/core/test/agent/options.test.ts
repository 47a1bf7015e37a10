import { expect, test } from 'vitest'
import { Agent, ConfigError, type AgentOptions } from '../../src/index.ts'
import { scripted } from '../../src/testing.ts'
import { agentOf, stub } from '../run/helpers.ts'

const price = () => ({ input: 1, output: 1, cacheRead: 1, cacheWrite: 1 })

test.each<[string, object, RegExp]>([
  ['no adapter', { adapter: undefined }, /option `adapter`/],
  ['an adapter that is none', { adapter: { id: 'x' } }, /option `adapter`.*stream/],
  ['no model', { model: '' }, /option `model`/],
  ['no turns', { maxTurns: 0 }, /maxTurns must be a whole number of at least 1; got 0/],
  ['half a turn', { maxTurns: 1.5 }, /maxTurns.*got 1.5/],
  ['no output', { maxOutputTokens: 0 }, /maxOutputTokens.*got 0/],
  ['fewer than no retries', { maxRetries: -1 }, /maxRetries.*at least 0; got -1/],
  ['no time', { timeout: 0 }, /timeout.*from 1 to 2147483647; got 0/],
  ['more time than a timer has', { timeout: 2 ** 31 }, /timeout.*got 2147483648/],
  ['an unknown mode', { permissionMode: 'careful' }, /careful/],
  ['two tools of one name', { tools: [stub('a', () => ''), stub('a', () => '')] }, /name a/],
  ['a limit that is none', { budget: { maxTokens: -1 } }, /budget\.maxTokens.*got -1/],
  ['thresholds in percent', { budget: { warnAt: [50] } }, /budget\.warnAt.*got 50/],
  [
    'a cost limit without a price',
    { budget: { maxCostUsd: 1 } },
    /No price is known for scripted\/m/,
  ],
  [
    'a cost limit with a price of another model',
    { budget: { maxCostUsd: 1 }, price: () => null },
    /No price/,
  ],
  ['another end of a budget', { budget: { onExceeded: 'x' as 'ask' } }, /onExceeded/],
])('%s is a ConfigError at once, in the constructor and in a call', (_, wrong, message) => {
  const options: AgentOptions = { name: 'test', adapter: scripted([]), model: 'm' }
  const make = () => new Agent({ ...options, ...(wrong as AgentOptions) })
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(message)
  const given = Object.values(wrong).every((value) => value !== undefined)
  if (given) expect(() => new Agent(options).run([], 'go', wrong)).toThrow(message)
})

test('what is allowed: no retry, an unpriced model where it was said so, a price', async () => {
  for (const options of [
    { maxRetries: 0 },
    { budget: { maxCostUsd: 1, allowUnpriced: true } },
    { budget: { maxCostUsd: 1 }, price },
    { budget: { maxDurationMs: 1e12, warnAt: [] } },
    { timeout: 2 ** 31 - 1 },
  ])
    expect((await agentOf(['ok'], options).agent.run([], 'go').result).stopReason).toBe('complete')
})

test('a call overrides the agent; what it leaves undefined it has not given', async () => {
  const { agent, adapter } = agentOf(['one', 'two'], { systemPrompt: 'of the agent' })
  await agent.run([], 'go', { systemPrompt: 'of the call', model: 'other' }).result
  await agent.run([], 'go', { systemPrompt: undefined, model: undefined } as object).result
  expect(adapter.requests.map(({ model, system }) => [model, system?.slice(0, 11)])).toEqual([
    ['other', 'of the call'],
    ['m', 'of the agen'],
  ])
})

test('nothing to say and nothing to go on from is a ConfigError', () => {
  const { agent } = agentOf([])
  expect(() => agent.run([], '')).toThrow(ConfigError)
  expect(() => agent.run([], [])).toThrow(/empty/)
})

test('a decision that is none is a ConfigError at once', () => {
  const { agent } = agentOf([])
  expect(() => agent.resume('sess_1', { decisions: { c1: 'perhaps' as never } })).toThrow(/perhaps/)
})

test('the request has the limits of the model, and what the caller wants of it', async () => {
  const { adapter, agent } = agentOf(['a', 'b', 'c'], { tools: [stub('t', () => '')] })
  Object.assign(adapter, {
    capabilities: (model: string) => (model === 'small' ? { maxOutputTokens: 4096 } : {}),
  })
  await agent.run([], 'go', { effort: 'low', params: { x: 1 }, toolChoice: 'required' }).result
  await agent.run([], 'go', { model: 'small' }).result
  await agent.run([], 'go', { model: 'small', maxOutputTokens: 100, tools: [] }).result
  expect(adapter.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([
    32_000, 4096, 100,
  ])
  expect(adapter.requests[0]).toMatchObject({
    effort: 'low',
    params: { x: 1 },
    toolChoice: 'required',
    tools: [{ name: 't', description: 't', parameters: { type: 'object' } }],
  })
  expect(adapter.requests[2]).not.toHaveProperty('tools')
  expect(adapter.requests[2]).not.toHaveProperty('effort')
})

test.each<[unknown, string]>([
  [{}, '`signal` must be an AbortSignal; got [object Object].'],
  ['x', '`signal` must be an AbortSignal; got "x".'],
  [null, '`signal` must be an AbortSignal; got null.'],
  [new AbortController(), 'got an AbortController. Give its property `signal`.'],
])('the signal %o is a ConfigError at once', async (wrong, message) => {
  const { agent } = agentOf(['ok'])
  const signal = wrong as AbortSignal
  for (const begin of [
    () => agent.run([], 'go', { signal }),
    () => agent.resume('sess_1', { signal }),
  ]) {
    expect(begin).toThrow(ConfigError)
    expect(begin).toThrow(message)
  }
  await expect(agent.compact('sess_1', { signal })).rejects.toThrow(message)
})
