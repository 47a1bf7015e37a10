import path from 'node:path'
import type { Message, Tool, ToolSource } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import {
  McpServers,
  fileLogin,
  filePins,
  oauthLogin,
  parseMcpServers,
  registeredClient,
  type Environment,
  type McpLogin,
  type McpOAuth,
  type McpOptions,
  type McpPrompt,
  type McpServerConfig,
  type McpServerConfigs,
  type McpServerStatus,
} from '@harnext/mcp'
import { programHolder } from '@harnext/tools/sandbox'
import type { Discovered } from './config.ts'
import type { HarnextOptions } from './options.ts'
import { version } from './version.ts'

/** The MCP servers of a client. */
export interface McpSet {
  /** Starts them, and says what became of each. */
  servers(): Promise<readonly McpServerStatus[]>
  /** The tools of one, as the model gets them. Throws `ConfigError` for an unknown name, `MCPConnectionError` when it cannot be reached. */
  tools(name: string): Promise<readonly Tool[]>
  prompts(): Promise<readonly McpPrompt[]>
  /** What the prompt `mcp__server__prompt` says, as the input of a run; `text` holds its arguments. */
  prompt(command: string, text?: string): Promise<readonly Message[]>
}

/**
 * The servers of the options, then of the files; the administrator's stand above all. A run needs those that a program was given; one of a file is needed when it says so.
 */
export function mcpOf(
  options: HarnextOptions,
  { config, managed, home, userServers }: Discovered,
  roots: readonly string[],
  env: Environment,
): { readonly mcp?: McpOptions } {
  const given: McpServerConfigs = Object.fromEntries(
    Object.entries(parseMcpServers(options.mcpServers ?? {}, 'options')).map(([name, server]) => [
      name,
      { required: true, ...server },
    ]),
  )
  const servers = { ...config.mcpServers, ...given, ...managed.mcpServers }
  if (Object.keys(servers).length === 0) return {}
  const [cwd = ''] = roots
  const { home: personal } = localWorkspace({ roots: [cwd] })
  return {
    mcp: {
      servers,
      roots,
      env,
      version,
      hold: programHolder({ roots, env, ...(personal !== undefined && { home: personal }) }),
      scopeOf: (name) => (userServers.includes(name) && !(name in given) ? '' : cwd),
      login: (name, url, oauth) => storedLogin(servers[name], { url, home, name, oauth }),
      ...(options.onElicitation && { onElicitation: options.onElicitation }),
      pins: filePins(path.join(home, 'mcp-tools.json'), localWorkspace({ roots: [cwd] })),
    },
  }
}

/** The programs among the servers that run as they are, also where a sandbox holds commands. */
export function unheldServers(mcp: McpOptions | undefined): readonly string[] {
  return Object.entries(mcp?.servers ?? {}).flatMap(([name, config]) =>
    'command' in config && !config.sandbox && !config.disabled ? [name] : [],
  )
}

/** Where logins to MCP servers are kept, each in a file of its own. */
export function mcpLogins(home: string): string {
  return path.join(home, 'mcp-logins')
}

/** What `harnext mcp login` has kept. Whoever gives a header of their own is logged in by that. */
function storedLogin(
  server: McpServerConfig | undefined,
  {
    url,
    home,
    name,
    oauth,
  }: {
    readonly url: string
    readonly home: string
    readonly name: string
    readonly oauth: McpOAuth
  },
): McpLogin | undefined {
  const headers = server && 'headers' in server ? Object.keys(server.headers ?? {}) : []
  if (headers.some((header) => header.toLowerCase() === 'authorization')) return undefined
  const client = registeredClient(oauth)
  return oauthLogin({
    ...(client && { client }),
    store: fileLogin(mcpLogins(home), url),
    // Nobody comes back: what is kept is used and renewed.
    redirectUrl: 'http://127.0.0.1/callback',
    hint: `harnext mcp login ${name}`,
  })
}

/** Servers that runs share: as long as their configuration is the same, they are the same ones. */
export class McpPool {
  readonly #shared = new Map<string, McpServers>()

  of(options: McpOptions = { servers: {}, roots: [] }): McpServers {
    const key = JSON.stringify([options.servers, options.roots])
    const found = this.#shared.get(key) ?? new McpServers(options)
    this.#shared.set(key, found)
    return found
  }

  /** Their tools for one run. `ends`: they are of this run alone, and end with it. */
  source(options: McpOptions, ends: boolean): ToolSource {
    return ends ? endingWithRun(new McpServers(options)) : this.of(options)
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#shared.values(), (servers) => servers.close()))
  }
}

function endingWithRun(servers: McpServers): ToolSource {
  return {
    async open(context) {
      try {
        const opened = await servers.open(context)
        return { ...opened, close: () => servers.close() }
      } catch (error) {
        await servers.close()
        throw error
      }
    },
  }
}
