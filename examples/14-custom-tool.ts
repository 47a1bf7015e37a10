// A tool of your own: a name, a schema and a function. The model does the rest.
import { deepStrictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext, ToolResult, tool } from '@harnext/sdk'
import { z } from 'zod'

const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const stock = new Map([['apple', 12]])

const countStock = tool({
  name: 'count_stock',
  description: 'How many of an article are in stock',
  parameters: z.object({ article: z.string().describe('In the singular, as `apple`') }),
  // It only looks at what is in memory. Without this line it would count as something that runs.
  effects: () => [],
  execute({ article }) {
    const count = stock.get(article)
    // What went wrong is told to the model, which then tries something else. To throw does the same.
    if (count === undefined) return ToolResult.error(`There is no article ${article}.`)
    return { article, count }
  },
})

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [call('1', 'count_stock', { article: 'apples' })],
    [call('2', 'count_stock', { article: 'apple' })],
    [call('3', 'count_stock', { name: 'apple' })],
    'There are 12 apples.',
  ],
  { id: 'anthropic' },
)

// Built-in tools are there by their names: tools: ['read', 'bash', countStock].
const agent = new Harnext({ provider, tools: [countStock], home })

const { text, steps } = await agent.run('How many apples are there?')
for (const { status, output } of steps) console.log(`- ${status}: ${output}`)
console.log(text)

await rm(home, { recursive: true })

deepStrictEqual(
  steps.map(({ status, reason }) => [status, reason]),
  [
    ['error', undefined],
    ['ok', undefined],
    // Arguments that do not fit the schema never reach the function.
    ['error', 'invalid'],
  ],
)
deepStrictEqual(steps[1]?.output, '{"article":"apple","count":12}')
