import { realpathSync } from 'node:fs'
import path from 'node:path'
import {
  ConfigError,
  type AgentOptions,
  type Effort,
  type PermissionModeName,
  type PermissionRule,
  type SessionStore,
  type Workspace,
} from '@harnext/core'
import { auditedStore, jsonlStore, localWorkspace } from '@harnext/core/node'
import type { Environment, McpOptions } from '@harnext/mcp'
import { catalog } from '@harnext/models'
import type { Skill } from '@harnext/tools/skills'
import { serveAgents } from './agents.ts'
import { chooseCompaction } from './choose-compaction.ts'
import { chooseFallback, chooseModel } from './choose-model.ts'
import { chooseTools, toolNames } from './choose-tools.ts'
import { discoverConfig, type Config, type Discovered } from './config.ts'
import { shellHooks } from './hook/shell-hooks.ts'
import { mcpOf, unheldServers } from './mcp.ts'
import type { HarnextOptions } from './options.ts'
import { policiesOf } from './policy/read-policies.ts'
import { holdCommands, type HeldCommands } from './sandbox.ts'
import { allowingNothing, serveSkills, withNarrowing } from './skills.ts'
import { keepChanges } from './undo.ts'

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

interface Defaults {
  readonly maxTurns: number
  /** @default where neither a store nor a workspace was given */
  readonly undo?: boolean
  /** Files whose servers are among `mcpServers`. */
  readonly mcpFiles?: readonly string[]
}

/** Throws `ConfigError`. Reads the settings' files, and loads no provider. */
export function resolveSettings(
  given: HarnextOptions,
  defaults: Defaults = { maxTurns: DEFAULT_MAX_TURNS },
): Resolved {
  const env = given.env ?? process.env
  const cwd = existing(given.cwd ?? '.')
  const discovered = discover(given, cwd, env, defaults.mcpFiles)
  const { config, managed, managedFolder, notices, home, trusted } = discovered
  // Each setting of a file has the type of the option of its name: the file was checked.
  const options = { ...given, ...managed } as HarnextOptions
  const chosen = chooseModel(options, config, { env, home })
  const { adapter, model, missing, guessed } = chosen
  const fallback = chooseFallback(options.fallback ?? config.fallback ?? [], chosen, { env, home })
  const compaction = chooseCompaction(options, config, chosen, { env, home })
  const served = serveSkills(options, { cwd, harnextHome: home, trusted })
  const subagents = serveAgents(options, options.tools ?? config.tools, chosen, {
    cwd,
    home,
    env,
    trusted,
  })
  const parts = [served, fallback, compaction, subagents]
  const wanted = options.tools ?? config.tools
  const tools = chooseTools(wanted, served, options, { cwd, home })
  const idle = allowingNothing(served.skills, toolNames(wanted, options, { cwd, home }))
  const warnings = [...notices, ...parts.flatMap(({ problems }) => problems), ...idle]
  const { held, mcp } = placesOf(given, options, discovered, { cwd, env })
  const isOurs = given.store === undefined && given.workspace === undefined
  const undo = options.undo ?? config.undo ?? defaults.undo ?? isOurs
  const rules: readonly PermissionRule[] = [...(options.rules ?? []), ...(config.rules ?? [])]
  const secrets = secretsOf(options, env, chosen.secrets)
  const agent: AgentOptions = {
    ...passedOn(options, config),
    name: 'harnext',
    adapter,
    model,
    ...(fallback.models.length && { fallback: fallback.models }),
    ...compaction.chosen,
    ...(subagents.agents && { agents: subagents.agents }),
    tools: tools.tools,
    toolSources: [...held.sources, ...tools.sources],
    ...policiesOf(options.policies, { managed: managedFolder, cwd, home, trusted }),
    ...hooksOf(options, config, { workspace: held.outside, env, secrets, skills: served.skills }),
    workspace: held.workspace,
    ...(undo && keepChanges(home, Object.keys(config.hooks ?? {}).length > 0)),
    store: storeOf(options, config, home),
    maxTurns: options.maxTurns ?? config.maxTurns ?? defaults.maxTurns,
    secrets,
    price: options.price ?? ((provider, id) => catalog.price(provider, id)),
    ...(rules.length && { rules }),
    ...(warnings.length && { notices: warnings }),
  }
  return {
    agent,
    home,
    skills: served.skills,
    ...(mcp && { mcp }),
    ...(missing !== undefined && { missing }),
    ...(guessed !== undefined && { guessed }),
  }
}

function secretsOf(
  { secrets }: HarnextOptions,
  env: Environment,
  chosen: readonly string[],
): readonly string[] | false {
  return secrets === false ? false : [...(secrets ?? []), ...secretsIn(env), ...chosen]
}

