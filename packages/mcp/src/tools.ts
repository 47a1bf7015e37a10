import {
  ToolError,
  isJsonObject,
  tool,
  visible,
  type Effect,
  type Json,
  type JsonObject,
  type Tool,
} from '@harnext/core'
import { callTool } from './call.ts'
import type { McpToolDefinition } from './connection.ts'
import { toolNames } from './names.ts'
import { hashOf, type PinStore } from './pins.ts'
import { toResult, visibleJson } from './result.ts'
import type { McpServer } from './server.ts'

/** Characters of a description, and of the JSON of a schema. */
const longestDescription = 4000
const longestSchema = 40_000
/** Vendors take about as many tools in all; more of one server are loaded when the model needs them. */
const mostDirect = 100
const mostTools = 2000

export interface ServerTools {
  readonly tools: readonly Tool[]
  /** By the name that the server gives it. */
  readonly byName: ReadonlyMap<string, Tool>
  readonly warnings: readonly string[]
}

/** The tools of a server, as far as its settings allow them, as tools of ours. */
export function toTools(
  server: McpServer,
  definitions: readonly McpToolDefinition[],
  pins: PinStore,
  /** Where the server was configured, so that two of one name in two projects are two. */
  scope: string,
): ServerTools {
  const { allow } = server.config
  const warnings: string[] = []
  const allowed = definitions.filter(({ name }) => !allow || isAllowed(allow, name))
  const kept = allowed.slice(0, mostTools).filter((definition) => {
    const length = JSON.stringify(definition.inputSchema).length
    if (length <= longestSchema) return true
    warnings.push(
      `The tool ${visible(definition.name)} of the MCP server ${server.name} is left out: its schema has ${length} characters.`,
    )
    return false
  })
  if (allowed.length > mostTools)
    warnings.push(
      `The MCP server ${server.name} offers ${allowed.length} tools; those after the first ${mostTools} are left out. Name those that are needed in its \`allow\`.`,
    )
  const isCrowded = (server.config.mode ?? 'direct') === 'direct' && kept.length > mostDirect
  if (isCrowded)
    warnings.push(
      `The MCP server ${server.name} offers ${kept.length} tools; the model has to search for them. Name those that are needed in its \`allow\` to give them to the model directly.`,
    )
  const isHidden = isCrowded || server.config.mode === 'deferred'
  const names = toolNames(
    server.id,
    definitions.map(({ name }) => name),
  )
  const byName = new Map(
    kept.map((definition) => {
      const name = names.get(definition.name) ?? definition.name
      return [definition.name, toTool({ server, definition, name, pins, scope, isHidden })] as const
    }),
  )
  return { tools: [...byName.values()], byName, warnings }
}

interface ToolOfServer {
  readonly server: McpServer
  readonly definition: McpToolDefinition
  /** `mcp:server.tool` */
  readonly name: string
  readonly pins: PinStore
  readonly scope: string
  readonly isHidden: boolean
}

function toTool(of: ToolOfServer): Tool {
  const { server, definition, name, isHidden } = of
  const made = tool<JsonObject>({
    name,
    description: descriptionOf(server, definition),
    parameters: { type: 'object', ...(visibleJson(schemaOf(definition)) as JsonObject) },
    ...(isHidden && { loadable: true }),
    effects: async (_args, { signal }) => [await effectOf(of, signal)],
    async execute(args, context) {
      const { current, isChanged, pin } = await look(of, context.signal)
      // Between the decision and now the server may have become another one; a person may have permitted that.
      if (isChanged && !context.effects.some(isOfChanged))
        throw new ToolError(
          name,
          `The MCP server ${server.name} changed the tool while its call was decided. Call it again.`,
        )
      await pin()
      return toResult(await callTool(server, current, args, context))
    },
  })
  // Only the server knows all that its schemas mean.
  return { ...made, validate: asArguments }
}

/** What a call may do is known to nobody here. */
async function effectOf(of: ToolOfServer, signal: AbortSignal): Promise<Effect> {
  const { isChanged } = await look(of, signal)
  const detail = `the MCP server ${of.server.name}`
  return { kind: 'unknown', detail, ...(isChanged && { changed: true }) }
}

function isOfChanged(effect: Effect): boolean {
  return effect.kind === 'unknown' && effect.changed === true
}

interface Look {
  readonly current: McpToolDefinition
  /** It is not the one that was permitted before; where none was, not the one that the model was shown. */
  readonly isChanged: boolean
  /** From now on it is the one that was permitted. */
  pin(): Promise<void>
}

async function look(of: ToolOfServer, signal: AbortSignal): Promise<Look> {
  const { server, definition, pins, scope } = of
  const { config, name } = server
  const key = `${scope}#${name}#${definition.name}`
  const current = await currentOf(of, signal)
  const hash = hashOf(config, current)
  const known = (await pins.get(key)) ?? hashOf(config, definition)
  return { current, isChanged: known !== hash, pin: () => pins.set(key, hash) }
}

/** The tool as the server describes it now. */
async function currentOf(
  { server, definition }: ToolOfServer,
  signal: AbortSignal,
): Promise<McpToolDefinition> {
  const tools = await server.tools(signal)
  const found = tools.find(({ name }) => name === definition.name)
  if (found) return found
  throw new ToolError(
    definition.name,
    `The MCP server ${server.name} has no tool ${visible(definition.name)} any more.`,
  )
}

function asArguments(
  args: Json,
): { readonly value: Json } | { readonly issues: readonly string[] } {
  return isJsonObject(args) ? { value: args } : { issues: ['$: must be an object'] }
}

function descriptionOf(server: McpServer, definition: McpToolDefinition): string {
  const { name, title = '', description = '' } = definition
  const text = visible(description || title || name).trim()
  const cut = text.length > longestDescription ? `${text.slice(0, longestDescription - 1)}…` : text
  return cut || `A tool of the MCP server ${server.name}.`
}

/** The schema without what only servers read. */
function schemaOf({ inputSchema }: McpToolDefinition): JsonObject {
  const { $schema: _dialect, ...schema } = inputSchema as unknown as JsonObject
  return schema
}

/** `*` stands for any letters. */
function isAllowed(allow: readonly string[], name: string): boolean {
  return allow.some((pattern) => {
    const [first = '', ...rest] = pattern.split('*')
    if (rest.length === 0) return pattern === name
    if (!name.startsWith(first)) return false
    let at = first.length
    for (const [index, piece] of rest.entries()) {
      const isLast = index === rest.length - 1
      const found = isLast ? name.length - piece.length : name.indexOf(piece, at)
      if (found < at || !name.startsWith(piece, found)) return false
      at = found + piece.length
    }
    return true
  })
}
