import type { CompactionOptions } from '../context/compaction.ts'
import { ConfigError } from '../errors.ts'
import type { Awaitable, JsonObject } from '../json.ts'
import type { Effort, ProviderAdapter } from '../model/adapter.ts'
import type { PermissionModeName, PermissionRule } from '../permission/permission.ts'
import { nearest } from '../tool/nearest.ts'
import type { Tool } from '../tool/tool.ts'

/** A subagent. What it does not say it has from its parent; nothing that it says gives it more than its parent has. */
export interface AgentDefinition {
  /** `[a-z0-9][a-z0-9_-]{0,31}`, in any case. */
  readonly name: string
  /** When to use it; the model chooses by it. */
  readonly description: string
  /** Takes the place of the parent's. */
  readonly systemPrompt?: string
  readonly appendSystemPrompt?: string
  readonly adapter?: ProviderAdapter
  readonly model?: string
  /** Names of the parent's tools (`mcp__server` for a whole server), or tools of its own. Default: all that the parent has. */
  readonly tools?: readonly (string | Tool)[]
  /** @default 50 */
  readonly maxTurns?: number
  /** The stricter one of this and the parent's counts. */
  readonly permissionMode?: PermissionModeName
  /** Beside the parent's; an `allow` permits nothing that the parent would be asked for. */
  readonly rules?: readonly PermissionRule[]
  readonly effort?: Effort
  readonly params?: JsonObject
  /** Tokens. */
  readonly maxOutputTokens?: number
  readonly maxRetries?: number
  readonly compaction?: CompactionOptions | false
}

export type AgentSummary = Pick<AgentDefinition, 'name' | 'description'>

/** Agents that are looked up when they are needed. `list` is asked once for each run. */
export interface AgentCatalog {
  list(): Awaitable<readonly AgentSummary[]>
  /** `null` or `undefined`: there is no such agent. */
  resolve(name: string): Awaitable<AgentDefinition | null | undefined>
}

export type Agents = readonly AgentDefinition[] | AgentCatalog

export const DEFAULT_SUBAGENT_TURNS = 50

const LOOKING = ['read', 'ls', 'glob', 'grep']

/** The agents that come with harnext: `general`, and `explore`, `plan` and `review`, which only look. */
export const builtInAgents: readonly AgentDefinition[] = [
  {
    name: 'general',
    description:
      'Does a task of several steps by itself, with the same tools. For work that can be described in full and whose steps you need not see.',
    maxTurns: 50,
    appendSystemPrompt:
      'You work for another agent. It sees your last answer and nothing else: say there what you did, what you found out, with paths and lines, and what is left.',
  },
  {
    name: 'explore',
    description:
      'Looks for something in the files and reports where it is and how it works. It changes nothing.',
    maxTurns: 20,
    tools: LOOKING,
    permissionMode: 'plan',
    appendSystemPrompt:
      'You look things up for another agent and change nothing. It sees your last answer and nothing else: answer its question with paths and lines, quote what matters, and say what you did not find.',
  },
  {
    name: 'plan',
    description: 'Reads what a change touches and returns a plan in steps. It changes nothing.',
    maxTurns: 30,
    tools: LOOKING,
    permissionMode: 'plan',
    appendSystemPrompt:
      'You plan a change for another agent and change nothing. It sees your last answer and nothing else: name the files to change and what to change in each, in the order of work, what could go wrong, and how to check the result.',
  },
  {
    name: 'review',
    description: 'Reads a change or some files and reports what is wrong. It changes nothing.',
    maxTurns: 30,
    tools: LOOKING,
    permissionMode: 'plan',
    appendSystemPrompt:
      'You review for another agent and change nothing. It sees your last answer and nothing else: list what is wrong, the worst first, each with path, line, why it is wrong and what would mend it. Do not list what is merely a matter of taste. Say so when you find nothing.',
  },
]

/** A list as a catalog. Throws `ConfigError` for a name that is none, or that comes twice. */
export function toCatalog(agents: Agents): AgentCatalog {
  if ('resolve' in agents) return agents
  const byName = new Map<string, AgentDefinition>()
  for (const agent of agents) {
    checkAgent(agent)
    if (byName.has(agent.name)) throw new ConfigError(`Two agents have the name ${agent.name}.`)
    byName.set(agent.name, agent)
  }
  return { list: () => agents, resolve: (name) => byName.get(name) }
}

/** The agent of that name. Throws `ConfigError` that lists those that are there. */
export async function resolveAgent(
  { list, resolve }: AgentCatalog,
  name: string,
): Promise<AgentDefinition> {
  const agent = await resolve(name)
  if (agent) {
    checkAgent(agent)
    return agent
  }
  const names = (await list()).map((each) => each.name)
  const close = nearest(name, names)
  throw new ConfigError(
    `There is no agent ${JSON.stringify(name)}${close ? `; did you mean ${close}?` : '.'} The agents are: ${names.join(', ') || 'none'}.`,
  )
}

function checkAgent({ name, description }: AgentDefinition): void {
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/i.test(name))
    throw new ConfigError(
      `An agent's name is 1 to 32 letters, digits, _ or -, a letter or digit first; got ${JSON.stringify(name)}.`,
    )
  if (typeof description !== 'string' || !description)
    throw new ConfigError(`Agent ${name} needs a description: the model chooses by it.`)
}
