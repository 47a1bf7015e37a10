import { realpathSync } from 'node:fs'
import {
  ConfigError,
  canonicalToolName,
  nearest,
  type AgentOptions,
  type Effort,
  type PermissionModeName,
  type PermissionRule,
  type Tool,
} from '@harnext/core'
import { jsonlStore, localWorkspace } from '@harnext/core/node'
import type { Environment, McpOptions } from '@harnext/mcp'
import { catalog } from '@harnext/models'
import { applyPatch, builtinTools, shellTools, webSearchTool } from '@harnext/tools'
import type { Skill } from '@harnext/tools/skills'
import { serveAgents } from './agents.ts'
import { chooseFallback, chooseModel } from './choose-model.ts'
import { discoverConfig, type Config, type Discovered } from './config.ts'
import { mcpOf } from './mcp.ts'
import type { HarnextOptions } from './options.ts'
import { serveSkills, withNarrowing, type ServedSkills } from './skills.ts'

const DEFAULT_MAX_TURNS = 40
/** A shorter one may be a word. */
const LEAST_SECRET_LENGTH = 12

/** What an agent is made of, from all places where it can be said: options, files, environment, defaults, in this order. */
export interface Resolved {
  readonly agent: AgentOptions
  readonly home: string
  /** Sorted by name. */
  readonly skills: readonly Skill[]
  /** Absent where there are no MCP servers. */
  readonly mcp?: McpOptions
  /** A sentence when the provider cannot be called: its key is missing. */
  readonly missing?: string
  /** The address of an Ollama that may or may not be there: nothing was set. */
  readonly guessed?: string
}

/** Throws `ConfigError`. Reads the settings' files, and loads no provider. */
export function resolveSettings(
  given: HarnextOptions,
  defaults: { readonly maxTurns: number } = { maxTurns: DEFAULT_MAX_TURNS },
): Resolved {
  checkServed(given)
  const env = given.env ?? process.env
  const cwd = existing(given.cwd ?? '.')
  const discovered = discover(given, cwd, env)
  const { config, managed, notices, home, trusted } = discovered
  // Each setting of a file has the type of the option of its name: the file was checked.
  const options = { ...given, ...managed } as HarnextOptions
  const chosen = chooseModel(options, config, { env, home })
  const { adapter, model, missing, guessed } = chosen
  const fallback = chooseFallback(options.fallback ?? config.fallback ?? [], chosen, { env, home })
  const served = serveSkills(options, { cwd, harnextHome: home, trusted })
  const subagents = serveAgents(options, options.tools ?? config.tools, chosen, {
    cwd,
    home,
    env,
    trusted,
  })
  const warnings = [...notices, ...served.problems, ...fallback.problems, ...subagents.problems]
  const rules: readonly PermissionRule[] = [...(options.rules ?? []), ...(config.rules ?? [])]
  const agent: AgentOptions = {
    ...passedOn(options, config),
    name: 'harnext',
    adapter,
    model,
    ...(fallback.models.length && { fallback: fallback.models }),
    ...(subagents.agents && { agents: subagents.agents }),
    ...chooseTools(options.tools ?? config.tools, served, { ...options, provider: adapter }),
    ...(served.skills.length && { hooks: withNarrowing(options.hooks, served.skills) }),
    workspace: options.workspace ?? localWorkspace({ roots: [cwd, ...(options.roots ?? [])] }),
    store: options.store ?? jsonlStore({ home }),
    maxTurns: options.maxTurns ?? config.maxTurns ?? defaults.maxTurns,
    secrets:
      options.secrets === false
        ? false
        : [...(options.secrets ?? []), ...secretsIn(env), ...chosen.secrets],
    price: options.price ?? ((provider, id) => catalog.price(provider, id)),
    ...(rules.length && { rules }),
    ...(warnings.length && { notices: warnings }),
  }
  return {
    agent,
    home,
    skills: served.skills,
    ...mcpOf(given, discovered, agent.workspace?.roots ?? [cwd], env),
    ...(missing !== undefined && { missing }),
    ...(guessed !== undefined && { guessed }),
  }
}

/** The values of variables whose names say that they are secret, as a tool may print them. */
function secretsIn(env: NonNullable<HarnextOptions['env']>): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) =>
    /(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$/i.test(name) && value.length >= LEAST_SECRET_LENGTH
      ? [value]
      : [],
  )
}

/** The MCP servers of a folder, without anything else of its settings. Throws `ConfigError`. */
export function resolveMcp(options: HarnextOptions): {
  readonly mcp?: McpOptions
  readonly notices: readonly string[]
} {
  const env = options.env ?? process.env
  const cwd = existing(options.cwd ?? '.')
  const discovered = discover(options, cwd, env)
  return { notices: discovered.notices, ...mcpOf(options, discovered, [cwd], env) }
}

