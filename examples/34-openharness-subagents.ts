// Agents that give work to others: each has its own model, tools and conversation, and the parent sees the answer.
import { deepStrictEqual, match } from 'node:assert'
import { Agent } from '@harnext/compat/openharness'
import { call, scripted } from '@harnext/core/testing'
import { tool } from 'ai'
import { z } from 'zod'

const search = tool({
  description: 'Searches the handbook',
  inputSchema: z.object({ word: z.string() }),
  execute: async ({ word }) => `Page 12 is about ${word}.`,
})

// Answers from a script, so that this runs without a key. With one, put: model: openai('gpt-5.6-mini')
const researcher = new Agent({
  name: 'researcher',
  description: 'Looks things up in the handbook.',
  model: {
    adapter: scripted([[call('s', 'search', { word: 'holidays' })], 'Holidays are on page 12.']),
    model: 'small',
  },
  tools: { search },
})
const task = call('1', 'task', { agent: 'researcher', prompt: 'Where are holidays explained?' })

const said: string[] = []
const agent = new Agent({
  name: 'assistant',
  model: { adapter: scripted([[task], 'Look at page 12.']), model: 'large' },
  subagents: [researcher],
  onSubagentEvent: (path, event) => {
    if (event.type === 'tool.start' || event.type === 'done')
      said.push(`${path.join(' > ')}: ${event.type}`)
  },
})

let answer = ''
let result = ''
for await (const event of agent.run([], 'Where do I read about holidays?')) {
  if (event.type === 'text.delta') answer += event.text
  if (event.type === 'tool.done') result = event.output
}
console.log(`${said.join('\n')}\n${answer}`)
await agent.close()

match(result, /^<task_result [^]*Holidays are on page 12\.[^]*<\/task_result>$/)
deepStrictEqual(said, ['researcher: tool.start', 'researcher: done'])
deepStrictEqual(answer, 'Look at page 12.')
