import { ToolError } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { Hooks } from '../run/hooks.ts'
import { tool, type Tool, type ToolResultLike } from '../tool/tool.ts'
import type { SessionCache } from './session-cache.ts'

/** What stands in the conversation as it is. */
export interface InlineLimits {
  /** Characters of a text. @default 500 */
  readonly text?: number
  /** Characters of the JSON of a list or an object. @default 2,000 */
  readonly json?: number
  /** Entries of a list or an object. @default 20 */
  readonly items?: number
}

/** Whether a value is small enough to stand in the conversation as it is. */
export function isInline(
  value: Json,
  { text = 500, json = 2000, items = 20 }: InlineLimits = {},
): boolean {
  if (typeof value === 'string') return value.length <= text
  if (!Array.isArray(value) && !isJsonObject(value)) return true
  const entries = Array.isArray(value) ? value.length : Object.keys(value).length
  return entries <= items && JSON.stringify(value).length <= json
}

/**
 * A hook that keeps results which are too large under a handle; the model gets the handle and a snapshot. Errors, results with content
 * of their own, and what reads handles stay as they are. `tools`: only of these.
 */
export function handleHook(
  cache: SessionCache,
  options: InlineLimits & { readonly tools?: readonly string[] } = {},
): Pick<Hooks, 'afterTool'> {
  return {
    async afterTool(
      { tool: name },
      { output, isError, content, changes },
    ): Promise<ToolResultLike | undefined> {
      const isKept = !isError && !content && name !== 'read_handle' && !isInline(output, options)
      if (!isKept || (options.tools && !options.tools.includes(name))) return undefined
      const handle = await cache.put(name, output)
      const text = `Saved as \`${handle}\`; read_handle reads it.\nSnapshot: ${JSON.stringify(cache.snapshot(handle))}`
      return { output: text, isError: false, ...(changes && { changes }) }
    },
  }
}

/** The tools over a cache: `list_handles` and `read_handle`. They touch nothing outside of it. */
export function handleTools(cache: SessionCache): readonly Tool[] {
  return [listHandles(cache), readHandle(cache)]
}

function listHandles(cache: SessionCache): Tool {
  return tool({
    name: 'list_handles',
    description:
      'Lists the values that are kept under handles, the last used first, with a snapshot of each.',
    parameters: { type: 'object', properties: {}, additionalProperties: false },
    effects: () => [],
    recovery: 'rerun',
    execute: () =>
      cache
        .list()
        .map(
          ({ handle, size, snapshot }) =>
            `${handle} (${size} characters): ${JSON.stringify(snapshot)}`,
        )
        .join('\n') || 'There are no handles.',
  })
}

interface ReadArgs {
  readonly handle: string
  readonly path?: string
  readonly offset?: number
  readonly limit?: number
}

const LIMIT = 100
const MOST_CHARACTERS = 20_000

function readHandle(cache: SessionCache): Tool {
  return tool<ReadArgs>({
    name: 'read_handle',
    description:
      'Reads a part of a value that is kept under a handle: entries of a list, keys of an object, lines of a text.',
    parameters: {
      type: 'object',
      properties: {
        handle: { type: 'string' },
        path: { type: 'string', description: 'Into it, as rows.0.name.' },
        offset: { type: 'integer', minimum: 0, description: 'First entry or line, from 0.' },
        limit: { type: 'integer', minimum: 1, description: `At most so many. Default ${LIMIT}.` },
      },
      required: ['handle'],
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    async execute({ handle, path = '', offset = 0, limit = LIMIT }) {
      return partOf(at(await cache.get(handle), path), offset, limit)
    },
  })
}

function at(value: Json, path: string): Json {
  let found: Json | undefined = value
  for (const key of path.split('.').filter((each) => each !== '')) {
    const inside: Json | undefined = found
    found = Array.isArray(inside)
      ? inside[Number(key)]
      : isJsonObject(inside)
        ? inside[key]
        : undefined
    if (found === undefined)
      throw new ToolError(
        'read_handle',
        `There is nothing at ${JSON.stringify(key)} of path ${JSON.stringify(path)}.`,
      )
  }
  return found
}

/** With a line that says what was left out. */
function partOf(value: Json, offset: number, limit: number): string {
  if (typeof value !== 'string' && !Array.isArray(value) && !isJsonObject(value))
    return JSON.stringify(value)
  const all: readonly string[] =
    typeof value === 'string'
      ? value.split('\n')
      : Array.isArray(value)
        ? value.map((entry) => JSON.stringify(entry))
        : Object.entries(value).map(([key, entry]) => `${key}: ${JSON.stringify(entry)}`)
  const shown = all.slice(offset, offset + limit)
  const text = shown.join('\n')
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
  const isAll = offset === 0 && shown.length === all.length && short === text
  return isAll ? text : `${short}\n(${offset} to ${offset + shown.length} of ${all.length})`
}
