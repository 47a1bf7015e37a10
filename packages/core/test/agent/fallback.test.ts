import { expect, test } from 'vitest'
import {
  Agent,
  AuthenticationError,
  ConfigError,
  ProviderError,
  memoryStore,
  tool,
  type AgentOptions,
  type PriceOf,
  type ProviderErrorKind,
} from '../../src/index.ts'
import { call, collect, scripted, type ScriptedStep } from '../../src/testing.ts'
import { zeroUsage } from '../../src/usage.ts'

const failing = (kind: ProviderErrorKind): ProviderError =>
  new ProviderError(`is ${kind}`, { kind })
const usage = { ...zeroUsage, inputTokens: 1_000_000, costUsd: null }

/** An agent whose models are `alpha`, `beta` and so on, each of its own vendor, with the steps that it answers by. */
function chain(scripts: readonly (readonly ScriptedStep[])[], options: Partial<AgentOptions> = {}) {
  const names = ['alpha', 'beta', 'gamma']
  const models = scripts.map((steps, index) => {
    const id = names[index] ?? ''
    return { adapter: scripted(steps, { id, usage }), model: `${id}-1` }
  })
  const [first, ...fallback] = models
  if (!first) throw new Error('a chain has a model')
  const agent = new Agent({
    name: 'test',
    ...first,
    fallback,
    maxRetries: 0,
    instructions: false,
    ...options,
  })
  return { agent, asked: () => models.map(({ adapter }) => adapter.requests.length), models }
}

const read = tool({
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object' },
  effects: () => [],
  execute: () => 'seen',
})

test('the next model answers; the event says why, and the message who', async () => {
  const { agent } = chain([[failing('overloaded')], ['Hello.']])
  const run = agent.run([], 'Hi')
  const events = await collect(run)
  expect(events.find(({ type }) => type === 'fallback')).toMatchObject({
    from: 'alpha/alpha-1',
    to: 'beta/beta-1',
    error: { kind: 'overloaded' },
  })
  const result = await run.result
  expect(result).toMatchObject({ stopReason: 'complete', text: 'Hello.' })
  expect(result.messages.at(-1)).toMatchObject({
    provider: 'beta',
    api: 'beta.script',
    model: 'beta-1',
  })
})

const goesOn: readonly ProviderErrorKind[] = [
  'overloaded',
  'rate_limit',
  'quota',
  'server',
  'network',
  'timeout',
  'not_found',
  'permission',
  'stream_truncated',
  'protocol',
  'auth',
]
const ends: readonly ProviderErrorKind[] = ['overflow', 'invalid_request', 'refused']

test.each(goesOn)('%s: the next model is asked', async (kind) => {
  const { agent } = chain([[failing(kind)], ['Hello.']])
  expect(await agent.run([], 'Hi').text).toBe('Hello.')
})

test.each(ends)('%s: the same request would end the same way', async (kind) => {
  const { agent, asked } = chain([[failing(kind)], ['Hello.']])
  expect((await agent.run([], 'Hi').result).error).toMatchObject({ kind })
  expect(asked()).toEqual([1, 0])
})

test('a wrong key is not tried on another model of the same vendor', async () => {
  const adapter = scripted([new AuthenticationError('wrong key', { kind: 'auth' })], {
    id: 'alpha',
  })
  const other = scripted(['Hello.'], { id: 'beta' })
  const fallback = [
    { adapter, model: 'alpha-2' },
    { adapter: other, model: 'beta-1' },
  ]
  const options = { name: 'test', adapter, model: 'alpha-1', instructions: false, maxRetries: 0 }
  const run = new Agent({ ...options, fallback }).run([], 'Hi')
  const changes = (await collect(run)).filter(({ type }) => type === 'fallback')
  expect(changes).toMatchObject([{ from: 'alpha/alpha-1', to: 'beta/beta-1' }])
})

test('each model is repeated by itself before the next one is asked, and each is asked once', async () => {
  const busy = (): ProviderError =>
    new ProviderError('busy', { kind: 'overloaded', retryable: true, retryAfterMs: 1 })
  const { agent, asked } = chain(
    [
      [busy(), busy()],
      [busy(), busy()],
    ],
    { maxRetries: 1 },
  )
  const events = await collect(agent.run([], 'Hi'))
  const told = events.map(({ type }) => type).filter((type) => /retry|fallback|^error/.test(type))
  expect(told).toEqual(['retry', 'fallback', 'retry', 'error'])
  expect(asked()).toEqual([2, 2])
})