function discover(options: HarnextOptions, cwd: string, env: Environment): Discovered {
  return discoverConfig({
    cwd,
    env,
    ...(options.home !== undefined && { home: options.home }),
    ...(options.trusted !== undefined && { trusted: options.trusted }),
    ...(options.managed !== undefined && { managed: options.managed }),
  })
}

function existing(folder: string): string {
  try {
    return realpathSync(folder)
  } catch (error) {
    throw new ConfigError(`cwd must be a folder that exists; got ${JSON.stringify(folder)}.`, {
      cause: error,
    })
  }
}

/** Options of the contract that nothing here serves yet: refused, because to ignore one would be to promise it. */
const NOT_YET = ['smallModel', 'sandbox', 'checks'] as const

function checkServed(options: HarnextOptions): void {
  const given = NOT_YET.filter((name) => options[name] !== undefined)
  if (given.length)
    throw new ConfigError(
      `This version does not serve the option ${given.join(', ')} yet: leave it out.`,
    )
}

/** The options that mean the same to an agent; a setting of a file stands in for one that was not given. */
function passedOn(options: HarnextOptions, config: Config): Partial<AgentOptions> {
  const { toolChoice, policies, onPermission, hooks, params, metadata, subagents, outputSchema } =
    options
  const shared = {
    toolChoice,
    policies,
    onPermission,
    hooks,
    params,
    metadata,
    subagents,
    outputSchema,
    maxSubagentDepth: options.maxSubagentDepth,
    subagentBackground: options.subagentBackground,
    permissionMode:
      options.permissionMode ?? (config.permissionMode as PermissionModeName | undefined),
    maxOutputTokens: options.maxOutputTokens ?? config.maxOutputTokens,
    maxRetries: options.maxRetries ?? config.maxRetries,
    timeout: options.timeout ?? config.timeout,
    idleTimeout: options.idleTimeout ?? config.idleTimeout,
    systemPrompt: options.systemPrompt ?? config.systemPrompt,
    appendSystemPrompt: options.appendSystemPrompt ?? config.appendSystemPrompt,
    instructions: options.instructions ?? config.instructions,
    budget: options.budget ?? config.budget,
    effort: options.effort ?? (config.effort as Effort | undefined),
  }
  return Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined))
}

/** Those that live as long as a run: what they began ends with it. */
const ofRuns: readonly string[] = ['bash', 'bash_output', 'kill_shell']

/** Throws `ConfigError` for a name that no built-in tool has. */
function chooseTools(
  given: readonly (string | Tool)[] | undefined,
  served: ServedSkills,
  options: HarnextOptions,
): Pick<AgentOptions, 'tools' | 'toolSources'> {
  const search = webSearchTool({ env: options.env ?? process.env })
  const known = [
    ...builtinTools.filter(({ name }) => !ofRuns.includes(name)),
    ...(search ? [search] : []),
    // The form of an edit that its models were taught.
    ...(isOpenAi(options.provider) ? [applyPatch] : []),
  ]
  if (!given) return { tools: withSkills(known, served), toolSources: [shellTools()] }
  const names: string[] = []
  const tools = given.flatMap((tool) => {
    if (typeof tool !== 'string') return tool
    const name = canonicalToolName(tool)
    const found = known.find((each) => each.name === name)
    if (found) return found
    // Made where there is something for it to do: skills, agents.
    const isKnown = ofRuns.includes(name) || name === 'load_tools' || name === 'task'
    if (!isKnown) throw unknownTool(tool, [...known.map((each) => each.name), ...ofRuns])
    names.push(name)
    return []
  })
  // What goes on in the background has to be read and ended.
  const wanted = ofRuns.filter((name) => names.includes('bash') || names.includes(name))
  const { skills } = options
  const hasSkills = names.includes('load_tools') || (skills && skills.length > 0)
  return {
    tools: hasSkills ? withSkills(tools, served) : tools,
    ...(wanted.length && { toolSources: [shellTools({ names: wanted })] }),
  }
}

function isOpenAi(provider: HarnextOptions['provider']): boolean {
  return typeof provider === 'object' && provider.id === 'openai'
}

/** A skill with the name of a tool can still be called by a person. */
function withSkills(tools: readonly Tool[], served: ServedSkills): readonly Tool[] {
  const taken = [...tools.map(({ name }) => name), ...ofRuns, 'load_tools', 'task']
  return [...tools, ...served.tools.filter(({ name }) => !taken.includes(name))]
}

function unknownTool(name: string, names: readonly string[]): ConfigError {
  const near = nearest(name, names)
  return new ConfigError(
    `There is no built-in tool ${JSON.stringify(name)}. ${near ? `Did you mean ${near}?` : `They are ${names.join(', ')}.`}`,
  )
}
