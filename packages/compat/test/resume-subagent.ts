// A process of its own that goes on with a subagent's session: `node resume-subagent.ts <folder> <id>`.
import { call, scripted } from '@harnext/core/testing'
import { Agent } from '../src/openharness.ts'
import { fileStore } from './file-store.ts'

const [folder = '', id = ''] = process.argv.slice(2)
const child = scripted(['It was seven.'])
const task = { agent: 'helper', prompt: 'Which number?', session: { mode: 'resume', id } }
const agent = new Agent({
  name: 'dev',
  model: { adapter: scripted([[call('1', 'task', task)], 'Done.']), model: 'm' },
  subagents: [new Agent({ name: 'helper', model: { adapter: child, model: 'm' } })],
  subagentSessions: { messages: fileStore(folder) },
})
for await (const event of agent.run([], 'Go'))
  if (event.type === 'tool.done' || event.type === 'tool.error') console.log(JSON.stringify(event))
console.log(JSON.stringify(child.requests[0]?.messages))
