import { isJsonObject, tool, visible, type Json, type JsonObject, type Tool } from '@harnext/core'
import { ask } from './call.ts'
import { toResourceResult } from './result.ts'
import type { McpServer } from './server.ts'

const mostListed = 200

/** Two tools over the resources of all servers that have some. A call is one of the server that it names: rules of that server hold. */
export function resourceTools(servers: readonly McpServer[]): readonly Tool[] {
  const having = servers.filter(
    ({ connection }) => connection?.client.getServerCapabilities()?.resources,
  )
  if (having.length === 0) return []
  const names = having.map(({ name }) => name)
  const server = { enum: names, description: 'The name of the MCP server' }
  const list = perServer(having, 'list_mcp_resources', {
    description: 'Lists the resources of an MCP server: their addresses, names and types.',
    parameters: { type: 'object', properties: { server }, required: ['server'] },
    run: (of, _args, signal) => listed(of, signal),
  })
  const read = perServer(having, 'read_mcp_resource', {
    description: 'Reads a resource of an MCP server.',
    parameters: {
      type: 'object',
      properties: { server, uri: { type: 'string', description: 'Its address' } },
      required: ['server', 'uri'],
    },
    run: async (of, { uri }, signal) =>
      toResourceResult(
        (
          await ask(of, signal, ({ client }, options) =>
            client.readResource({ uri: textOf(uri) }, options),
          )
        ).contents,
      ),
  })
  return [list, read]
}

interface ResourceTool {
  readonly description: string
  readonly parameters: JsonObject
  run(server: McpServer, args: JsonObject, signal: AbortSignal): Promise<unknown>
}

function perServer(servers: readonly McpServer[], name: string, of: ResourceTool): Tool {
  const make = (toolName: string, server?: McpServer): Tool =>
    tool<JsonObject>({
      name: toolName,
      description: of.description,
      parameters: of.parameters,
      effects: () => [{ kind: 'unknown' }],
      recovery: 'rerun',
      async execute(args, { signal }) {
        if (!server) throw new Error(`There is no MCP server ${JSON.stringify(args['server'])}.`)
        return of.run(server, args, signal)
      },
    })
  const made = new Map(
    servers.map((server) => [server.name, make(`mcp:${server.id}.${name}`, server)] as const),
  )
  const outer = make(name)
  return {
    ...outer,
    target: (args) => (isJsonObject(args) ? made.get(textOf(args['server'])) : null) ?? null,
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

async function listed(server: McpServer, signal: AbortSignal): Promise<string> {
  const found = await ask(server, signal, async ({ client }, options) => {
    const { resources } = await client.listResources(undefined, options)
    const { resourceTemplates } = await client.listResourceTemplates(undefined, options)
    return [
      ...resources.map(({ uri, ...about }) => ({ ...about, address: uri })),
      ...resourceTemplates.map(({ uriTemplate, ...about }) => ({ ...about, address: uriTemplate })),
    ]
  })
  const lines = found.slice(0, mostListed).map(({ address, name, description, mimeType }) => {
    const about = [name, mimeType, description].filter((each) => each).join(', ')
    return visible(`${address} (${about})`.replace(/\s+/g, ' ')).slice(0, 500)
  })
  const more = found.length - lines.length
  if (more > 0) lines.push(`… and ${more} more`)
  return lines.join('\n') || 'It has no resources.'
}
