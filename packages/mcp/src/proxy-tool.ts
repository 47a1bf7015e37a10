import {
  isJsonObject,
  tool,
  toWireName,
  visible,
  type Json,
  type JsonObject,
  type Tool,
} from '@harnext/core'
import type { McpServer } from './server.ts'
import type { ServerTools } from './tools.ts'

const longestList = 6000

/**
 * One tool for a whole server. A call that names a tool and its arguments *is* a call of that tool: rules, permissions and events see it
 * as such. A call that gives no arguments is told how they have to look.
 */
export function proxyTool(server: McpServer, { byName }: ServerTools): Tool {
  const inner = new Map<string, Tool>()
  for (const [name, each] of byName) {
    const unwrapped = withArgumentsInside(each)
    for (const known of [name, each.name, toWireName(each.name)]) inner.set(known, unwrapped)
  }
  const find = (args: Json): Tool | undefined =>
    isJsonObject(args) && typeof args['tool'] === 'string' ? inner.get(args['tool']) : undefined
  const instructions = server.connection?.client.getInstructions()
  const made = tool<JsonObject>({
    name: `mcp__${server.id}`,
    description: [
      `Calls a tool of the MCP server ${server.name}.`,
      ...(instructions ? [visible(instructions).slice(0, 2000)] : []),
      `Without \`arguments\` it says how the arguments of a tool have to look. The tools:`,
      listOf(byName),
    ].join('\n'),
    parameters: {
      type: 'object',
      properties: {
        tool: { type: 'string', description: 'The name of the tool' },
        arguments: { type: 'object', description: 'Its arguments' },
      },
      required: ['tool'],
    },
    effects: () => [],
    execute(args) {
      const found = find(args)
      if (!found)
        throw new Error(
          `There is no tool ${JSON.stringify(args['tool'])}. The tools:\n${listOf(byName)}`,
        )
      return `${found.description}\n\nIts arguments, as JSON Schema:\n${JSON.stringify(found.parameters)}`
    },
  })
  return {
    ...made,
    target: (args) =>
      isJsonObject(args) && args['arguments'] !== undefined ? (find(args) ?? null) : null,
  }
}

/** The same tool, with its arguments one level further down. */
function withArgumentsInside(inner: Tool): Tool {
  return {
    ...inner,
    validate: (args) => inner.validate(isJsonObject(args) ? (args['arguments'] ?? {}) : args),
  }
}

function listOf(byName: ReadonlyMap<string, Tool>): string {
  const lines = [...byName].map(([name, { description }]) => {
    const [first = ''] = description.split(/\n|(?<=\.)\s/)
    return `- ${visible(name)}: ${first.slice(0, 120)}`
  })
  const text = lines.join('\n')
  if (text.length <= longestList) return text
  return `${text.slice(0, text.lastIndexOf('\n', longestList))}\n- … and more`
}
