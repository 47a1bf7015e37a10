// What a call would do decides whether it may: here writing asks, and the answer is no.
import { deepStrictEqual } from 'node:assert'
import { Agent, tool } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'

const save = tool({
  name: 'save',
  description: 'Saves a note',
  parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  effects: ({ path }: { path: string }) => [{ kind: 'write', target: path }],
  execute: () => 'saved',
})

const agent = new Agent({
  name: 'notes',
  model: 'any',
  adapter: scripted([[call('1', 'save', { path: '/etc/motd' })], 'I was not allowed to.']),
  tools: [save],
  permissionMode: 'manual',
  onPermission: ({ tool: name, effects, reason }) => {
    console.log(`${name} wants to:`, effects, reason)
    return { decision: 'deny', message: 'Not outside of the project.' }
  },
})

const { steps } = await agent.run([], 'Save a note.').result
console.log(steps)
deepStrictEqual(
  steps.map(({ status, output }) => [status, output]),
  [['denied', 'Permission denied. Not outside of the project.']],
)
