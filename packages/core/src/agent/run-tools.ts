import type { Tool } from '../tool/tool.ts'
import { Background } from './background.ts'
import type { ChildHost } from './child-run.ts'
import { loadTool } from './load-tools.ts'
import { redacted } from './redact-result.ts'
import { subagentTools } from './subagents.ts'
import { withAfterTool } from './tool-hooks.ts'

/** The tools of a run: what it was given, with the hooks after them, and those that make children and load what is hidden. */
export async function runTools(
  host: Omit<ChildHost, 'tools'>,
): Promise<{ readonly tools: readonly Tool[]; readonly background: Background | null }> {
  const {
    tools: given = [],
    hooks,
    secrets,
    agents,
    maxSubagentDepth = 1,
    subagentBackground = true,
  } = host.start.options
  // Children get them as they were given: their own run puts the hooks around them.
  const children = { ...host, tools: given }
  const mayStart = agents !== undefined && maxSubagentDepth > 0
  const options = subagentBackground === true ? {} : subagentBackground
  const background = mayStart && options ? new Background(children, options) : null
  const load = loadTool(given, host.state)
  const tools = [...given, ...(await subagentTools(children, background)), ...(load ? [load] : [])]
  const afterTool = hooks?.afterTool
  const hooked = afterTool ? tools.map((tool) => withAfterTool(tool, afterTool)) : tools
  if (secrets === false) return { tools: hooked, background }
  return { tools: redacted(hooked, secrets), background }
}
