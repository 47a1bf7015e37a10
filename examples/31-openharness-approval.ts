// Ask before each call: what is not approved is told to the model, which goes on without it.
import { deepStrictEqual } from 'node:assert'
import { Agent } from '@harnext/compat/openharness'
import { call, scripted } from '@harnext/core/testing'
import { tool } from 'ai'
import { z } from 'zod'

const sent: string[] = []
const send = tool({
  description: 'Sends a mail',
  inputSchema: z.object({ to: z.string() }),
  execute: async ({ to }) => {
    sent.push(to)
    return 'sent'
  },
})

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted([
  [call('1', 'send', { to: 'team@example.com' }), call('2', 'send', { to: 'all@example.com' })],
  'I wrote to the team; the other mail was not wanted.',
])

const agent = new Agent({
  name: 'secretary',
  model: { adapter, model: 'any' },
  tools: { send },
  approve: ({ toolName, input }) => {
    console.log(`${toolName} ${JSON.stringify(input)}?`)
    return JSON.stringify(input).includes('team@')
  },
})

const errors: string[] = []
for await (const event of agent.run([], 'Announce the release.')) {
  if (event.type === 'text.delta') process.stdout.write(event.text)
  if (event.type === 'tool.error') errors.push(event.toolCallId)
}
console.log()
await agent.close()

deepStrictEqual([sent, errors], [['team@example.com'], ['2']])
