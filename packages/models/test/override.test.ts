import { describe, expect, it } from 'vitest'
import { catalog, createCatalog, type ModelOverride } from '../src/index.ts'

const price = { input: 7, output: 70, cacheRead: 0.7, cacheWrite: 8 }

describe('an override', () => {
  it('changes what it names and leaves the rest, in its place', () => {
    const mine = createCatalog({
      overrides: [{ provider: 'anthropic', id: 'claude-opus-5-5', price }],
    })
    const known = catalog.find('anthropic', 'opus')
    expect(mine.find('anthropic', 'opus')).toEqual({ ...known, price })
    expect(mine.list().map(({ id }) => id)).toEqual(catalog.list().map(({ id }) => id))
    expect(catalog.price('anthropic', 'opus')).not.toEqual(price)
  })

  it('may name an alias', () => {
    const mine = createCatalog({
      overrides: [{ provider: 'anthropic', id: 'opus', maxOutputTokens: 1000 }],
    })
    expect(mine.find('anthropic', 'claude-opus-5-5')?.maxOutputTokens).toBe(1000)
    expect(mine.list()).toHaveLength(catalog.list().length)
  })

  it('adds a model of which the rest is not known', () => {
    const mine = createCatalog({
      overrides: [{ provider: 'openrouter', id: 'kimi/k3', contextWindow: 256_000 }],
    })
    expect(mine.list({ provider: 'openrouter' })).toEqual([
      {
        provider: 'openrouter',
        id: 'kimi/k3',
        name: 'kimi/k3',
        contextWindow: 256_000,
        maxOutputTokens: null,
        price: null,
        images: null,
        files: null,
        tools: null,
        reasoning: null,
        structuredOutput: null,
        aliases: [],
      },
    ])
    expect(mine.resolve('openrouter/other')).toEqual({ provider: 'openrouter', model: 'other' })
    expect(mine.resolve('kimi/k3')).toEqual({ provider: 'openrouter', model: 'kimi/k3' })
  })

  it('adds a dated form that starts with what is known of its model', () => {
    const mine = createCatalog({
      overrides: [{ provider: 'openai', id: 'gpt-4o-2024-05-13', price: { input: 5, output: 15 } }],
    })
    expect(mine.find('openai', 'gpt-4o-2024-05-13')).toMatchObject({
      id: 'gpt-4o-2024-05-13',
      contextWindow: 128_000,
      price: { input: 5, output: 15, cacheRead: 5, cacheWrite: 5 },
      aliases: [],
    })
    expect(mine.find('openai', 'gpt4o')).toEqual(catalog.find('openai', 'gpt-4o'))
  })

  it('leaves Ollama free unless it says a price', () => {
    const mine = createCatalog({
      overrides: [
        { provider: 'ollama', id: 'own', contextWindow: 8192 },
        { provider: 'ollama', id: 'rented', price },
      ],
    })
    expect(mine.find('ollama', 'own')?.price).toEqual(mine.price('ollama', 'unlisted'))
    expect(mine.price('ollama', 'rented')).toEqual(price)
  })

  it('may forget a price', () => {
    const mine = createCatalog({ overrides: [{ provider: 'openai', id: 'gpt-4o', price: null }] })
    expect(mine.price('openai', 'gpt-4o')).toBeNull()
  })

  it('takes its aliases from all others, also of other providers', () => {
    const mine = createCatalog({
      overrides: [{ provider: 'ollama', id: 'own', aliases: ['sonnet', 'fast'] }],
    })
    expect(mine.resolve('sonnet')).toEqual({ provider: 'ollama', model: 'own' })
    expect(mine.resolve('fast')).toEqual({ provider: 'ollama', model: 'own' })
    expect(mine.find('anthropic', 'sonnet')).toBeNull()
    expect(mine.find('anthropic', 'claude-sonnet-5-5')?.aliases).toEqual(['claude'])
  })

  it('yields to one that comes later', () => {
    const mine = createCatalog({
      overrides: [
        { provider: 'x', id: 'one', aliases: ['best'], images: true },
        { provider: 'x', id: 'two', aliases: ['best'] },
        { provider: 'x', id: 'one', images: false },
      ],
    })
    expect(mine.resolve('best')).toEqual({ provider: 'x', model: 'two' })
    expect(mine.find('x', 'one')).toMatchObject({ images: false, aliases: [] })
    expect(mine.list({ provider: 'x' })).toHaveLength(2)
  })
})

describe('an override that cannot be right', () => {
  const model = { provider: 'x', id: 'y' }
  const tier = { inputTokensAbove: 0, ...price }
  it.each<[string, ModelOverride]>([
    ['"x/y": price.input must be US dollars', { ...model, price: { ...price, input: -1 } }],
    ['"x/y": price.output must be US dollars', { ...model, price: { ...price, output: NaN } }],
    ['"x/y": price.cacheRead must be', { ...model, price: { ...price, cacheRead: Infinity } }],
    [
      '"x/y": price.tiers[0].inputTokensAbove must',
      { ...model, price: { ...price, tiers: [tier] } },
    ],
    [
      '"x/y": price.tiers[0].cacheRead must be US dollars',
      JSON.parse(
        '{"provider":"x","id":"y","price":{"input":1,"output":2,"tiers":[{"input":1,"output":2}]}}',
      ),
    ],
    ['"x/y": contextWindow must be a number of tokens', { ...model, contextWindow: 0 }],
    ['"x/y": maxOutputTokens must be a number', { ...model, maxOutputTokens: 1.5 }],
    ['provider must be a name without a slash; got "a/b"', { provider: 'a/b', id: 'y' }],
    ['id must be a name; got ""', { provider: 'x', id: '' }],
  ])('%s', (message, override) => {
    const make = (): unknown => createCatalog({ overrides: [override] })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  it('says what it got', () => {
    const text = JSON.parse('{ "input": "3", "output": 15 }')
    expect(() => createCatalog({ overrides: [{ ...model, price: text }] })).toThrow(
      'Model override "x/y": price.input must be US dollars for a million tokens, 0 or more; got "3".',
    )
  })
})
