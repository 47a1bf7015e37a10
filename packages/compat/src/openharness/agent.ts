import {
  Agent as CoreAgent,
  type AgentDefinition,
  type AgentOptions as CoreOptions,
  type Awaitable,
  type Hooks,
  type Json,
  type Message,
  type RunEvent,
  type SubagentBackgroundOptions,
  type Tool,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { McpServers, type McpServerConfigs } from '@harnext/mcp'
import { createDottedEventsProjector } from '@harnext/protocols/dotted-events'
import type { AgentEvent } from './events.ts'
import { toAdapterModel, type Model } from './model.ts'
import { retryingModel } from './retrying-model.ts'
import type { Input } from './runner.ts'
import { toSubagentSessions, type SubagentSessionsConfig } from './subagent-sessions.ts'
import { SubagentReporter, toAgents, type SubagentCatalog } from './subagents.ts'
import { skillTools, toTools, type Tools } from './tools.ts'

export interface ToolCallInfo {
  readonly toolName: string
  readonly toolCallId: string
  readonly input: Json
}
/** `false` denies the call, and the model is told so. What it throws denies too. */
export type ApproveFn = (call: ToolCallInfo) => Awaitable<boolean>
/** `path`: the names of the agents, from the first subagent to the one that speaks. */
export type SubagentEventFn = (path: readonly string[], event: AgentEvent) => void

export type SubagentBackground = boolean | SubagentBackgroundOptions

/** What harnext has beside it: permissions, budgets, the folders to work in. */
type Extra =
  | 'permissionMode'
  | 'rules'
  | 'onPermission'
  | 'budget'
  | 'price'
  | 'workspace'
  | 'maxRetries'

export interface AgentOptions extends Pick<CoreOptions, Extra> {
  readonly name: string
  /** When to use it, as a subagent. */
  readonly description?: string
  readonly model: Model
  readonly systemPrompt?: string
  readonly tools?: Tools
  /** Answers of the model in one run. @default 100 */
  readonly maxSteps?: number
  readonly temperature?: number
  /** Of one answer. */
  readonly maxTokens?: number
  /** Read AGENTS.md, else HARNESS.md, else CLAUDE.md, from the repository's root down. @default true */
  readonly instructions?: boolean
  /** Asked before each call, also those of subagents. @default every call runs */
  readonly approve?: ApproveFn
  /** They work with the tools that they were made with, under this agent's permissions, and share its subagents. */
  readonly subagents?: readonly Agent[] | SubagentCatalog
  /** How deep subagents may have subagents; 0: none at all. @default 1 */
  readonly maxSubagentDepth?: number
  /** Whether subagents may run beside their parent, and how. @default false */
  readonly subagentBackground?: SubagentBackground
  /** Where the sessions of subagents are kept beyond a run. @default they end with it */
  readonly subagentSessions?: SubagentSessionsConfig
  readonly onSubagentEvent?: SubagentEventFn
  /** They start with the first run. One that cannot be reached is an error of the run. */
  readonly mcpServers?: McpServerConfigs
  readonly skills?: { readonly paths: readonly string[] }
}

export interface RunOptions {
  readonly signal?: AbortSignal
}

/**
 * A model with tools, without a memory of its own: a run takes the history, and `done.messages` is the new one.
 *
 * @example
 * const agent = new Agent({ name: 'dev', model: openai('gpt-5.6'), tools: { weather } })
 * for await (const event of agent.run([], 'How is the weather in Rome?'))
 *   if (event.type === 'text.delta') process.stdout.write(event.text)
 */
export class Agent {
  readonly name: string
  readonly description: string
  readonly model: Model
  readonly maxTokens: number | undefined
  readonly #options: AgentOptions
  readonly #agent: CoreAgent
  readonly #mcp: McpServers | undefined

  /** Throws `ConfigError`. */
  constructor(options: AgentOptions) {
    const { workspace = localWorkspace({ roots: ['.'] }), mcpServers } = options
    this.name = options.name
    this.description = options.description ?? options.name
    this.model = options.model
    this.maxTokens = options.maxTokens
    this.#options = options
    this.#mcp = mcpServers && toMcp(mcpServers, workspace.roots)
    this.#agent = new CoreAgent({
      ...shared(options),
      ...around(options),
      name: options.name,
      workspace,
      permissionMode: options.permissionMode ?? 'bypass',
      maxRetries: options.maxRetries ?? 2,
      ...(this.#mcp && { toolSources: [this.#mcp] }),
    })
  }

  /**
   * The events of a run; `done` is last. They do not throw for what a run comes to: an error is an `error`, and so is an abort. Leaving
   * the loop cancels the run.
   */
  async *run(
    history: readonly Message[],
    input: Input,
    { signal }: RunOptions = {},
  ): AsyncGenerator<AgentEvent, void, undefined> {
    const { onSubagentEvent } = this.#options
    const reporter = onSubagentEvent && new SubagentReporter(onSubagentEvent)
    const projector = createDottedEventsProjector()
    const run = this.#agent.run(history, input, { ...(signal && { signal }) })
    for await (const event of run as AsyncIterable<RunEvent>) {
      reporter?.take(event)
      yield* projector.push(event)
    }
    yield* projector.end()
  }

  /** Cancels what is under way, and ends the MCP servers. */
  async close(): Promise<void> {
    await this.#agent.close()
    await this.#mcp?.close()
  }

  /** The agent as another one's subagent. */
  static definitionOf(agent: Agent): AgentDefinition {
    const { description, name } = agent
    const { maxRetries: _, instructions: _instructions, ...rest } = shared(agent.#options)
    const { maxTurns, systemPrompt, tools = [], params, maxOutputTokens, adapter, model } = rest
    return {
      name,
      description,
      adapter,
      model,
      tools,
      ...(systemPrompt !== undefined && { systemPrompt }),
      ...(maxTurns !== undefined && { maxTurns }),
      ...(params && { params }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    }
  }
}

/** What an agent is, by itself and as a subagent. */
function shared(options: AgentOptions): Omit<CoreOptions, 'name'> {
  const { tools = [], skills, maxTokens, temperature } = options
  const own = toTools(tools)
  const names = new Set(own.map(({ name }) => name))
  const loading = skillTools(skills?.paths ?? []).filter(({ name }) => !names.has(name))
  const all: readonly Tool[] = [...loading, ...own]
  return {
    ...toAdapterModel(options.model),
    systemPrompt: options.systemPrompt ?? '',
    instructions: options.instructions ?? true,
    tools: all,
    maxTurns: options.maxSteps ?? 100,
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { params: { temperature } }),
  }
}

/** What stands around its runs. */
function around(options: AgentOptions): Partial<CoreOptions> {
  const { rules, onPermission, budget, price, approve, subagents, subagentSessions } = options
  return {
    ...(rules && { rules }),
    ...(onPermission !== undefined && { onPermission }),
    ...(budget && { budget }),
    ...(price && { price }),
    ...(approve && { hooks: { beforeTool: approval(approve) } }),
    ...(subagents && { agents: toAgents(subagents, asSubagent(subagentSessions)) }),
    ...(subagentSessions && {
      subagentSessions: toSubagentSessions(subagentSessions, namedIn(subagents ?? [])),
    }),
    maxSubagentDepth: options.maxSubagentDepth ?? 1,
    subagentBackground: options.subagentBackground ?? false,
    subagents: options.onSubagentEvent !== undefined,
  }
}

/** What their sessions are to keep to. */
function asSubagent({ sessionOptions = {} }: Partial<SubagentSessionsConfig> = {}) {
  const { contextWindow, reservedTokens, autoCompact = true, retry } = sessionOptions
  const window = {
    ...(contextWindow !== undefined && { contextWindow }),
    ...(reservedTokens !== undefined && { reserveTokens: reservedTokens }),
  }
  return (agent: Agent): AgentDefinition => ({
    ...Agent.definitionOf(agent),
    ...(retry && retryingModel(toAdapterModel(agent.model), retry)),
    ...(contextWindow !== undefined && { compaction: autoCompact ? window : false }),
  })
}

function namedIn(
  subagents: readonly Agent[] | SubagentCatalog,
): (name: string) => Awaitable<Agent | null | undefined> {
  return 'resolve' in subagents
    ? (name) => subagents.resolve(name)
    : (name) => subagents.find((agent) => agent.name === name)
}

function approval(approve: ApproveFn): NonNullable<Hooks['beforeTool']> {
  return async ({ tool, id, args }) => {
    const allowed = await approve({ toolName: tool, toolCallId: id, input: args })
    return allowed ? undefined : { deny: `Tool call to "${tool}" was denied.` }
  }
}

function toMcp(servers: McpServerConfigs, roots: readonly string[]): McpServers {
  const required = Object.entries(servers).map(
    ([name, config]) => [name, { required: true, ...config }] as const,
  )
  return new McpServers({ servers: Object.fromEntries(required), roots })
}
