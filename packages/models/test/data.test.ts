import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { catalog, type Rates } from '../src/index.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const script = (...args: string[]): Promise<unknown> => run(process.execPath, args, { cwd: root })

it('the table is what its data says', async () => {
  await expect(script('scripts/generate.mjs', '--check')).resolves.toBeDefined()
})

describe('every model', () => {
  const rates = catalog
    .list()
    .flatMap(({ id, provider, price }): [string, string, Rates | null][] => [
      [provider, id, price],
      ...(price?.tiers ?? []).map((tier): [string, string, Rates] => [provider, id, tier]),
    ])

  it.each(rates)('%s %s has a price that can be', (provider, id, price) => {
    if (!price) throw new Error('no price')
    const { input, output, cacheRead, cacheWrite } = price
    // Google gives Gemma away.
    const isFree = provider === 'ollama' || id.startsWith('gemma-')
    if (isFree) return expect(price).toEqual({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 })
    expect(input).toBeGreaterThan(0)
    expect(output).toBeGreaterThan(input)
    expect(output).toBeLessThan(1000)
    expect(cacheRead).toBeGreaterThan(0)
    expect(cacheRead).toBeLessThanOrEqual(input)
    expect(cacheWrite).toBeGreaterThanOrEqual(input)
  })

  it('has tiers that begin above nothing and cost more', () => {
    const tiered = catalog.list().filter(({ price }) => price?.tiers)
    expect(tiered.length).toBeGreaterThan(10)
    for (const { price } of tiered)
      for (const tier of price?.tiers ?? []) {
        expect(tier.inputTokensAbove).toBeGreaterThan(50_000)
        expect(tier.input).toBeGreaterThan(price?.input ?? Infinity)
        expect(tier.output).toBeGreaterThan(price?.output ?? Infinity)
      }
  })

  it('has limits that fit, a name, and a day', () => {
    for (const model of catalog.list()) {
      expect(model.contextWindow).toBeGreaterThanOrEqual(model.maxOutputTokens ?? Infinity)
      expect(model.maxOutputTokens).toBeGreaterThanOrEqual(4096)
      expect(model.name).not.toBe('')
      expect(model.released ?? '2026-01-01').toMatch(/^20\d\d-[01]\d-[0-3]\d$/)
    }
  })

  it('has names of its own', () => {
    const aliases = catalog.list().flatMap((model) => model.aliases)
    expect(aliases.length).toBeGreaterThan(20)
    expect(new Set(aliases).size).toBe(aliases.length)
    for (const alias of aliases) {
      const found = catalog.resolve(alias)
      expect(found).not.toBeNull()
      expect(catalog.find(found?.provider ?? '', found?.model ?? '')?.aliases).toContain(alias)
    }
  })
})

describe('the models of the documentation', () => {
  it('are known to the last number', () => {
    expect(catalog.find('anthropic', 'claude-sonnet-4-20250514')).toEqual({
      provider: 'anthropic',
      id: 'claude-sonnet-4-20250514',
      name: 'Claude Sonnet 4',
      contextWindow: 200_000,
      maxOutputTokens: 64_000,
      price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
      images: true,
      files: true,
      tools: true,
      reasoning: true,
      structuredOutput: null,
      released: '2025-05-22',
      aliases: ['claude-sonnet-4-0', 'claude-sonnet-4'],
    })
    expect(catalog.find('openai', 'gpt-4o')).toMatchObject({
      contextWindow: 128_000,
      maxOutputTokens: 16_384,
      price: { input: 2.5, output: 10, cacheRead: 1.25, cacheWrite: 2.5 },
      reasoning: false,
    })
    expect(catalog.find('google', 'gemini-2.5-pro')).toMatchObject({
      contextWindow: 1_048_576,
      maxOutputTokens: 65_536,
      price: { input: 1.25, output: 10, cacheRead: 0.125, cacheWrite: 1.25 },
    })
    expect(catalog.find('ollama', 'llama3.1')).toMatchObject({
      contextWindow: 128_000,
      price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      images: false,
      tools: true,
    })
  })

  it.each(['claude-sonnet-4-20250514', 'gpt-4o', 'gemini-2.5-pro', 'llama3.1'])(
    '%s needs no provider',
    (name) => {
      expect(catalog.resolve(name)?.model).toBe(name)
    },
  )
})

const beside = fileURLToPath(new URL('../../../../shared', import.meta.url))
const collected = path.join(process.env['HARNEXT_SHARED'] ?? beside, 'fixtures/models.json')
const isThere = existsSync(collected)
if (!isThere) console.warn(`There is no ${collected}: set HARNEXT_SHARED. Its tests are skipped.`)

interface Collected {
  readonly provider: string
  readonly id: string
  readonly contextWindow: number
  readonly maxOutput: number
  readonly cost: Rates
  readonly capabilities: { readonly [name: string]: boolean | null }
}

describe.skipIf(!isThere)('the collected models', () => {
  it('are what the data was reduced from', async () => {
    await expect(script('scripts/import.mjs', collected, '--check')).resolves.toBeDefined()
  })

  it('are all there with their numbers', () => {
    const { models }: { models: Collected[] } = JSON.parse(readFileSync(collected, 'utf8'))
    expect(models.length).toBeGreaterThan(100)
    for (const { provider, id, cost, capabilities, ...limits } of models) {
      expect(catalog.find(provider, id)).toMatchObject({
        id,
        contextWindow: limits.contextWindow,
        maxOutputTokens: limits.maxOutput,
        price: { input: cost.input, output: cost.output },
        images: capabilities['vision'],
        files: capabilities['pdf'],
        tools: capabilities['tools'],
        reasoning: capabilities['reasoning'],
        structuredOutput: capabilities['structuredOutput'],
      })
      const price = catalog.price(provider, id)
      expect(price?.cacheRead).toBe(cost.cacheRead ?? cost.input)
      expect(price?.cacheWrite).toBe(cost.cacheWrite ?? cost.input)
    }
  })
})
