import { resolve } from 'node:path'
import { messageOf } from '@harnext/core'
import { readSettingsFile } from '@harnext/core/node'
import { parseMcpFile, type McpServerConfigs } from '@harnext/sdk/settings'
import { UsageError } from './usage-error.ts'

/**
 * The servers of the files of `--mcp-config`, later files before earlier ones. A run goes on without one that is not there, as it does with
 * those of every file. Throws `UsageError` for a file that cannot be read, `ConfigError` for what it holds.
 */
export function readMcpConfigs(paths: readonly string[], cwd: string): McpServerConfigs {
  const files = mcpFiles(paths, cwd).map((file) => {
    const servers = Object.entries(parseMcpFile(readJson(file), file))
    return servers.map(([name, server]) => [name, { required: false, ...server }] as const)
  })
  return Object.fromEntries(files.flat())
}

/** Where the files of `--mcp-config` are. */
export function mcpFiles(paths: readonly string[], cwd: string): readonly string[] {
  return paths.map((path) => resolve(cwd, path))
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readSettingsFile(file))
  } catch (error) {
    throw new UsageError(`--mcp-config ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
