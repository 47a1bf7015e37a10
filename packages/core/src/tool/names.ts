import { compileStars, matchTokens } from '../permission/wildcard.ts'

// Built-in tools have lower-case names; those of other systems are aliases. A tool of an MCP server is `mcp__server__tool` for the
// model and `mcp:server.tool` in events; `server__tool` is understood too.

/** What other systems call the built-in tools, in lower case without `_` and `-`. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['read', 'read'],
  ['readfile', 'read'],
  ['notebookread', 'read'],
  ['write', 'write'],
  ['writefile', 'write'],
  ['edit', 'edit'],
  ['editfile', 'edit'],
  ['applypatch', 'apply_patch'],
  ['multiedit', 'edit'],
  ['notebookedit', 'edit'],
  ['ls', 'ls'],
  ['listfiles', 'ls'],
  ['glob', 'glob'],
  ['grep', 'grep'],
  ['bash', 'bash'],
  ['bashoutput', 'bash_output'],
  ['killshell', 'kill_shell'],
  ['killbash', 'kill_shell'],
  ['webfetch', 'web_fetch'],
  ['websearch', 'web_search'],
  ['task', 'task'],
  ['todo', 'todo'],
  ['todowrite', 'todo'],
  ['skill', 'load_tools'],
  ['loadtools', 'load_tools'],
  ['loadconnectors', 'load_tools'],
  ['memory', 'memory'],
  ['exitplan', 'exit_plan'],
  ['exitplanmode', 'exit_plan'],
  ['askuser', 'ask_user'],
  ['askuserquestion', 'ask_user'],
  ['checkpoint', 'checkpoint'],
  ['toolsearch', 'load_tools'],
])

/** `mcp:server.tool` as providers take it, `mcp__server__tool`; every other name as it is. */
export function toWireName(name: string): string {
  const match = name.startsWith('mcp:') && /^mcp:([^.]+)(?:\.(.+))?$/s.exec(name)
  if (!match) return name
  return match[2] === undefined ? `mcp__${match[1]}` : `mcp__${match[1]}__${match[2]}`
}

/** `mcp__server__tool` as events and steps show it, `mcp:server.tool`; every other name as it is. */
export function toDisplayName(name: string): string {
  const mcp = mcpParts(name)
  if (!mcp || mcp.tool === undefined) return name
  return `mcp:${mcp.server}.${mcp.tool}`
}

/** The built-in name that another system's name stands for, the wire name of an MCP tool, and every other name trimmed. */
export function canonicalToolName(name: string): string {
  const trimmed = name.trim()
  return aliases.get(trimmed.toLowerCase().replace(/[_-]/g, '')) ?? toWireName(trimmed)
}

/**
 * The registered name that a call means: the very same one, else the one that it is an alias, another spelling or `server__tool` of.
 * `undefined` when there is none.
 */
export function findToolName(name: string, registered: readonly string[]): string | undefined {
  if (registered.includes(name)) return name
  const canonical = canonicalToolName(name)
  return (
    registered.find((known) => known === canonical) ??
    registered.find((known) => nameKey(known) === nameKey(canonical))
  )
}

/** Whether the name in a rule means the tool: any spelling, `*` for any letters, `mcp__server` for a whole server. */
export function matchesTool(pattern: string, tool: string): boolean {
  const wanted = canonicalToolName(pattern)
  const server = mcpParts(wanted)
  const called = mcpParts(canonicalToolName(tool))
  if (server && server.tool === undefined)
    return called?.tool !== undefined && matchesText(server.server, called.server)
  return matchesText(nameKey(wanted), nameKey(tool))
}

function matchesText(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern.toLowerCase() === text.toLowerCase()
  return matchTokens(compileStars(pattern.toLowerCase()), text.toLowerCase())
}

/** The same for all spellings of one tool. */
function nameKey(name: string): string {
  return canonicalToolName(name)
    .replace(/^mcp__(?=.*__)/is, '')
    .toLowerCase()
}

function mcpParts(
  name: string,
): { readonly server: string; readonly tool: string | undefined } | null {
  const match = /^mcp__(.+?)(?:__(.+))?$/is.exec(toWireName(name))
  return match ? { server: match[1] ?? '', tool: match[2] } : null
}
