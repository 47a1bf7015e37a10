// The catalog knows prices, so every answer says what it cost, and a budget can be money.
import { strictEqual } from 'node:assert'
import { Agent } from '@harnext/core'
import { scripted } from '@harnext/core/testing'
import { catalog } from '@harnext/models'

const model = catalog.find('anthropic', 'haiku')
const usage = {
  inputTokens: 1000,
  outputTokens: 200,
  cacheReadTokens: 50_000,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  costUsd: null,
}

const agent = new Agent({
  name: 'clerk',
  model: model?.id ?? '',
  adapter: scripted(['Done.'], { id: 'anthropic', usage }),
  price: catalog.price,
  budget: { maxCostUsd: 0.05 },
})

const { stopReason, usage: used } = await agent.run([], 'File this.').result
console.log(`${model?.name} took ${used.totalTokens} tokens: $${used.costUsd?.toFixed(6)}`)
strictEqual(stopReason, 'complete')
// 1,000 at $0.10 a million, 200 at $0.50, 50,000 from the cache at $0.01.
strictEqual(used.costUsd?.toFixed(6), '0.000700')
