import {
  Agent,
  ToolResult,
  tool,
  type AgentOptions,
  type SessionStore,
  type Tool,
} from '@harnext/core'
import type { Vendor } from './vendors.ts'

/** An agent to which everything happens that a log can hold: calls of every outcome, children, compaction, reminders. */
export function eventfulAgent(
  store: SessionStore,
  { adapter, model }: Vendor,
  more: Partial<AgentOptions> = {},
): Agent {
  return new Agent({
    name: 'cuts',
    adapter,
    model,
    store,
    tools,
    permissionMode: 'bypass',
    rules: [
      { tool: 'forbidden', decision: 'deny' },
      { tool: 'asked', decision: 'ask' },
    ],
    agents: [{ name: 'helper', description: 'Helps.', systemPrompt: 'You help.', maxTurns: 4 }],
    systemPrompt: 'Work.',
    instructions: false,
    compaction: { contextWindow: WINDOW, reserveTokens: 500, keepTokens: 500 },
    maxOutputTokens: 400,
    maxTurns: 8,
    maxRetries: 0,
    ...more,
  })
}

/** Tokens: a few results fill it. */
const WINDOW = 4000

const parameters = {
  type: 'object',
  properties: { q: { type: 'string' } },
  required: ['q'],
} as const

function plainTool(name: string, execute: Parameters<typeof tool>[0]['execute']): Tool {
  return tool({ name, description: name, parameters, effects: () => [], execute })
}

const picture = { type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const

const tools: readonly Tool[] = [
  plainTool('look', () => 'Something is there.'),
  plainTool('say_nothing', () => ''),
  plainTool('show', () =>
    ToolResult.ok('A picture', { content: [{ type: 'text', text: 'A picture:' }, picture] }),
  ),
  plainTool('show_broken', () => ToolResult.error('', { content: [picture] })),
  plainTool('read_much', () => 'word '.repeat(1500)),
  plainTool('fail', () => {
    throw new Error('It is broken \ud83d.')
  }),
  plainTool('forbidden', () => 'never'),
  plainTool('asked', () => 'It was permitted.'),
  tool({ name: 'act', description: 'act', parameters, execute: () => 'It is done.' }),
]

/** What a model may call: all of these, a subagent, and what does not exist. */
export const toolNames: readonly [string, ...string[]] = [
  'no_such_tool',
  ...tools.map(({ name }) => name),
]
