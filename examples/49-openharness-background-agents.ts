// Agents in the background: the model goes on while they work, two at a time, and gathers what they found with agent_await.
import { deepStrictEqual, match } from 'node:assert'
import { Agent } from '@harnext/compat/openharness'
import type { ModelRequest } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'

// Answers from a script, so that this runs without a key. With one, put: model: openai('gpt-5.6-mini')
const about = ({ messages }: ModelRequest): string => {
  const [, chapter = ''] = /chapter (\d)/.exec(JSON.stringify(messages)) ?? []
  return `It is about ${['rivers', 'hills', 'roads'][Number(chapter) - 1]}.`
}
const reader = new Agent({
  name: 'reader',
  description: 'Reads one chapter and says what it is about.',
  model: { adapter: scripted([about, about, about]), model: 'small' },
})
const tasks = ['1', '2', '3'].map((chapter) =>
  call(chapter, 'task', { agent: 'reader', prompt: `Read chapter ${chapter}.`, background: true }),
)
const gather = call('4', 'agent_await', { ids: ['reader-1', 'reader-1.2', 'reader-1.3'] })

const agent = new Agent({
  name: 'editor',
  model: { adapter: scripted([tasks, [gather], 'Rivers, hills, roads.']), model: 'large' },
  subagents: [reader],
  subagentBackground: {
    // The third one waits for its turn, and none takes longer than a minute.
    maxConcurrent: 2,
    timeout: 60_000,
    tools: { status: false, cancel: false, await: ['all', 'allSettled'] },
  },
})

const outputs: string[] = []
let answer = ''
for await (const event of agent.run([], 'What is the book about?')) {
  if (event.type === 'tool.done') outputs.push(event.output)
  if (event.type === 'text.delta') answer += event.text
}
console.log(`${outputs.at(-1)}\n${answer}`)
await agent.close()

const [first = '', , third = '', gathered = ''] = outputs
match(first, /^<agent_started id="reader-1" agent="reader"\/>/)
match(third, /status="waiting"/)
match(gathered, /^<await_result mode="all">[^]*rivers[^]*hills[^]*roads/)
deepStrictEqual(answer, 'Rivers, hills, roads.')
