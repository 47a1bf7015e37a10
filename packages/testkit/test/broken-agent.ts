import { Agent, tool } from '@harnext/core'
import type { CrashAgentParts } from '../src/index.ts'

/** Its tools are done again after a crash, whatever they do. */
export function agent({ adapter, store, tools }: CrashAgentParts): Agent {
  const careless = tools.map((one) => ({ ...one, recovery: 'rerun' as const }))
  const other = tool({
    name: 'other',
    description: 'Not asked for.',
    parameters: { type: 'object' },
    execute: () => '',
  })
  return new Agent({
    name: 'careless',
    adapter,
    model: 'task',
    store,
    tools: [...careless, other],
    permissionMode: 'bypass',
    instructions: false,
  })
}
