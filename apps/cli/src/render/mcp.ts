import type { McpServerStatus } from '@harnext/sdk/settings'
import type { Style } from './style.ts'
import { plural } from './units.ts'
import { visibleLine } from './visible.ts'

const longest = 100

/** A line for each server, and one for what is wrong with it. Pure. */
export function serverLines(servers: readonly McpServerStatus[], style: Style): readonly string[] {
  if (servers.length === 0) return ['There are no MCP servers here.']
  const width = Math.max(...servers.map(({ name }) => name.length))
  return servers.flatMap((server) => {
    const { name, state, transport, mode, tools, title, version, protocol, error } = server
    const about = [
      state === 'connected' ? plural(tools, 'tool') : state,
      transport,
      ...(mode === 'direct' ? [] : [mode]),
      ...(title === undefined ? [] : [`${title} ${version ?? ''}`.trim()]),
      ...(protocol === undefined ? [] : [`protocol ${protocol}`]),
    ]
    const line = `${style.bold(name.padEnd(width))}  ${style.dim(about.join(', '))}`
    return error === undefined ? [line] : [line, `  ${style.red(visibleLine(error, 1000))}`]
  })
}

/** A line for each tool: its name and the beginning of what it says of itself. Pure. */
export function toolLines(
  tools: readonly { readonly name: string; readonly description: string }[],
  style: Style,
): readonly string[] {
  const width = Math.max(0, ...tools.map(({ name }) => name.length))
  const room = Math.max(20, longest - width - 2)
  return tools.map(
    ({ name, description }) =>
      `${style.bold(name.padEnd(width))}  ${style.plain(visibleLine(description, room))}`,
  )
}
