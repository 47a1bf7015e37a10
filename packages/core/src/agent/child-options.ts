import { ConfigError } from '../errors.ts'
import { isLooser, normaliseMode } from '../permission/modes.ts'
import type { PermissionMode, PermissionRule } from '../permission/permission.ts'
import { matchesTool } from '../tool/names.ts'
import type { Tool } from '../tool/tool.ts'
import { DEFAULT_SUBAGENT_TURNS, type AgentDefinition } from './agent-definition.ts'
import type { AgentOptions } from './options.ts'

/**
 * The options of a child: its parent's, narrowed. Permissions, hooks, workspace and limits of money are never the child's to choose.
 * `tools`: those that the parent has, without the ones that make children. Throws `ConfigError` for a tool that is not there.
 */
export function childOptions(
  parent: AgentOptions,
  agent: AgentDefinition,
  tools: readonly Tool[],
): AgentOptions {
  const { store: _store, outputSchema: _output, toolChoice: _choice, ...inherited } = parent
  const { metadata: _metadata, notices: _notices, params, effort, fallback, ...others } = inherited
  const { checks: _checks, compaction, ...rest } = others
  const sameModel = !agent.adapter && agent.model === undefined
  const sameVendor = !agent.adapter || agent.adapter.id === parent.adapter.id
  const ownParams = agent.params ?? (sameVendor ? params : undefined)
  const ownEffort = agent.effort ?? effort
  return {
    ...rest,
    name: agent.name,
    adapter: agent.adapter ?? parent.adapter,
    model: agent.model ?? parent.model,
    tools: toolsFor(agent, tools),
    maxTurns: agent.maxTurns ?? DEFAULT_SUBAGENT_TURNS,
    permissionMode: stricter(parent.permissionMode ?? 'auto', agent.permissionMode),
    rules: [...(parent.rules ?? []), ...(agent.rules ?? []).filter(tightens)],
    maxSubagentDepth: (parent.maxSubagentDepth ?? 1) - 1,
    ...(agent.systemPrompt !== undefined && { systemPrompt: agent.systemPrompt }),
    ...promptEnd(parent, agent),
    ...compactionOf(agent, sameModel, compaction),
    ...(sameModel && fallback && { fallback }),
    ...(ownParams && { params: ownParams }),
    ...(ownEffort && { effort: ownEffort }),
    ...(agent.maxRetries !== undefined && { maxRetries: agent.maxRetries }),
    ...(agent.maxOutputTokens !== undefined && { maxOutputTokens: agent.maxOutputTokens }),
  }
}

function compactionOf(
  agent: AgentDefinition,
  sameModel: boolean,
  given: AgentOptions['compaction'],
): Pick<AgentOptions, 'compaction'> {
  const compaction = agent.compaction ?? (given && !sameModel ? unsized(given) : given)
  return compaction === undefined ? {} : { compaction }
}

/** A window that was given is that of the parent's model. */
function unsized({
  contextWindow: _window,
  ...rest
}: Exclude<AgentOptions['compaction'], false | undefined>): typeof rest {
  return rest
}

function promptEnd(
  parent: AgentOptions,
  agent: AgentDefinition,
): { readonly appendSystemPrompt?: string } {
  const ends = [parent.appendSystemPrompt, agent.appendSystemPrompt]
  const appendSystemPrompt = ends.filter((end) => end).join('\n\n')
  return appendSystemPrompt ? { appendSystemPrompt } : {}
}

function stricter(parent: string, child: string | undefined): PermissionMode {
  const mode = normaliseMode(parent)
  const own = child === undefined ? mode : normaliseMode(child)
  return isLooser(own, mode) ? mode : own
}

/** What an agent's own rules may do: a rule that allows would give it more than its parent has. */
function tightens({ decision }: PermissionRule): boolean {
  return decision !== 'allow'
}

function toolsFor({ name, tools }: AgentDefinition, given: readonly Tool[]): readonly Tool[] {
  if (!tools) return given
  const chosen = tools.flatMap((wanted) =>
    typeof wanted === 'string' ? given.filter((tool) => matchesTool(wanted, tool.name)) : [wanted],
  )
  // One that is missing is one less; an agent with none of its tools could only pretend.
  if (tools.length && !chosen.length)
    throw new ConfigError(
      `Agent ${name} wants the tools ${tools.map(nameOf).join(', ')}, and its parent has none of them. It has: ${given.map(nameOf).join(', ') || 'none'}.`,
    )
  return [...new Set(chosen)]
}

function nameOf(tool: string | Tool): string {
  return typeof tool === 'string' ? tool : tool.name
}
