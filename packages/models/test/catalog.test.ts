import { describe, expect, it } from 'vitest'
import { catalog } from '../src/index.ts'

describe('find', () => {
  const idOf = (provider: string, name: string): string | undefined =>
    catalog.find(provider, name)?.id

  it.each([
    ['anthropic', 'claude-opus-4-6', 'claude-opus-4-6'],
    ['anthropic', 'sonnet', 'claude-sonnet-5-5'],
    ['anthropic', 'claude-opus-4-6-20260205', 'claude-opus-4-6'],
    ['anthropic', 'claude-sonnet-4-latest', 'claude-sonnet-4-20250514'],
    ['openai', 'gpt-4o-2024-11-20', 'gpt-4o'],
    ['google', 'gemini-2.5-pro-latest', 'gemini-2.5-pro'],
    ['ollama', 'llama3.1:70b-instruct-q4_K_M', 'llama3.1'],
    ['ollama', 'deepseek-v3.1:671b-cloud', 'deepseek-v3.1:671b'],
    ['ollama', 'kimi-k2.5:cloud', 'kimi-k2.5'],
  ])('knows %s %s', (provider, name, id) => {
    expect(idOf(provider, name)).toBe(id)
  })

  it('takes an id with a date as it is where it is listed', () => {
    expect(idOf('anthropic', 'claude-sonnet-4-5-20250929')).toBe('claude-sonnet-4-5-20250929')
    expect(idOf('google', 'gemini-pro-latest')).toBe('gemini-pro-latest')
  })

  it.each([
    ['anthropic', 'gpt-4o'],
    ['anthropic', 'claude-opus-4-6-beta'],
    ['anthropic', 'claude-opus-4-6:70b'],
    ['anthropic', 'claude'.toUpperCase()],
    ['openai', 'gpt-4o-20241'],
    ['ollama', 'llama3.1-latest'],
    ['ollama', ':latest'],
    ['nobody', 'gpt-4o'],
    ['anthropic', ''],
    ['__proto__', 'constructor'],
  ])('knows no %s %j', (provider, name) => {
    expect(catalog.find(provider, name)).toBeNull()
  })
})

describe('price', () => {
  it('works without this, as an option of an agent', () => {
    const { price } = catalog
    expect(price('anthropic', 'claude-sonnet-4-5-20250929')).toEqual({
      input: 3,
      output: 15,
      cacheRead: 0.3,
      cacheWrite: 3.75,
    })
  })

  it('is null where it is not known, and never 0 for that reason', () => {
    expect(catalog.price('anthropic', 'claude-next')).toBeNull()
    expect(catalog.price('openrouter', 'gpt-4o')).toBeNull()
  })

  it('is 0 for every model of Ollama, listed or not', () => {
    for (const model of ['llama3.1', 'deepseek-v3.1:671b', 'somebody/their-own:7b'])
      expect(catalog.price('ollama', model)).toEqual({
        input: 0,
        output: 0,
        cacheRead: 0,
        cacheWrite: 0,
      })
  })

  it('says above how much input another price begins', () => {
    expect(catalog.price('anthropic', 'haiku')?.tiers).toEqual([
      { inputTokensAbove: 100_000, input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625 },
    ])
    expect(catalog.price('google', 'gemini-2.5-pro')?.tiers).toEqual([
      { inputTokensAbove: 200_000, input: 2.5, output: 15, cacheRead: 0.25, cacheWrite: 2.5 },
    ])
  })
})

describe('resolve', () => {
  it.each([
    ['sonnet', 'anthropic', 'claude-sonnet-5-5'],
    ['gpt-4o', 'openai', 'gpt-4o'],
    ['flash', 'google', 'gemini-3.8-flash'],
    ['llama3.1', 'ollama', 'llama3.1'],
    ['anthropic/sonnet', 'anthropic', 'claude-sonnet-5-5'],
    ['ollama/gemini-3-flash-preview', 'ollama', 'gemini-3-flash-preview'],
    // What the vendor would answer with is not ours to change.
    ['claude-opus-4-6-20260205', 'anthropic', 'claude-opus-4-6-20260205'],
    ['openai/gpt-4o-2024-11-20', 'openai', 'gpt-4o-2024-11-20'],
    ['llama3.1:70b', 'ollama', 'llama3.1:70b'],
    ['deepseek-v3.1:671b-cloud', 'ollama', 'deepseek-v3.1:671b-cloud'],
    // The newest is the model itself.
    ['claude-opus-4-6-latest', 'anthropic', 'claude-opus-4-6'],
    ['llama3.1:latest', 'ollama', 'llama3.1'],
    // A model that is not known can be used all the same.
    ['anthropic/claude-next', 'anthropic', 'claude-next'],
    ['ollama/hf.co/somebody/model:q4', 'ollama', 'hf.co/somebody/model:q4'],
  ])('%s is %s %s', (name, provider, model) => {
    expect(catalog.resolve(name)).toEqual({ provider, model })
  })

  it.each(['claude-next', 'nobody/gpt-4o', 'anthropic/', '/gpt-4o', 'anthropic', '', '/'])(
    '%j is nothing',
    (name) => {
      expect(catalog.resolve(name)).toBeNull()
    },
  )

  it('does not choose between two providers', () => {
    expect(catalog.find('google', 'gemini-3-flash-preview')).not.toBeNull()
    expect(catalog.find('ollama', 'gemini-3-flash-preview')).not.toBeNull()
    expect(catalog.resolve('gemini-3-flash-preview')).toBeNull()
  })
})

describe('nearest', () => {
  it.each([
    ['sonet', 'sonnet'],
    ['claude-sonnet-55', 'claude-sonnet-5-5'],
    ['GPT-4O', 'gpt-4o'],
    ['antropic/sonnet', 'anthropic/sonnet'],
    ['openai/gpt-40', 'openai/gpt-4o'],
    ['gemini-3-flash-preview', 'google/gemini-3-flash-preview'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(catalog.nearest(name)).toBe(meant)
    expect(catalog.resolve(meant)).not.toBeNull()
  })

  it('does not guess', () => {
    expect(catalog.nearest('completely-different-thing')).toBeNull()
    expect(catalog.nearest('')).toBeNull()
  })
})

describe('defaultModel', () => {
  it.each(['anthropic', 'openai', 'google', 'ollama'])('of %s can call tools', (provider) => {
    const id = catalog.defaultModel(provider)
    expect(catalog.find(provider, id ?? '')).toMatchObject({ id, tools: true })
  })

  it.each(['nobody', 'toString', '__proto__'])('%s has none', (provider) => {
    expect(catalog.defaultModel(provider)).toBeNull()
  })
})

describe('list', () => {
  it('is all of them, or those of a provider', () => {
    const providers = ['anthropic', 'openai', 'google', 'ollama']
    const parts = providers.flatMap((provider) => catalog.list({ provider }))
    expect(catalog.list()).toEqual(parts)
    expect(catalog.list({ provider: 'nobody' })).toEqual([])
  })

  it('cannot be changed from outside', () => {
    const [model] = catalog.list()
    expect(() => Object.assign(model ?? {}, { name: 'changed' })).toThrow(TypeError)
    expect(() => Object.assign(model?.price ?? {}, { input: 0 })).toThrow(TypeError)
    const count = catalog.list().length
    ;(catalog.list() as unknown[]).length = 0
    expect(catalog.list()).toHaveLength(count)
  })
})