test('once something of the answer was shown, there is no other', async () => {
  const half = { content: [{ type: 'text', text: 'Half an' }], error: failing('server') } as const
  const { agent, asked } = chain([[half], ['Hello.']])
  expect((await agent.run([], 'Hi').result).error).toMatchObject({ partial: 'Half an' })
  expect(asked()).toEqual([1, 0])
})

test('a run stays with the model that answered, also after a crash; the next run begins with the first', async () => {
  const store = memoryStore()
  const first = chain(
    [[failing('overloaded')], [[call('1', 'look')], failing('invalid_request')]],
    { tools: [read], store },
  )
  const { sessionId } = await first.agent.run([], 'Look').result
  const { agent, asked } = chain([['Again me.'], ['Seen.']], { tools: [read], store })
  expect((await agent.resume(sessionId).result).text).toBe('Seen.')
  expect(asked()).toEqual([0, 1])
  expect(await agent.run([], 'And now?', { session: sessionId }).text).toBe('Again me.')
})

test('the one that took over and fails in turn gives way to the first', async () => {
  const { agent, asked } = chain(
    [
      [failing('overloaded'), 'I am back.'],
      [[call('1', 'look')], failing('overloaded')],
    ],
    { tools: [read] },
  )
  expect(await agent.run([], 'Look').text).toBe('I am back.')
  expect(asked()).toEqual([2, 2])
})

const prices: PriceOf = (provider) => {
  const input = { alpha: 1, beta: 7 }[provider]
  return input === undefined ? null : { input, output: 0, cacheRead: 0, cacheWrite: 0 }
}

test('the price is that of the model that answered', async () => {
  const { agent } = chain([[failing('overloaded')], ['Hello.']], { price: prices })
  expect((await agent.run([], 'Hi').result).usage.costUsd).toBe(7)
})

test('a call is refused when the dearest model that may answer does not fit the budget', async () => {
  const history = {
    role: 'user',
    content: [{ type: 'text', text: 'word '.repeat(120_000) }],
  } as const
  const { agent, asked } = chain([[failing('overloaded')], ['Hello.']], {
    price: prices,
    budget: { maxCostUsd: 1 },
  })
  expect((await agent.run([history], 'Hi').result).stopReason).toBe('budget')
  expect(asked()).toEqual([0, 0])
})

test('a cost limit wants a price of every model of the chain', () => {
  const make = () => chain([[], [], ['x']], { price: prices, budget: { maxCostUsd: 1 } })
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(/gamma\/gamma-1/)
})

test('params of one vendor do not go to another; its output limit is kept', async () => {
  const adapter = scripted([failing('overloaded')], { id: 'alpha' })
  const beta = {
    ...scripted(['Hello.'], { id: 'beta' }),
    capabilities: () => ({ maxOutputTokens: 77 }),
  }
  const run = new Agent({
    name: 'test',
    adapter,
    model: 'a',
    fallback: [{ adapter: beta, model: 'b' }],
    params: { service_tier: 'flex' },
    instructions: false,
    maxRetries: 0,
  }).run([], 'Hi')
  const warnings = (await collect(run)).filter(({ type }) => type === 'warning')
  expect(warnings).toMatchObject([
    { code: 'params_unsupported', message: expect.stringMatching(/service_tier.*beta\/b/) },
  ])
  expect(adapter.requests[0]).toMatchObject({
    params: { service_tier: 'flex' },
    maxOutputTokens: 32_000,
  })
  expect(beta.requests[0]).not.toHaveProperty('params')
  expect(beta.requests[0]).toMatchObject({ model: 'b', maxOutputTokens: 77 })
})

test('a cancelled run asks nobody else', async () => {
  const aborter = new AbortController()
  const { agent, asked } = chain([
    [
      () => {
        aborter.abort()
        return failing('overloaded')
      },
    ],
    ['Hello.'],
  ])
  const result = await agent.run([], 'Hi', { signal: aborter.signal }).result
  expect([result.stopReason, asked()]).toEqual(['cancelled', [1, 0]])
})
