import { ConfigError, isJsonObject, type Json } from '@harnext/core'

/** How the tools of a server are given to the model. */
export type McpMode =
  /** Each as a tool of its own. */
  | 'direct'
  /** One tool for the server, which takes the name and the arguments of the tool that is meant. */
  | 'proxy'
  /** Hidden until the model has searched for them and loaded them. */
  | 'deferred'

interface McpServerSettings {
  /** @default 'direct' */
  readonly mode?: McpMode
  /** The names of the tools that are given to the model; `*` stands for any letters. @default all */
  readonly allow?: readonly string[]
  /** Whether a run fails when the server cannot be reached; else it goes on without it, with a warning. */
  readonly required?: boolean
  /** Milliseconds for one call; progress that the server reports starts them anew. @default 120,000 */
  readonly timeout?: number
  /** Milliseconds until the server must have answered for the first time. @default 30,000 */
  readonly startTimeout?: number
  /** Not started, and its tools are absent. */
  readonly disabled?: boolean
}

/** A program on this machine that speaks on its standard input and output. */
export interface McpStdioServer extends McpServerSettings {
  readonly type?: 'stdio'
  readonly command: string
  readonly args?: readonly string[]
  /** Beside the environment of this process, less what holds keys. */
  readonly env?: { readonly [name: string]: string }
  /** @default the working directory */
  readonly cwd?: string
  /** Held by the operating system: it reads the workspace, writes nowhere, and reaches what `network` says. @default false */
  readonly sandbox?: boolean | McpSandbox
}

export interface McpSandbox {
  /** Nothing, all of it, or these hosts, each with what is below it. @default false */
  readonly network?: boolean | { readonly allow: readonly string[] }
}

/** A server at an address. `sse` is the transport of 2024; without `type` it is tried when the newer one is refused. */
export interface McpHttpServer extends McpServerSettings {
  readonly type?: 'http' | 'streamable-http' | 'sse'
  readonly url: string
  readonly headers?: { readonly [name: string]: string }
  /** For a login to it. */
  readonly oauth?: McpOAuth
}

/** What a login to a server takes that registers no clients by itself. */
export interface McpOAuth {
  /** Of a client that is registered there. */
  readonly clientId?: string
  /** In a file as `${NAME}`: the variable that holds it. */
  readonly clientSecret?: string
  /** Where the person comes back to, as that client is registered: `http://127.0.0.1:<port>/callback`. @default any that is free */
  readonly callbackPort?: number
}

export type McpServerConfig = McpStdioServer | McpHttpServer
export type McpServerConfigs = { readonly [name: string]: McpServerConfig }

export function isStdio(config: McpServerConfig): config is McpStdioServer {
  return 'command' in config
}

/**
 * The servers of a `.mcp.json` as other programs write it: `{ "mcpServers": { [name]: … } }`. What harnext does not know is left alone.
 * `where` names the file in messages. Throws `ConfigError`.
 */
export function parseMcpFile(value: unknown, where: string): McpServerConfigs {
  const servers = isJsonObject(value) ? value['mcpServers'] : undefined
  if (!isJsonObject(servers))
    throw new ConfigError(`${where} must hold an object with the key mcpServers.`)
  return parseMcpServers(servers, where)
}

/** The servers of a setting or an option. Throws `ConfigError`, which says where, what is expected and what was found. */
export function parseMcpServers(value: unknown, where: string): McpServerConfigs {
  if (!isJsonObject(value))
    throw new ConfigError(`${where}: mcpServers must be an object of servers by name.`)
  const servers: { [name: string]: McpServerConfig } = {}
  for (const [name, config] of Object.entries(value)) {
    const issue = issueOf(config)
    if (issue !== null)
      throw new ConfigError(`${where}: the MCP server ${JSON.stringify(name)} ${issue}.`)
    // What was checked is what the type says; other keys are another program's.
    servers[name] = config as unknown as McpServerConfig
  }
  return servers
}

type Check = readonly [key: string, expected: string, isRight: (value: Json) => boolean]

const isText = (value: Json): boolean => typeof value === 'string'
const isCount = (value: Json): boolean => typeof value === 'number' && value > 0
const isTexts = (value: Json): boolean => Array.isArray(value) && value.every(isText)
const isTextMap = (value: Json): boolean =>
  isJsonObject(value) && Object.values(value).every(isText)
const oneOf =
  (...names: readonly string[]) =>
  (value: Json): boolean =>
    typeof value === 'string' && names.includes(value)

function isSandbox(value: Json): boolean {
  if (typeof value === 'boolean') return true
  if (!isJsonObject(value) || Object.keys(value).some((key) => key !== 'network')) return false
  const { network = false } = value
  if (typeof network === 'boolean') return true
  return isJsonObject(network) && isTexts(network['allow'] ?? null)
}

function isOAuth(value: Json): boolean {
  if (!isJsonObject(value)) return false
  const { clientId = '', clientSecret = '', callbackPort = 0 } = value
  return isText(clientId) && isText(clientSecret) && isPort(callbackPort)
}

function isPort(value: Json): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 65_536
}

const checks: readonly Check[] = [
  ['command', 'a text', isText],
  ['args', 'a list of texts', isTexts],
  ['env', 'an object of texts', isTextMap],
  ['cwd', 'a text', isText],
  ['sandbox', 'true, false or { network }', isSandbox],
  ['url', 'a text', isText],
  ['headers', 'an object of texts', isTextMap],
  ['oauth', '{ clientId, clientSecret, callbackPort }', isOAuth],
  ['type', 'stdio, http, streamable-http or sse', oneOf('stdio', 'http', 'streamable-http', 'sse')],
  ['mode', 'direct, proxy or deferred', oneOf('direct', 'proxy', 'deferred')],
  ['allow', 'a list of names of tools', isTexts],
  ['required', 'true or false', (value) => typeof value === 'boolean'],
  ['disabled', 'true or false', (value) => typeof value === 'boolean'],
  ['timeout', 'a number of milliseconds above 0', isCount],
  ['startTimeout', 'a number of milliseconds above 0', isCount],
]

const holdSecrets: ReadonlySet<string> = new Set(['env', 'headers', 'oauth'])

/** What is wrong, as the rest of a sentence. */
function issueOf(config: Json): string | null {
  if (!isJsonObject(config)) return `must be an object; got ${short(config)}`
  for (const [key, expected, isRight] of checks) {
    const value = config[key]
    if (value === undefined || isRight(value)) continue
    const got = holdSecrets.has(key) ? '' : `; got ${short(value)}`
    return `must have ${expected} as its ${key}${got}`
  }
  const { command, url, type } = config
  if ((command === undefined) === (url === undefined))
    return 'must have a command or a url, one of them'
  if (command !== undefined && type !== undefined && type !== 'stdio')
    return `has a command, so its type must be stdio; got ${short(type)}`
  if (url !== undefined && type === 'stdio') return 'has a url, so its type cannot be stdio'
  return null
}

function short(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
