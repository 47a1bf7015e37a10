import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import {
  ConfigError,
  isJsonObject,
  messageOf,
  normaliseMode,
  parseRules,
  type CommandCheck,
  type CompactionOptions,
  type JsonObject,
  type PermissionRule,
} from '@harnext/core'
import { readSettingsFile } from '@harnext/core/node'
import { parseMcpFile, parseMcpServers, type McpServerConfigs } from '@harnext/mcp'
import { checkConfig } from './config-schema.ts'
import { joinHooks, parseHooks, type HookSettings } from './hook/hook-settings.ts'

/** The settings that a file or the environment can give. */
export interface Config {
  readonly provider?: string
  readonly model?: string
  readonly smallModel?: string
  readonly fallback?: readonly string[]
  readonly compaction?: CompactionOptions | false
  readonly baseUrl?: string
  readonly apiKey?: string
  readonly permissionMode?: string
  readonly rules?: readonly PermissionRule[]
  readonly maxTurns?: number
  readonly maxOutputTokens?: number
  readonly maxRetries?: number
  readonly timeout?: number
  readonly idleTimeout?: number
  readonly systemPrompt?: string
  readonly appendSystemPrompt?: string
  readonly instructions?: boolean
  readonly budget?: JsonObject
  readonly checks?: readonly (string | CommandCheck)[]
  readonly maxCheckRounds?: number
  readonly audit?: boolean | string
  readonly effort?: string
  readonly tools?: readonly string[]
  readonly mcpServers?: McpServerConfigs
  readonly undo?: boolean
  readonly hooks?: HookSettings
}

export interface Discovered {
  readonly config: Config
  /** What the machine's administrator has set: it stands above what a program or a command line says. */
  readonly managed: Config
  /** One line for each file of which something was ignored. */
  readonly notices: readonly string[]
  readonly home: string
  /** The folder of the administrator's files. */
  readonly managedFolder: string
  /** Whether the project's files may do more than deny and ask. */
  readonly trusted: boolean
  /** The MCP servers that the user has in every folder, and no other file names. */
  readonly userServers: readonly string[]
}

interface Where {
  readonly cwd: string
  readonly home?: string
  readonly env: { readonly [name: string]: string | undefined }
  readonly trusted?: boolean
  /** The administrator's file. @default `/etc/harnext/harnext.config.json`, or its like */
  readonly managed?: string
  /** Files whose servers somebody gave already: that they count for nothing here is not said. */
  readonly mcpFiles?: readonly string[]
}

const FILE = 'harnext.config.json'
/** For one person in one project; not to be committed. */
const LOCAL_FILE = 'harnext.config.local.json'
const MCP_FILE = '.mcp.json'
/** What a folder that is not trusted may not set: it could send keys elsewhere, or permit itself something. */
const NEEDS_TRUST = [
  'provider',
  'baseUrl',
  'permissionMode',
  'model',
  'smallModel',
  'fallback',
  'compaction',
  'systemPrompt',
  'appendSystemPrompt',
  'tools',
  'maxTurns',
  'maxRetries',
  'timeout',
  'idleTimeout',
  'maxOutputTokens',
  'budget',
  'checks',
  'maxCheckRounds',
  'audit',
  'effort',
  'instructions',
  'mcpServers',
  'undo',
  'hooks',
] as const

/**
 * The settings of files and of the environment: the administrator's stand above the constructor's, the others below, the project's own
 * (local before shared), then the user's, then the environment. Rules of all add up, the highest first, and so do MCP servers and hooks. Throws `ConfigError` that names
 * the file, the setting, what is expected and what was found.
 */
export function discoverConfig(where: Where): Discovered {
  const home = where.home ?? defaultHome(where.env)
  const managedAt = where.managed ?? managedFile()
  const managedFolder = path.dirname(managedAt)
  const { rules: managedRules = [], hooks: managedHooks, ...managed } = readConfig(managedAt) ?? {}
  const user = readConfig(path.join(home, FILE))
  const notices: string[] = []
  const trusted = where.trusted ?? isTrusted(home, where.cwd)
  const projectFile = (name: string): Config => {
    const file = path.join(where.cwd, name)
    const config = readConfig(file)
    return config ? restrict(config, trusted, file, notices) : {}
  }
  const [project, local] = [projectFile(FILE), projectFile(LOCAL_FILE)]
  const levels = [local.rules, project.rules, user?.rules]
  const rules = [...managedRules, ...levels.flatMap((each) => each ?? [])]
  const ofProject = {
    ...readMcpFile(where, { trusted, home, notices }),
    ...project.mcpServers,
    ...local.mcpServers,
  }
  const mcpServers = { ...user?.mcpServers, ...ofProject }
  const hooks = joinHooks([managedHooks, user?.hooks, project.hooks, local.hooks])
  const config = {
    ...fromEnvironment(where.env),
    ...user,
    ...project,
    ...local,
    ...(rules.length && { rules }),
    ...(Object.keys(mcpServers).length && { mcpServers }),
    ...(Object.keys(hooks).length && { hooks }),
  }
  const userServers = Object.keys(user?.mcpServers ?? {}).filter((name) => !(name in ofProject))
  return { config, managed, managedFolder, notices, home, trusted, userServers }
}

/** Where sessions, settings and logins are when nobody says otherwise. */
export function defaultHome(env: Where['env']): string {
  return env['HARNEXT_HOME'] ?? path.join(homedir(), '.harnext')
}