/** Where commands run, and the servers beside them. */
function placesOf(
  given: HarnextOptions,
  options: HarnextOptions,
  discovered: Discovered,
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
): Pick<Resolved, 'mcp'> & { readonly held: HeldCommands } {
  const workspace = options.workspace ?? localWorkspace({ roots: [cwd, ...(options.roots ?? [])] })
  const servers = mcpOf(given, discovered, workspace.roots, env)
  const beside = besideCommands(servers, discovered.config)
  return { ...servers, held: holdCommands(options, workspace, { env, beside }) }
}

/** What a run starts that its sandbox does not hold, in words. */
function besideCommands({ mcp }: Pick<Resolved, 'mcp'>, { hooks = {} }: Config): readonly string[] {
  const servers = unheldServers(mcp).map((name) => `the MCP server ${name}`)
  return Object.keys(hooks).length ? [...servers, 'hooks of the settings'] : servers
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
export function resolveMcp(
  options: HarnextOptions,
  { mcpFiles }: Pick<Defaults, 'mcpFiles'> = {},
): {
  readonly mcp?: McpOptions
  readonly notices: readonly string[]
} {
  const env = options.env ?? process.env
  const cwd = existing(options.cwd ?? '.')
  const discovered = discover(options, cwd, env, mcpFiles)
  return { notices: discovered.notices, ...mcpOf(options, discovered, [cwd], env) }
}

function discover(
  options: HarnextOptions,
  cwd: string,
  env: Environment,
  mcpFiles?: readonly string[],
): Discovered {
  return discoverConfig({
    cwd,
    env,
    ...(options.home !== undefined && { home: options.home }),
    ...(options.trusted !== undefined && { trusted: options.trusted }),
    ...(options.managed !== undefined && { managed: options.managed }),
    ...(mcpFiles && { mcpFiles }),
  })
}

function storeOf(options: HarnextOptions, config: Config, home: string): SessionStore {
  const store = options.store ?? jsonlStore({ home })
  const audit = options.audit ?? config.audit
  if (audit === false) return store
  return auditedStore(store, {
    folder: typeof audit === 'string' ? path.resolve(audit) : path.join(home, 'audit'),
    onlyBegun: audit === undefined,
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

/** The options that mean the same to an agent; a setting of a file stands in for one that was not given. */
function passedOn(options: HarnextOptions, config: Config): Partial<AgentOptions> {
  const { toolChoice, onPermission, params, metadata, subagents, outputSchema } = options
  const shared = {
    toolChoice,
    onPermission,
    params,
    metadata,
    subagents,
    outputSchema,
    maxSubagentDepth: options.maxSubagentDepth,
    subagentBackground: options.subagentBackground,
    subagentSessions: options.subagentSessions,
    permissionMode: options.permissionMode,
    defaultPermissionMode: config.permissionMode as PermissionModeName | undefined,
    maxOutputTokens: options.maxOutputTokens ?? config.maxOutputTokens,
    maxRetries: options.maxRetries ?? config.maxRetries,
    timeout: options.timeout ?? config.timeout,
    idleTimeout: options.idleTimeout ?? config.idleTimeout,
    systemPrompt: options.systemPrompt ?? config.systemPrompt,
    appendSystemPrompt: options.appendSystemPrompt ?? config.appendSystemPrompt,
    instructions: options.instructions ?? config.instructions,
    // A limit that one place does not set may be set by another.
    budget: config.budget ? { ...config.budget, ...options.budget } : options.budget,
    checks: options.checks ?? config.checks,
    maxCheckRounds: options.maxCheckRounds ?? config.maxCheckRounds,
    effort: options.effort ?? (config.effort as Effort | undefined),
  }
  return Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined))
}

/**
 * What a skill allows holds first, then the commands of the settings, then what a program gave. The commands wait for the mode: a run that
 * goes on keeps its own.
 */
function hooksOf(
  { onPermission, hooks }: HarnextOptions,
  { hooks: commands = {} }: Config,
  around: {
    readonly workspace: Workspace
    readonly env: Environment
    readonly secrets: readonly string[] | false
    readonly skills: readonly Skill[]
  },
): Pick<AgentOptions, 'hooks' | 'openHooks'> {
  const { workspace, env, secrets, skills } = around
  const own = hooks && { hooks }
  if (!Object.keys(commands).length && !skills.length) return { ...own }
  const asks = onPermission !== undefined
  return {
    ...own,
    openHooks({ permissionMode }) {
      const opened = shellHooks(commands, { workspace, env, asks, secrets, permissionMode })
      return skills.length ? withNarrowing(opened, skills) : opened
    },
  }
}
