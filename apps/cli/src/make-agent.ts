import { resolve } from 'node:path'
import {
  Agent,
  ConfigError,
  normaliseMode,
  parseRules,
  type AgentOptions,
  type OnPermission,
  type PermissionMode,
  type PermissionRule,
  type SessionStore,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { catalog } from '@harnext/models'
import {
  McpServers,
  howToConnect,
  resolveSettings,
  type HarnextOptions,
  type OnElicitation,
  type Skill,
} from '@harnext/sdk/settings'
import type { RunSettings } from './command.ts'
import type { Io } from './io.ts'
import { mcpFiles, readMcpConfigs } from './mcp-config.ts'
import { readOutputSchema } from './output-schema.ts'
import { folderAt, homeOf } from './sessions.ts'
import { UsageError } from './usage-error.ts'

export interface Surroundings {
  readonly io: Io
  readonly store: SessionStore
  /** The working directory. */
  readonly cwd: string
  /** The model of the session that is gone on with, as `provider/model`. */
  readonly sessionModel?: string
  /** The mode of the run that is gone on with. */
  readonly sessionMode?: PermissionMode
  /** Asks whoever sits there, or drives this program; absent where nobody does. */
  readonly onPermission?: OnPermission
  /** Asks whoever sits there what the model wants to know. */
  readonly onQuestion?: NonNullable<HarnextOptions['onQuestion']>
  /** Answers what an MCP server wants to know. */
  readonly onElicitation: OnElicitation
  /** Where no settings name one. */
  readonly defaultMode: PermissionMode
}

export interface MadeAgent {
  readonly agent: Agent
  readonly mode: PermissionMode
  /** What `/name` at the start of a task may mean. */
  readonly skills: readonly Skill[]
  /** Its MCP servers; absent where there are none. Whoever asked for the agent closes them. */
  readonly mcp?: McpServers
}

const DEFAULT_MAX_TURNS = 100

/** The agent that the settings describe. Throws `UsageError` or `ConfigError`. */
export async function makeAgent(settings: RunSettings, around: Surroundings): Promise<MadeAgent> {
  const { io, store, cwd, onPermission, onQuestion, onElicitation, defaultMode } = around
  const { agent, skills, mcp, missing, guessed } = resolveSettings(
    {
      ...(await modelOptions(settings, around)),
      // Settled before the agent is made: in plan, no hook of the settings runs.
      ...(around.sessionMode && { permissionMode: around.sessionMode }),
      ...given(settings),
      store,
      cwd,
      workspace: localWorkspace({
        roots: [cwd, ...settings.addDirs.map((path) => folderAt(path, io, '--add-dir'))],
        home: io.home,
      }),
      env: io.env,
      home: homeOf(io),
      rules: rulesOf(settings),
      ...(onPermission && { onPermission }),
      ...(onQuestion && { onQuestion }),
      onElicitation,
      ...(settings.outputSchema !== undefined && {
        outputSchema: readOutputSchema(settings.outputSchema, io.cwd),
      }),
      ...(settings.mcpConfigs.length && {
        mcpServers: readMcpConfigs(settings.mcpConfigs, io.cwd),
      }),
    },
    {
      maxTurns: DEFAULT_MAX_TURNS,
      undo: true,
      mcpFiles: mcpFiles(settings.mcpConfigs, io.cwd),
    },
  )
  if (missing !== undefined) throw new ConfigError(missing)
  if (guessed !== undefined && !(await answers(guessed))) throw new ConfigError(howToConnect())
  const { adapter, model, price } = agent
  if (settings.maxCostUsd !== undefined && !price?.(adapter.id, model))
    throw new UsageError(
      `No price is known for ${adapter.id}/${model}, so --max-cost cannot be kept. Choose another model, or limit the turns with --max-turns.`,
    )
  const defaultPermissionMode = agent.defaultPermissionMode ?? defaultMode
  const mode = normaliseMode(agent.permissionMode ?? defaultPermissionMode)
  const name = `harnext (process ${io.pid})`
  const options = { ...(await taped(agent, settings, around)), name, defaultPermissionMode }
  if (!mcp) return { agent: new Agent(options), mode, skills }
  const servers = new McpServers(mcp)
  const toolSources = [...(options.toolSources ?? []), servers]
  return { agent: new Agent({ ...options, toolSources }), mode, skills, mcp: servers }
}

/** What was said on the command line: it stands above every settings file. */
function given(settings: RunSettings): HarnextOptions {
  const { permissionMode, sandbox, maxTurns, checks, systemPrompt, appendSystemPrompt } = settings
  return {
    ...(permissionMode !== undefined && { permissionMode: normaliseMode(permissionMode) }),
    ...(sandbox !== undefined && { sandbox }),
    ...(maxTurns !== undefined && { maxTurns }),
    ...limitsOf(settings),
    ...(settings.audit && { audit: true }),
    ...(checks.length && { checks }),
    ...(systemPrompt !== undefined && { systemPrompt }),
    ...(appendSystemPrompt !== undefined && { appendSystemPrompt }),
  }
}

function limitsOf({
  maxCostUsd,
  maxTokens,
  maxDurationMs,
}: RunSettings): Pick<HarnextOptions, 'budget'> {
  const budget = {
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(maxDurationMs !== undefined && { maxDurationMs }),
  }
  return Object.keys(budget).length ? { budget } : {}
}

/** A cassette holds the calls to one model: there is no other to go on with. */
async function taped(
  agent: AgentOptions,
  { record: path, replay: replayed }: RunSettings,
  { io, cwd }: Surroundings,
): Promise<AgentOptions> {
  if (path === undefined && replayed === undefined) return agent
  const { fallback: _fallback, ...alone } = agent
  if (path === undefined) return alone
  const { record } = await import('@harnext/core/testing')
  const secrets = agent.secrets || []
  const file = resolve(io.cwd, path)
  return { ...alone, adapter: record(agent.adapter, { file, secrets, values: { cwd } }) }
}

/** The script of `harnext demo` is a provider of its own: what it would have cost is reckoned with the default model's price. */
async function modelOptions(
  { model, replay: path }: RunSettings,
  { sessionModel, io, cwd }: Surroundings,
): Promise<HarnextOptions> {
  const name = model ?? sessionModel
  if (path !== undefined) {
    const { replay } = await import('@harnext/core/testing')
    const provider = replay(resolve(io.cwd, path), { values: { cwd } })
    return { provider, model: provider.model }
  }
  if (!name?.startsWith('demo/')) return name === undefined ? {} : { model: name }
  const { demoAdapter } = await import('./demo/demo-model.ts')
  const priced = catalog.defaultModel('anthropic') ?? ''
  return {
    provider: demoAdapter(),
    model: name.slice('demo/'.length),
    price: () => catalog.price('anthropic', priced),
  }
}

const PROBE_MS = 500

/** Whether anybody is there at all. */
async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) })
    return true
  } catch {
    // Nobody, or somebody who is too slow to be of use: the caller says what to do.
    return false
  }
}

/** Throws `UsageError`. */
export function rulesOf({
  allow,
  deny,
}: Pick<RunSettings, 'allow' | 'deny'>): readonly PermissionRule[] {
  const allowed = parseRules(allow, 'allow')
  const denied = parseRules(deny, 'deny')
  const problems = [
    ...allowed.errors.map((error) => `--allow: ${error}`),
    ...denied.errors.map((error) => `--deny: ${error}`),
  ]
  if (problems.length > 0) throw new UsageError(problems.join('\n'))
  return [...denied.rules, ...allowed.rules]
}
