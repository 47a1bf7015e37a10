import { ToolError } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { RunState } from '../run/run-state.ts'
import { findToolName, toWireName } from '../tool/names.ts'
import { tool, ToolResult, type Tool, type ToolContext } from '../tool/tool.ts'
import { promptEvent, toSpec } from './prompt.ts'

/** More than these are found by `query` alone. */
const LISTED = 50
const FOUND = 5
const DESCRIPTION_LENGTH = 160

/**
 * The one way to what is hidden: deferred tools join the tool list, at its end, from the next turn on; what is only text, as a skill,
 * is read at once. `null` where nothing is hidden.
 */
export function loadTool(tools: readonly Tool[], state: RunState): Tool | null {
  const hidden = tools.filter(({ loadable }) => loadable)
  if (!hidden.length) return null
  // One at a time: each adds to the list that the one before it has left.
  let last: Promise<unknown> = Promise.resolve()
  const defined = tool<{ names?: readonly string[]; query?: string }>({
    name: 'load_tools',
    description: `Loads what is not loaded yet: skills, whose instructions you get at once, and tools, which you can call from your next answer on. Give the names, or words to search for.\n\n${listOf(hidden)}`,
    parameters: {
      type: 'object',
      properties: {
        names: { type: 'array', items: { type: 'string' } },
        query: { type: 'string', description: `Words; the best ${FOUND} are loaded.` },
      },
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    execute({ names = [], query }, context) {
      const chosen = choose(hidden, names, query)
      const loading = last.then(() => load(chosen, state, context))
      last = loading.catch(() => {})
      return loading
    },
  })
  return { ...defined, validate: (args) => defined.validate(withNames(args)) }
}

/** Other systems give one `name`. */
function withNames(args: Json): Json {
  if (!isJsonObject(args) || typeof args['name'] !== 'string') return args
  const { name, ...rest } = args
  return { names: [name], ...rest }
}

function choose(
  hidden: readonly Tool[],
  names: readonly string[],
  query: string | undefined,
): readonly Tool[] {
  const registered = hidden.map(({ name }) => name)
  const byName = names.map((name) => {
    const found = hidden.find((each) => each.name === findToolName(name, registered))
    if (found) return found
    const there = registered.slice(0, LISTED).map(toWireName).join(', ')
    throw new ToolError(
      'load_tools',
      `There is nothing to load with the name ${JSON.stringify(name)}. There are: ${there}.`,
    )
  })
  const found = query === undefined ? [] : search(hidden, query)
  if (query !== undefined && !found.length && !byName.length)
    throw new ToolError('load_tools', `Nothing matches ${JSON.stringify(query)}.`)
  if (!names.length && query === undefined)
    throw new ToolError('load_tools', 'Give names, or a query.')
  return [...new Set([...byName, ...found])]
}

async function load(
  chosen: readonly Tool[],
  state: RunState,
  context: ToolContext,
): Promise<ToolResult> {
  const texts: string[] = []
  let failed = false
  for (const each of chosen.filter(({ loadable }) => loadable === 'text')) {
    const { output, isError } = await each.execute({}, context)
    failed ||= isError
    texts.push(typeof output === 'string' ? output : JSON.stringify(output))
  }
  const present = new Set(state.prompt?.tools.map(({ name }) => name))
  const added = chosen.filter(
    ({ loadable, name }) => loadable === true && !present.has(toWireName(name)),
  )
  if (added.length && state.prompt) {
    const { system, tools } = state.prompt
    await context.emit(await promptEvent(system, [...tools, ...added.map(toSpec)]))
  }
  const callable = chosen.filter(({ loadable }) => loadable === true)
  if (callable.length)
    texts.push(
      `You can call from now on: ${callable.map(({ name }) => toWireName(name)).join(', ')}.`,
    )
  return new ToolResult(texts.join('\n\n'), { isError: failed })
}

/** Those that hold the most words of the query, a word of the name counting double; equal ones in their order. */
function search(hidden: readonly Tool[], query: string): readonly Tool[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const scored = hidden.map((each) => {
    const name = each.name.toLowerCase()
    const text = each.description.toLowerCase()
    const score = words.reduce(
      (sum, word) => sum + (name.includes(word) ? 2 : 0) + (text.includes(word) ? 1 : 0),
      0,
    )
    return { each, score }
  })
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, FOUND)
    .map(({ each }) => each)
}

function listOf(hidden: readonly Tool[]): string {
  const lines = hidden.slice(0, LISTED).map(({ name, description }) => {
    const [line = ''] = description.split('\n')
    const short =
      line.length > DESCRIPTION_LENGTH ? `${line.slice(0, DESCRIPTION_LENGTH - 1)}…` : line
    return `- ${toWireName(name)}: ${short}`
  })
  const rest = hidden.length - lines.length
  return [...lines, ...(rest > 0 ? [`and ${rest} more, which a query finds.`] : [])].join('\n')
}
