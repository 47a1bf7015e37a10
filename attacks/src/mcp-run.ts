import { fileURLToPath } from 'node:url'
import {
  Agent,
  ConfigError,
  type AgentOptions,
  type JsonObject,
  type RunEvent,
  type ToolStep,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { call, scripted } from '@harnext/core/testing'
import { McpServers, type McpOptions } from '@harnext/mcp'
import type { McpCase } from './case.ts'
import type { Place } from './place.ts'

const program = fileURLToPath(
  new URL('../../packages/mcp/test/support/scenario-server.mjs', import.meta.url),
)

/** What a run over servers came to. */
export interface RunOutcome {
  readonly steps: readonly ToolStep[]
  readonly events: readonly RunEvent[]
  readonly asked: boolean
}

/** A run whose model makes these calls, one a turn, to servers that do what their scenarios say. Whoever is asked says no. */
export async function runWith(
  servers: { readonly [name: string]: JsonObject },
  calls: readonly (readonly [tool: string, args?: JsonObject])[],
  place: Place<McpCase>,
  agentOptions: Partial<AgentOptions>,
  mcpOptions: Partial<McpOptions> = {},
): Promise<RunOutcome> {
  const configs = Object.entries(servers).map(
    ([name, scenario]) =>
      [
        name,
        { command: process.execPath, args: [program, JSON.stringify(scenario)], timeout: 10_000 },
      ] as const,
  )
  const mcp = new McpServers({
    roots: [place.workspace],
    ...mcpOptions,
    servers: Object.fromEntries(configs),
  })
  let asked = false
  try {
    const script = calls.map(([name, args = {}], index) => [call(`c${index}`, name, args)])
    const agent = new Agent({
      name: 'attacks',
      adapter: scripted([...script, 'done']),
      model: 'm',
      toolSources: [mcp],
      workspace: localWorkspace({ roots: [place.workspace], home: place.home }),
      onPermission: () => {
        asked = true
        return false
      },
      ...agentOptions,
    })
    const run = agent.run([], 'go')
    const events: RunEvent[] = []
    for await (const event of run) events.push(event)
    const { steps, error } = await run.result
    if (error instanceof ConfigError) return { steps: [], events, asked }
    if (error) throw error
    return { steps, events, asked }
  } finally {
    await mcp.close()
  }
}

/** In the words of the cases. */
export function verdictOf({ steps, asked }: RunOutcome): string {
  if (asked) return 'ask'
  return steps[0]?.status === 'ok' ? 'allow' : 'deny'
}
