// data-harness' loop on harnext: a system prompt, tools over your data, and an answer.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Harness, type ToolSpec } from '@harnext/compat/data-harness'
import { call, scripted } from '@harnext/core/testing'

const sales = [
  { region: 'north', year: 2025, amount: 30 },
  { region: 'north', year: 2026, amount: 50 },
  { region: 'south', year: 2026, amount: 40 },
]

const sum: ToolSpec = {
  name: 'sum_sales',
  description: 'The sum of sales, of a region and a year where they are given',
  inputSchema: {
    type: 'object',
    properties: { region: { type: 'string' }, year: { type: 'integer' } },
  },
  annotations: { readOnly: true },
  handler: ({ region, year }: { region?: string; year?: number }) =>
    sales
      .filter((row) => (region ?? row.region) === row.region && (year ?? row.year) === row.year)
      .reduce((total, { amount }) => total + amount, 0),
}

// Answers from a script, so that this runs without a key. With one, put: anthropic({ apiKey })
const adapter = scripted([
  [call('1', 'sum_sales', { year: 2026 }), call('2', 'sum_sales', { region: 'north' })],
  'Sales of 2026 were 90; the north sold 80 in all.',
  'In 2026.',
])

const runDir = join(await mkdtemp(join(tmpdir(), 'harnext-example-')), 'runs')
const harness = new Harness({
  adapter,
  model: 'any',
  system: 'You analyse sales.',
  tools: [sum],
  runDir,
})

const { text, status, turns, usage, runFile } = await harness.runResult('How were sales?')
console.log(text)
// `run` begins anew; `ask` goes on.
const more = await harness.ask('In which year was the north better?')
console.log(`${more}\n${turns} turns, ${usage.inputTokens} tokens in; all of it is in ${runFile}`)

await rm(join(runDir, '..'), { recursive: true })

deepStrictEqual([status, turns, usage.inputTokens], ['success', 2, 20])
strictEqual(more, 'In 2026.')
deepStrictEqual(
  adapter.requests.map(({ messages }) => messages.length),
  [1, 4, 6],
)
