// What a task costs, with the model that you have and with the others: prices are in the catalog.
import { ok, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scripted } from '@harnext/core/testing'
import { Harnext, providers, type Usage } from '@harnext/sdk'

const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const tokens = { inputTokens: 1000, outputTokens: 200, cacheReadTokens: 50_000 }

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted([{ content: [{ type: 'text', text: 'Done.' }], usage: tokens }], {
  id: 'anthropic',
})

const { usage } = await new Harnext({ provider, home }).run('File this.')

type Model = ReturnType<typeof providers.models>[number]

/** US dollars. A price that nobody knows is `null`, which is not the same as free. */
function cost({ price }: Model, used: Usage): number | null {
  if (price === null) return null
  const sum =
    used.inputTokens * price.input +
    used.outputTokens * price.output +
    used.cacheReadTokens * price.cacheRead +
    used.cacheWriteTokens * price.cacheWrite
  return sum / 1_000_000
}

const table = ['anthropic', 'openai', 'google', 'ollama']
  .flatMap((id) => providers.models(id))
  // Those with a short name, as `sonnet`, are the ones that most people use.
  .filter(({ aliases }) => aliases.length > 0)
  .map((model) => ({ ...model, cost: cost(model, usage) }))
  .toSorted((a, b) => (a.cost ?? Infinity) - (b.cost ?? Infinity))

const row = (...[name, ...numbers]: readonly string[]): string =>
  [name?.padEnd(26), ...numbers.map((number) => number.padStart(8))].join(' ')
console.log(row('$ a million tokens', 'input', 'output', 'cached', 'task'))
for (const { id, price, cost: task } of table) {
  const { input = '?', output = '?', cacheRead = '?' } = price ?? {}
  console.log(row(id, `${input}`, `${output}`, `${cacheRead}`, task?.toFixed(4) ?? '?'))
}
console.log(`This run: $${usage.costUsd?.toFixed(4)}`)

await rm(home, { recursive: true })

const used = table.find(({ id }) => id === providers.default('anthropic'))
ok(used?.cost)
strictEqual(usage.costUsd, used.cost)
strictEqual(table[0]?.provider, 'ollama')
