import type { ToolCallPart } from '../messages.ts'
import { decide } from '../permission/decide.ts'
import type { DecideInput, PermissionCall, Verdict } from '../permission/permission.ts'
import type { Effect } from '../tool/effects.ts'
import { onlyWhileItRuns } from '../tool/execute.ts'
import { noWorkspace } from '../workspace/no-workspace.ts'
import { toolFinder } from './find-tool.ts'
import { openTools } from './open-tools.ts'
import type { AgentOptions } from './options.ts'

/** What the engine says to a call that nobody makes. */
export type Explanation =
  | {
      /** As it is registered. */
      readonly tool: string
      readonly verdict: Verdict
      /** Each effect of the call, and what is said to it alone. */
      readonly effects: readonly { readonly effect: Effect; readonly verdict: Verdict }[]
    }
  /** It would not come to a decision: there is no such tool, or its arguments make no sense. */
  | { readonly failed: string }

export interface Explainer {
  /** `effects`: those that are on record; absent: those that the tool names now. */
  explain(call: PermissionCall, effects?: readonly Effect[]): Promise<Explanation>
  /** Lets go of the tools. */
  close(): Promise<void>
}

/** Asks the engine as a run of this agent would, and runs nothing. Throws `ConfigError`, as a run would fail. */
export async function createExplainer(options: AgentOptions): Promise<Explainer> {
  const { tools = [], toolSources = [], workspace = noWorkspace, policies = [], rules } = options
  const { signal } = new AbortController()
  const read = typeof policies === 'function' ? await policies() : policies
  const opened = await openTools(tools, toolSources, { signal, workspace })
  const find = toolFinder(opened.tools)
  const base: Omit<DecideInput, 'call' | 'effects'> = {
    mode: options.permissionMode ?? options.defaultPermissionMode ?? 'auto',
    ...(rules && { rules }),
    policies: read,
    roots: workspace.roots,
    ...(workspace.home !== undefined && { home: workspace.home }),
    ...(workspace.sandboxed && { sandboxed: true }),
  }
  return {
    async explain({ tool: name, args }, recorded) {
      const part: ToolCallPart = { type: 'tool_call', id: 'call', tool: name, args }
      const tool = find(part)
      if ('failed' in tool) return { failed: tool.failed }
      const checked = await tool.validate(structuredClone(args))
      if ('issues' in checked) return { failed: checked.issues.join('; ') }
      const effects =
        recorded ??
        (await tool.effects(checked.value, {
          signal,
          workspace,
          callId: 'call',
          sessionId: 'none',
          agentPath: [],
          idempotencyKey: 'none',
          effects: [],
          authorize: onlyWhileItRuns,
          progress: () => {},
          emit: onlyWhileItRuns,
        }))
      const call = { tool: tool.name, args }
      return {
        tool: tool.name,
        verdict: decide({ ...base, call, effects }),
        effects: effects.map((effect) => ({
          effect,
          verdict: decide({ ...base, call, effects: [effect] }),
        })),
      }
    },
    close: () => opened.close(),
  }
}
