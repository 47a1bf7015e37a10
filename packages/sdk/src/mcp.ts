import path from 'node:path'
import type { Message, Tool, ToolSource } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import {
  McpServers,
  filePins,
  parseMcpServers,
  type Environment,
  type McpOptions,
  type McpPrompt,
  type McpServerConfigs,
  type McpServerStatus,
} from '@harnext/mcp'
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
  return {
    mcp: {
      servers,
      roots,
      env,
      version,
      scopeOf: (name) => (userServers.includes(name) && !(name in given) ? '' : cwd),
      pins: filePins(path.join(home, 'mcp-tools.json'), localWorkspace({ roots: [cwd] })),
    },
  }
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
