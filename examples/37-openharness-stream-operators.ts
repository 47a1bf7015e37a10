// Work on the events of a run as on any stream: look, leave out, change, end early.
import { deepStrictEqual } from 'node:assert'
import { Agent, filter, map, takeUntil, tap, type AgentEvent } from '@harnext/compat/openharness'
import { call, scripted } from '@harnext/core/testing'
import { tool } from 'ai'
import { z } from 'zod'

const roll = tool({
  description: 'Rolls a die',
  inputSchema: z.object({}),
  execute: async () => 4,
})

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const turns = () => scripted([[call('1', 'roll')], 'It is a four.'])
const agent = () =>
  new Agent({ name: 'player', model: { adapter: turns(), model: 'any' }, tools: { roll } })

let steps = 0
const counted = tap<AgentEvent>(({ type }) => {
  if (type === 'step.start') steps += 1
})
const onlyText = filter<AgentEvent>(({ type }) => type === 'text.delta')
const toText = map((event: AgentEvent) => (event.type === 'text.delta' ? event.text : '\n'))

let text = ''
for await (const part of toText(onlyText(counted(agent().run([], 'Roll.'))))) text += part
console.log(text)

// Leaving a run cancels it: here, once the die has fallen.
const fallen = takeUntil<AgentEvent>(({ type }) => type === 'tool.done')
const seen: string[] = []
for await (const { type } of fallen(agent().run([], 'Roll.'))) seen.push(type)

deepStrictEqual([text, steps], ['It is a four.\n', 2])
deepStrictEqual(seen, ['step.start', 'tool.start', 'tool.done'])