/** The servers that other programs share with harnext. They run programs: a folder that is not trusted starts none. */
function readMcpFile(
  { cwd, mcpFiles = [] }: Where,
  { trusted, home, notices }: { trusted: boolean; home: string; notices: string[] },
): McpServerConfigs {
  const file = path.join(cwd, MCP_FILE)
  if (!existsSync(file)) return {}
  if (trusted) return parseMcpFile(readJson(file), file)
  const isGiven = mcpFiles.some((given) => realpathSync(given) === realpathSync(file))
  if (!isGiven)
    notices.push(
      `${file}: ignored, because the folder is not trusted. To trust it, name it in the list of ${path.join(home, 'trusted.json')}.`,
    )
  return {}
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readSettingsFile(file))
  } catch (error) {
    throw new ConfigError(`${file} cannot be read as JSON: ${messageOf(error)}`, { cause: error })
  }
}

function managedFile(): string {
  const folder =
    process.platform === 'darwin' ? '/Library/Application Support/harnext' : '/etc/harnext'
  return path.join(folder, FILE)
}

function readConfig(file: string): Config | undefined {
  if (!existsSync(file)) return undefined
  const value = readJson(file)
  if (!isJsonObject(value)) throw new ConfigError(`${file} must hold a JSON object.`)
  const issues = checkConfig(value)
  if (issues.length) throw new ConfigError(`${file}: ${issues.join('; ')}`)
  const {
    rules: given,
    permissions,
    ...rest
  } = value as { readonly rules?: readonly unknown[]; readonly permissions?: JsonObject } & Config
  const parsed = [
    parseRules(given ?? []),
    ...(['allow', 'ask', 'deny'] as const).map((decision) =>
      parseRules((permissions?.[decision] ?? []) as readonly unknown[], decision),
    ),
  ]
  const errors = parsed.flatMap((part) => part.errors)
  if (errors.length) throw new ConfigError(`${file}: ${errors.join(' ')}`)
  const rules = parsed.flatMap((part) => part.rules)
  if (rest.permissionMode !== undefined) normaliseMode(rest.permissionMode)
  if (rest.mcpServers !== undefined) parseMcpServers(rest.mcpServers, file)
  if (rest.hooks !== undefined) parseHooks(rest.hooks, file)
  return { ...rest, ...(rules.length && { rules }) }
}

/** A project's file never sets a key or `bypass`; before its folder is trusted it can only deny and ask. */
function restrict(config: Config, trusted: boolean, file: string, notices: string[]): Config {
  const ignored = new Set<string>()
  const kept: Record<string, unknown> = { ...config }
  const drop = (name: string): void => {
    if (kept[name] === undefined) return
    ignored.add(name)
    delete kept[name]
  }
  drop('apiKey')
  if (config.permissionMode !== undefined && normaliseMode(config.permissionMode) === 'bypass')
    drop('permissionMode')
  if (!trusted) {
    for (const name of NEEDS_TRUST) drop(name)
    const rules = config.rules ?? []
    const tight = rules.filter(({ decision }) => decision !== 'allow')
    if (tight.length < rules.length) ignored.add('allow rules')
    if (tight.length) kept['rules'] = tight
    else delete kept['rules']
  }
  if (ignored.size)
    notices.push(
      `${file}: ignored ${[...ignored].join(', ')}${trusted ? '' : ', because the folder is not trusted'}.`,
    )
  return kept
}

/** `trusted.json` in harnext's home is a list of folders. */
export function isTrusted(home: string, cwd: string): boolean {
  const file = path.join(home, 'trusted.json')
  if (!existsSync(file)) return false
  const folders = readJson(file)
  if (!Array.isArray(folders)) throw new ConfigError(`${file} must hold a list of folders.`)
  return folders.includes(realpathSync(cwd))
}

function fromEnvironment(env: Where['env']): Config {
  const {
    HARNEXT_PROVIDER,
    HARNEXT_MODEL,
    HARNEXT_BASE_URL,
    HARNEXT_PERMISSION_MODE,
    HARNEXT_MAX_TURNS,
  } = env
  const mode = HARNEXT_PERMISSION_MODE && normaliseMode(HARNEXT_PERMISSION_MODE)
  const maxTurns = HARNEXT_MAX_TURNS ? Number(HARNEXT_MAX_TURNS) : undefined
  if (maxTurns !== undefined && !(Number.isInteger(maxTurns) && maxTurns > 0))
    throw new ConfigError(
      `HARNEXT_MAX_TURNS must be a whole number above 0; got ${JSON.stringify(HARNEXT_MAX_TURNS)}.`,
    )
  return {
    ...(HARNEXT_PROVIDER && { provider: HARNEXT_PROVIDER }),
    ...(HARNEXT_MODEL && { model: HARNEXT_MODEL }),
    ...(HARNEXT_BASE_URL && { baseUrl: HARNEXT_BASE_URL }),
    ...(mode && { permissionMode: mode }),
    ...(maxTurns !== undefined && { maxTurns }),
  }
}

/** A key that `harnext login` stored, or another program put there: `auth.json`, `{ [provider]: { key } }`. */
export function storedKey(home: string, provider: string): string | undefined {
  const file = path.join(home, 'auth.json')
  if (!existsSync(file)) return undefined
  const value = readJson(file)
  const entry = isJsonObject(value) ? value[provider] : undefined
  const key = isJsonObject(entry) ? entry['key'] : undefined
  return typeof key === 'string' && key !== '' ? key : undefined
}
