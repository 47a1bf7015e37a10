// One tool, one question. The model is scripted, so that this runs without a key.
import { deepStrictEqual } from 'node:assert'
import { Agent, tool } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'

const add = tool({
  name: 'add',
  description: 'Adds two numbers',
  parameters: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
  effects: () => [],
  execute: ({ a, b }: { a: number; b: number }) => a + b,
})

const agent = new Agent({
  name: 'calculator',
  model: 'any',
  adapter: scripted([[call('1', 'add', { a: 2, b: 3 })], '2 + 3 is 5.']),
  tools: [add],
})

const run = agent.run([], 'What is 2 + 3?')
for await (const event of run) {
  if (event.type === 'tool_start') console.log(`→ ${event.tool} ${JSON.stringify(event.args)}`)
  if (event.type === 'tool_result') console.log(`← ${event.output}`)
  if (event.type === 'text') process.stdout.write(event.text)
}
const { stopReason, steps, usage } = await run.result
console.log(`\n${stopReason}, ${usage.totalTokens} tokens`)

deepStrictEqual(
  steps.map(({ tool: name, output }) => [name, output]),
  [['add', '5']],
)
