import { createHash } from 'node:crypto'
import { ConfigError } from '@harnext/core'

/** What vendors take for a whole name, `mcp__server__tool`. */
const longestName = 64
const longestServer = 24

/**
 * The names of servers as they stand in names of tools, by the names that they were given: letters, digits, `-` and single `_`. Throws
 * `ConfigError` when two of them would be one: the tools of one could be taken for those of the other, by a person or by a rule.
 */
export function serverIds(names: readonly string[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const name of names) {
    const id = serverId(name)
    const other = taken.get(id.toLowerCase())
    if (other !== undefined)
      throw new ConfigError(
        `The MCP servers ${JSON.stringify(other)} and ${JSON.stringify(name)} have the same name, as far as names of tools can tell them apart (${id}); rename one.`,
      )
    taken.set(id.toLowerCase(), name)
    ids.set(name, id)
  }
  return ids
}

function serverId(name: string): string {
  const id = name.replace(/[^A-Za-z0-9-]+/g, '_').replace(/^_+|_+$/g, '')
  if (id === '')
    throw new ConfigError(
      `An MCP server needs a name with letters or digits; got ${JSON.stringify(name)}.`,
    )
  return id.length > longestServer ? shortened(id, longestServer, name) : id
}

/**
 * What the tools of a server are called, by their own names: `mcp:server.tool`. Letters that vendors do not take become `_`; what is too
 * long, or the same for two tools, ends in letters of its hash.
 */
export function toolNames(server: string, names: readonly string[]): ReadonlyMap<string, string> {
  const room = longestName - `mcp__${server}__`.length
  const result = new Map<string, string>()
  const taken = new Set<string>()
  for (const name of [...new Set(names)].toSorted()) {
    const plain = name.replace(/[^A-Za-z0-9_-]/g, '_')
    const isFree = plain !== '' && plain.length <= room && !taken.has(plain.toLowerCase())
    const id = isFree ? plain : shortened(plain, room, name)
    taken.add(id.toLowerCase())
    result.set(name, `mcp:${server}.${id}`)
  }
  return result
}

/** The beginning of the text and eight letters of the hash of what it stands for. */
function shortened(text: string, room: number, whole: string): string {
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8)
  return `${text.slice(0, room - 9)}_${hash}`
}
