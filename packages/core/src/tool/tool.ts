import { ConfigError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { notJson, type Awaitable, type Json, type JsonObject } from '../json.ts'
import type { ToolPart } from '../messages.ts'
import type { Effect } from './effects.ts'
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
  /** Hidden from the model until it was loaded. */
  readonly loadable?: boolean
  /** The arguments as `execute` takes them, or what is wrong with them. */
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
  /** `[A-Za-z0-9_-]{1,64}` */
  readonly name: string
  readonly description: string
  /** zod, any other Standard Schema that can give its JSON Schema, or a plain JSON Schema of an object. */
  readonly parameters: StandardSchema<Args> | JsonSchema
  /** Default: one `execute` of the tool's name, which `auto` allows, `manual` asks for and `plan` denies. `[]`: touches nothing. */
  readonly effects?: (args: Args, context: ToolContext) => Awaitable<readonly Effect[]>
  readonly recovery?: Recovery<Args>
  readonly loadable?: boolean
  /**
   * Does it. Text, any JSON or a `ToolResult` is the result; what is thrown is an error result. `context.signal` aborts when the
   * run is cancelled; what goes on for more than a grace period of 100 ms is left behind.
   */
  readonly execute: (args: Args, context: ToolContext) => Awaitable<unknown>
}

export interface ToolContext {
  readonly signal: AbortSignal
  readonly workspace: Workspace
  readonly callId: string
  readonly sessionId: string
  /** Names of the agents from the root to this one; empty in the root. */
  readonly agentPath: readonly string[]
  /** `sessionId/turn/callId`. The same when the call is repeated after a crash. */
  readonly idempotencyKey: string
  /** What `effects` returned; empty while it runs. */
  readonly effects: readonly Effect[]
  /** Asks the permission engine for what shows up while running, as a redirect hop. Throws `PermissionDenied`. */
  authorize(effects: readonly Effect[]): Promise<void>
  /** Fire and forget: while nobody has taken an update, a newer one of the same call replaces it. */
  progress(update: Json): void
  /** Puts an event into the run. Resolves when it is on record. */
  emit(event: RunEvent): Promise<void>
}

/** Text, an image or a file for the model; `isError` tells it that the tool failed. */
export interface ToolResultOptions {
  readonly isError?: boolean
  /** What the model gets instead of `output`. */
  readonly content?: readonly ToolPart[]
  /** Paths that the call created, changed or deleted. Absolute, or relative to the working directory. */
  readonly changes?: readonly string[]
}

export class ToolResult {
  readonly output: Json
  readonly isError: boolean
  declare readonly content?: readonly ToolPart[]
  declare readonly changes?: readonly string[]

  constructor(output: Json, options: ToolResultOptions = {}) {
    this.output = output
    this.isError = options.isError ?? false
    if (options.content) this.content = options.content
    if (options.changes) this.changes = options.changes
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
  const { name, description, recovery = 'report', loadable } = definition
  const effects = definition.effects ?? (() => [{ kind: 'execute', target: name }])
  let parameters: JsonObject | undefined
  const validate = validatorOf(definition.parameters)
  // Everything below is called with what `validate` returned, which is of type `Args`.
  return {
    name,
    description,
    get parameters() {
      return (parameters ??= toParameters(name, definition.parameters))
    },
    ...(loadable && { loadable }),
    validate,
    effects: effects as Tool['effects'],
    recovery: recovery as Tool['recovery'],
    execute: async (args, context) => toToolResult(await definition.execute(args as Args, context)),
  }
}

/** Text and JSON are successes; a `ToolResult`, or a plain object of its shape, is taken as it is; nothing is an empty text. */
function toToolResult(value: unknown): ToolResultLike {
  if (isToolResult(value)) return value
  const path = value === undefined ? null : notJson(value)
  if (path === null) return new ToolResult((value ?? '') as Json)
  return ToolResult.error(`The tool returned something that is not JSON at ${path}.`)
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

function checkName(name: string): void {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw new ConfigError(
      `A tool's name is 1 to 64 letters, digits, _ or -; got ${JSON.stringify(name)}.`,
    )
}
