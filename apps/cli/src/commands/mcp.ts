import { join } from 'node:path'
import { ConfigError } from '@harnext/core'
import { McpServers, resolveMcp } from '@harnext/sdk/settings'
import type { Command, McpPlace } from '../command.ts'
import { failedExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { mcpFiles, readMcpConfigs } from '../mcp-config.ts'
import { toJson } from '../render/json.ts'
import { serverLines, toolLines } from '../render/mcp.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { folderAt, homeOf } from '../sessions.ts'

type ListCommand = Extract<Command, { readonly name: 'mcp list' }>
type ToolsCommand = Extract<Command, { readonly name: 'mcp tools' }>

/** Starts every server of the folder, and tells what became of it. The exit code is 1 when one cannot be reached. */
export function listServers(command: ListCommand, io: Io, screen: Screen): Promise<number> {
  return withServers(mcpOptions(command, io, screen), async (mcp) => {
    const servers = await mcp.servers()
    const style = styleFor(io.stdout, io.env)
    const text =
      command.format === 'json' ? toJson(servers) : serverLines(servers, style).join('\n')
    screen.write([{ to: 'stdout', text: `${text}\n` }])
    return servers.some(({ state }) => state === 'failed') ? failedExit : 0
  })
}

/** The tools of one server, as the model gets them. */
export function listTools(command: ToolsCommand, io: Io, screen: Screen): Promise<number> {
  return withServers(mcpOptionsFor(command, io, screen), async (mcp) => {
    const tools = await mcp.tools(command.server)
    const reports = tools.map(({ name, description, parameters }) => ({
      name,
      description,
      parameters,
    }))
    const style = styleFor(io.stdout, io.env)
    const text = command.format === 'json' ? toJson(reports) : toolLines(reports, style).join('\n')
    screen.write([{ to: 'stdout', text: `${text}\n` }])
    return 0
  })
}

async function withServers(
  options: ConstructorParameters<typeof McpServers>[0],
  work: (mcp: McpServers) => Promise<number>,
): Promise<number> {
  const servers = new McpServers(options)
  try {
    return await work(servers)
  } finally {
    await servers.close()
  }
}

/** As `mcpOptions`, for a command about one server: throws `ConfigError` that says how to configure one where there is none at all. */
export function mcpOptionsFor(
  { server, ...place }: Pick<McpPlace, 'cwd' | 'mcpConfigs'> & { readonly server: string },
  io: Io,
  screen: Screen,
): ConstructorParameters<typeof McpServers>[0] {
  const options = mcpOptions(place, io, screen)
  if (Object.keys(options.servers).length > 0) return options
  throw new ConfigError(
    `There is no MCP server ${JSON.stringify(server)}: none is configured. Name it as "mcpServers" in .mcp.json of the folder, in ${join(homeOf(io), 'harnext.config.json')} or in a file for --mcp-config.`,
  )
}

/** The servers of a place; what is wrong with its settings is said. */
function mcpOptions(
  { cwd = '.', mcpConfigs }: Pick<McpPlace, 'cwd' | 'mcpConfigs'>,
  io: Io,
  screen: Screen,
): ConstructorParameters<typeof McpServers>[0] {
  const { mcp, notices } = resolveMcp(
    {
      cwd: folderAt(cwd, io),
      home: homeOf(io),
      env: io.env,
      ...(mcpConfigs.length && { mcpServers: readMcpConfigs(mcpConfigs, io.cwd) }),
    },
    { mcpFiles: mcpFiles(mcpConfigs, io.cwd) },
  )
  const style = styleFor(io.stderr, io.env)
  for (const notice of notices) screen.write([{ to: 'stderr', text: `${style.yellow(notice)}\n` }])
  return mcp ?? { servers: {}, roots: [] }
}
