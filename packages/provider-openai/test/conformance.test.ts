import { readFileSync } from 'node:fs'
import { fuzzProvider, testProvider, toScorecard } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import * as exported from '../src/index.ts'

const { openaiCompatible, ...named } = exported
const factories = {
  ...named,
  openaiCompatible: (options: { baseURL: string; apiKey: string }) =>
    openaiCompatible({ id: 'testkit', ...options }),
}

const published: { readonly adapters: readonly { readonly name: string }[] } = JSON.parse(
  readFileSync(new URL('../scorecard.json', import.meta.url), 'utf8'),
)

describe('does in all what harnext expects of an adapter, as its scorecard says', () => {
  it.each(Object.entries(factories))(
    '%s',
    async (name, factory) => {
      const card = { ...(await testProvider(factory, { streams: 40 })), name }
      expect(card.results.filter(({ status }) => status === 'failed')).toEqual([])
      const { adapters } = JSON.parse(toScorecard([card]))
      expect(adapters).toEqual(published.adapters.filter((one) => one.name === name))
    },
    120_000,
  )

  it('and all of them are on it', () => {
    const names = published.adapters.map(({ name }) => name)
    expect(names).toEqual(Object.keys(factories).toSorted())
  })
})

it.each(['openai', 'openaiChat'] as const)(
  '%s makes an answer or an error of whatever is nearly an answer',
  async (name) => {
    expect((await fuzzProvider(factories[name], { count: 300 })).failures).toEqual([])
  },
  120_000,
)
