import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { anthropicModels, anthropicPrice, defaultModel } from '../src/index.ts'
import { shared } from './shared.ts'

interface Fact {
  readonly provider: string
  readonly id: string
  readonly contextWindow: number
  readonly maxOutput: number
  readonly cost: Readonly<Record<'input' | 'output' | 'cacheRead' | 'cacheWrite', number>>
  readonly reasoningLevels: Readonly<Record<string, string | null>> | null
}

describe('models', () => {
  it('have a price, also under a date, and none when they are not known', () => {
    expect(anthropicPrice(defaultModel)).toEqual({
      input: 2,
      output: 10,
      cacheRead: 0.1,
      cacheWrite: 2.5,
    })
    expect(anthropicPrice('claude-opus-4-5-20251101')).toBe(anthropicPrice('claude-opus-4-5'))
    expect(anthropicPrice('claude-sonnet-5-latest')?.input).toBe(2)
    expect(anthropicPrice('claude-sonnet-99')).toBeNull()
  })

  it.skipIf(!shared)('say what the collected facts say', () => {
    const facts: Fact[] = JSON.parse(readFileSync(`${shared}/fixtures/models.json`, 'utf8')).models
    const ours = facts.filter(({ provider, id }) => provider === 'anthropic' && !/\d{8}$/.test(id))
    expect(ours.map(({ id }) => id).toSorted()).toEqual(
      anthropicModels.map(({ id }) => id).toSorted(),
    )
    for (const fact of ours) {
      const { input, output, cacheRead, cacheWrite } = fact.cost
      expect(anthropicModels.find(({ id }) => id === fact.id)).toMatchObject({
        contextWindow: fact.contextWindow,
        maxOutputTokens: fact.maxOutput,
        price: { input, output, cacheRead, cacheWrite },
        thinking: fact.reasoningLevels ? 'adaptive' : 'budget',
        ...(fact.reasoningLevels?.['off'] === null && { alwaysThinks: true }),
      })
    }
    const sonnets = ours.map(({ id }) => id).filter((id) => id.includes('sonnet'))
    expect(sonnets.toSorted().at(-1)).toBe(defaultModel)
  })
})
