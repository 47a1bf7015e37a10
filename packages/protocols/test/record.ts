import {
  Agent,
  noWorkspace,
  tool,
  type AgentOptions,
  type Message,
  type RunEvent,
  type RunResult,
  type Tool,
  type ToolContext,
} from '@harnext/core'
import { collect, scripted, type ScriptedStep } from '@harnext/core/testing'

/** A tool that touches nothing and takes any object. */
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
): Agent {
  return new Agent({
    name: 'test',
    adapter: scripted(steps),
    model: 'model-1',
    workspace: noWorkspace,
    instructions: false,
    systemPrompt: 'Be brief.',
    ...options,
  })
}

/** The events of a real run, with the times and the random ids replaced. */
export async function record(
  steps: readonly ScriptedStep[],
  options: Partial<AgentOptions> = {},
  input: string | readonly Message[] = 'Go.',
): Promise<readonly RunEvent[]> {
  const run = agentOf(steps, options).run([], input, { session: 'sess_1' })
  return (await collect(run)).map(steady)
}

/** The same event in every run. */
export function steady(event: RunEvent): RunEvent {
  if (event.type === 'run_start' || event.type === 'run_resumed')
    return { ...event, runId: 'run_1' }
  if (event.type === 'tool_result') return { ...event, durationMs: 5 }
  if (event.type !== 'run_end') return event
  const { result } = event
  const steps = result.steps.map((step) => ({ ...step, durationMs: 5 }))
  const same: RunResult<unknown> = { ...result, runId: 'run_1', durationMs: 100, steps }
  return { ...event, result: same }
}
