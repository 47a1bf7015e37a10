import {
  Agent,
  noWorkspace,
  tool,
  type AgentOptions,
  type RunEvent,
  type Tool,
  type ToolContext,
} from '../../src/index.ts'
import { scripted, type ScriptedAdapter, type ScriptedStep } from '../../src/testing.ts'

/** A tool without parameters worth checking. */
export function stub(
  name: string,
  execute: (args: Record<string, unknown>, context: ToolContext) => unknown,
  rest: Partial<Parameters<typeof tool>[0]> = {},
): Tool {
  return tool({
    name,
    description: name,
    parameters: { type: 'object' },
    effects: () => [],
    ...rest,
    execute: execute as (args: unknown, context: ToolContext) => unknown,
  })
}

export function agentOf(
  steps: readonly ScriptedStep[],
  options: Partial<AgentOptions> = {},
): { readonly adapter: ScriptedAdapter; readonly agent: Agent } {
  const adapter = scripted(steps)
  const agent = new Agent({ name: 'test', adapter, model: 'm', workspace: noWorkspace, ...options })
  return { adapter, agent }
}

export const types = (events: readonly RunEvent[]): readonly string[] =>
  events.map(({ type }) => type)

export function ofType<T extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: T,
): Extract<RunEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)
}

/** A promise with its switch. */
export function gate(): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>()
}
