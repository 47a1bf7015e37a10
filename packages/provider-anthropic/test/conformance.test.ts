import { readFileSync } from 'node:fs'
import { fuzzProvider, testProvider, toScorecard } from '@harnext/testkit'
import { expect, it } from 'vitest'
import { anthropic } from '../src/index.ts'

it('does in all what harnext expects of an adapter, as its scorecard says', async () => {
  const card = { ...(await testProvider(anthropic, { streams: 100 })), name: 'anthropic' }
  expect(card.results.filter(({ status }) => status === 'failed')).toEqual([])
  const published = readFileSync(new URL('../scorecard.json', import.meta.url), 'utf8')
  expect(toScorecard([card])).toBe(published)
}, 120_000)

it('makes an answer or an error of whatever is nearly an answer', async () => {
  expect((await fuzzProvider(anthropic, { count: 300 })).failures).toEqual([])
}, 120_000)
