// OpenHarness' agent on harnext: it keeps nothing, so you keep the history.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { Agent } from '@harnext/compat/openharness'
import type { Message } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'
import { tool } from 'ai'
import { z } from 'zod'

// A tool as the AI SDK has it.
const weather = tool({
  description: 'The weather of a place',
  inputSchema: z.object({ place: z.string() }),
  execute: async ({ place }) => ({ place, sky: 'blue' }),
})

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted([
  [call('1', 'weather', { place: 'Rome' })],
  'It is sunny in Rome.',
  'Yes, leave the umbrella at home.',
])
const model = { adapter, model: 'any' }

const agent = new Agent({
  name: 'guide',
  model,
  systemPrompt: 'You know the weather.',
  tools: { weather },
  maxSteps: 20,
})

let history: readonly Message[] = []
const seen: string[] = []
for (const question of ['How is the weather in Rome?', 'Without an umbrella?'])
  for await (const event of agent.run(history, question)) {
    if (event.type === 'text.delta') process.stdout.write(event.text)
    if (event.type === 'tool.start') console.log(`→ ${event.toolName}`)
    if (event.type === 'tool.done') console.log(`← ${event.output}`)
    if (event.type === 'done') {
      console.log(`\n${event.result}, ${event.totalUsage.totalTokens} tokens`)
      history = event.messages
    }
    if (!event.type.endsWith('.delta')) seen.push(event.type)
  }
await agent.close()

deepStrictEqual(
  history.map(({ role }) => role),
  ['user', 'assistant', 'tool', 'assistant', 'user', 'assistant'],
)
const answered = 'step.start text.done step.done done'
strictEqual(seen.join(' '), `step.start tool.start tool.done step.done ${answered} ${answered}`)
