import { ConfigError, ToolError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { isJsonObject, notJson, type Awaitable, type Json, type JsonObject } from '../json.ts'
import type { ToolPart } from '../messages.ts'
import type { Effect } from './effects.ts'
import { toWireName } from './names.ts'
import {
  toParameters,
  validatorOf,
  type JsonSchema,
  type StandardSchema,
  type Validation,
} from './schema.ts'
import type { Workspace } from './workspace.ts'

/** A tool as the loop uses it. Make one with `tool()`. */
export interface Tool {
  readonly name: string
  readonly description: string
  /** The JSON Schema of the arguments, as the model gets it. Made from the schema on first use. */
  readonly parameters: JsonObject
  /** Hidden from the model until it was loaded. `text`: what it returns without arguments is all that it is, as with a skill. */
  readonly loadable?: boolean | 'text'
  /**
   * Of a tool that stands for others: the one that a call with these arguments means, whose name permissions and events then show; `null`:
   * the tool itself. It gets the arguments as they are.
   */
  target?(args: Json): Tool | null
  /** The arguments as `execute` takes them, which may change them: a copy. Or what is wrong with them. */
  validate(args: Json): Awaitable<Validation>
  /** Called once for each call. What it resolved is what `execute` gets in `context.effects`. */
  effects(args: unknown, context: ToolContext): Awaitable<readonly Effect[]>
  readonly recovery: Recovery<unknown>
  /** Whatever the definition returned, as a result. A value that is not JSON is an error result that names the path. */
  execute(args: unknown, context: ToolContext): Promise<ToolResultLike>
}

/**
 * What becomes of a call whose intent is on record and whose outcome is not, after a crash: `rerun` for what only reads;
 * `report` (the default) tells the model that the outcome is unknown; a function finds out, and returns it or `rerun`.
 */
export type Recovery<Args> =
  | 'rerun'
  | 'report'
  | ((args: Args, context: ToolContext) => Awaitable<ToolResultLike | 'rerun'>)

export interface ToolDefinition<Args> {
  /** `[A-Za-z0-9_-]{1,64}`, or `mcp:server.tool`, which is `mcp__server__tool` to a model. */
  readonly name: string
  readonly description: string
  /** zod, any other Standard Schema that can give its JSON Schema, or a plain JSON Schema of an object. */
  readonly parameters: StandardSchema<Args> | JsonSchema
  /** Default: one `execute` of the tool's name, which `auto` allows, `manual` asks for and `plan` denies. `[]`: touches nothing. */
  readonly effects?: (args: Args, context: ToolContext) => Awaitable<readonly Effect[]>
  readonly recovery?: Recovery<Args>
  readonly loadable?: boolean | 'text'
  /**
   * Does it. Text, any JSON or a `ToolResult` is the result; what is thrown is an error result. `context.signal` aborts when the
   * run is cancelled; what goes on for more than a grace period of 200 ms is left behind.
   */
  readonly execute: (args: Args, context: ToolContext) => Awaitable<unknown>
}

export interface ToolContext {
  readonly signal: AbortSignal
  readonly workspace: Workspace
  readonly callId: string
  readonly sessionId: string
  /** Ids of the child runs from the root to this one; empty in the root. */
  readonly agentPath: readonly string[]
  /** `sessionId/turn/callId`. The same when the call is repeated after a crash. */
  readonly idempotencyKey: string
  /** What `effects` returned; empty while it runs. */
  readonly effects: readonly Effect[]
  /** Asks the permission engine for what shows up while running, as a redirect hop. Throws `PermissionDenied`. */
  authorize(effects: readonly Effect[]): Promise<void>
  /** Fire and forget: while nobody has taken an update, a newer one of the same call replaces it. */
  progress(update: Json): void
  /** Puts an event into the run. Resolves when it is on record; rejects when the call, or the run, is over. */
  emit(event: ToolEvent): Promise<void>
}

/** What a tool may put into the run beside its result: what it used and started, and all that its subagents say. */
export type ToolEvent =
  | Extract<
      RunEvent,
      { type: 'process' | 'usage' | 'warning' | 'prompt' | 'subagent_start' | 'subagent_end' }
    >
  | (Exclude<RunEvent, { type: 'run_start' | 'run_end' | 'error' }> & {
      readonly agentPath: readonly string[]
    })

/** Text, an image or a file for the model; `isError` tells it that the tool failed. */
export interface ToolResultOptions {
  readonly isError?: boolean
  /** What the model gets instead of `output`. */
  readonly content?: readonly ToolPart[]
  /** Paths that the call created, changed or deleted. Absolute, or relative to the working directory. */
  readonly changes?: readonly string[]
  /** Of a call that executed something: nothing in the roots was changed but `changes`. */
  readonly changesComplete?: true
}

export class ToolResult {
  readonly output: Json
  readonly isError: boolean
  declare readonly content?: readonly ToolPart[]
  declare readonly changes?: readonly string[]
  declare readonly changesComplete?: true

  constructor(output: Json, options: ToolResultOptions = {}) {
    this.output = output
    this.isError = options.isError ?? false
    if (options.content) this.content = options.content
    if (options.changes) this.changes = options.changes
    if (options.changesComplete) this.changesComplete = true
  }

  static ok(output: Json, options: Omit<ToolResultOptions, 'isError'> = {}): ToolResult {
    return new ToolResult(output, options)
  }
  static error(output: Json, options: Omit<ToolResultOptions, 'isError'> = {}): ToolResult {
    return new ToolResult(output, { ...options, isError: true })
  }
}

/** A `ToolResult`, or a plain object of its shape: recognised by `output` and a boolean `isError`. */
export type ToolResultLike = {
  readonly output: Json
  readonly isError: boolean
  readonly content?: readonly ToolPart[]
  readonly changes?: readonly string[]
  readonly changesComplete?: true
}

/**
 * Defines a tool. Throws `ConfigError` when the name is not one that every provider takes, or the schema not one of an object.
 *
 * @example
 * const add = tool({
 *   name: 'add', description: 'Adds two numbers', effects: () => [],
 *   parameters: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
 *   execute: ({ a, b }: { a: number; b: number }) => a + b,
 * })
 */
export function tool<Args>(definition: ToolDefinition<Args>): Tool {
  checkName(definition.name)
  const { name, description, loadable } = definition
  const effects = definition.effects ?? (() => [{ kind: 'execute', target: name }])
  let parameters: JsonObject | undefined
  // Whatever takes `args` below is called with what `validate` returned, which is of type `Args`.
  return {
    name,
    description,
    get parameters() {
      return (parameters ??= toParameters(name, definition.parameters))
    },
    ...(loadable && { loadable }),
    validate: validatorOf(definition.parameters),
    async effects(args, context) {
      const found: unknown = await effects(args as Args, context)
      if (Array.isArray(found)) return found as readonly Effect[]
      throw new ToolError(name, `The effects of tool ${name} must be a list; got ${typeof found}.`)
    },
    recovery: recoveryOf(definition.recovery ?? 'report'),
    execute: async (args, context) =>
      toToolResult(await definition.execute(args as Args, context), context),
  }
}

function recoveryOf<Args>(recovery: Recovery<Args>): Recovery<unknown> {
  if (typeof recovery !== 'function') return recovery
  return async (args, context) => {
    const found = await recovery(args as Args, context)
    return found === 'rerun' ? found : toToolResult(found, context)
  }
}

/**
 * What a function returned, as a result. Text and JSON are successes; a `ToolResult`, or a plain object of its shape, is taken as it is;
 * nothing is an empty text. What the log could not hold is an error result that says where.
 */
export function toToolResult(value: unknown, { workspace, effects }: ToolContext): ToolResultLike {
  const {
    output = '',
    isError,
    content,
    changes,
    changesComplete,
  } = isToolResult(value) ? value : { output: value as Json, isError: false }
  const path = notJson(output)
  if (path !== null)
    return ToolResult.error(`The tool returned something that is not JSON at ${path}.`)
  if (content !== undefined && !isContent(content))
    return ToolResult.error('The tool returned a `content` that is not a list of parts.')
  const shown = {
    isError,
    ...(content && { content }),
    // Only where changes are not seen by themselves is there anything to complete.
    ...(changesComplete && effects.some(mayChange) && { changesComplete }),
  }
  if (!changes?.length) return new ToolResult(output, shown)
  const [cwd = ''] = workspace.roots
  const absolute = changes.map((change) => (change.startsWith('/') ? change : `${cwd}/${change}`))
  return new ToolResult(output, { ...shown, changes: absolute })
}

function mayChange({ kind, part }: Effect): boolean {
  return kind === 'execute' || kind === 'unknown' || (kind === 'write' && part !== undefined)
}

function isToolResult(value: unknown): value is ToolResultLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'output' in value &&
    'isError' in value &&
    typeof value.isError === 'boolean'
  )
}

function isContent(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    notJson(value) === null &&
    value.every(
      (part: unknown) =>
        isJsonObject(part) &&
        (part['type'] === 'text' ? typeof part['text'] === 'string' : isMedia(part['type'])),
    )
  )
}

function isMedia(type: unknown): boolean {
  return type === 'image' || type === 'file'
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(toWireName(name)))
    throw new ConfigError(
      `A tool's name is 1 to 64 letters, digits, _ or -; got ${JSON.stringify(name)}.`,
    )
}
