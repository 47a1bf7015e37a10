import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defaultModel, googleModels, googlePrice } from '../src/index.ts'
import { shared } from './shared.ts'

interface Fact {
  readonly provider: string
  readonly id: string
  readonly contextWindow: number
  readonly maxOutput: number
  readonly cost: Readonly<Record<'input' | 'output' | 'cacheRead', number>>
  readonly reasoningLevels: Readonly<Record<string, string | null>> | null
}

describe('models', () => {
  it('have a price, also under a path or a version, and none when they are not known', () => {
    expect(googlePrice(defaultModel)).toEqual({
      input: 0.75,
      output: 3.75,
      cacheRead: 0.075,
      cacheWrite: 0.75,
    })
    expect(googlePrice('models/gemini-2.5-flash')).toBe(googlePrice('gemini-2.5-flash'))
    expect(googlePrice('publishers/google/models/gemini-2.5-flash-001')?.input).toBe(0.3)
    expect(googlePrice('gemini-99')).toBeNull()
  })

  it.skipIf(!shared)('say what the collected facts say', () => {
    const facts: Fact[] = JSON.parse(readFileSync(`${shared}/fixtures/models.json`, 'utf8')).models
    const ours = facts.filter(({ provider, id }) => provider === 'google' && !id.includes('gemma'))
    expect(ours.map(({ id }) => id).toSorted()).toEqual(googleModels.map(({ id }) => id).toSorted())
    for (const { id, contextWindow, maxOutput, cost, reasoningLevels } of ours) {
      const { input, output, cacheRead } = cost
      const least = reasoningLevels?.['minimal'] ? 'MINIMAL' : 'LOW'
      expect(googleModels.find((model) => model.id === id)).toMatchObject({
        contextWindow,
        maxOutputTokens: maxOutput,
        price: { input, output, cacheRead },
        thinking: reasoningLevels ? { by: 'level', least } : { by: 'budget' },
      })
    }
  })
})
