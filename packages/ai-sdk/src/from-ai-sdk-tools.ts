import {
  ConfigError,
  isJsonObject,
  tool,
  type Awaitable,
  type Effect,
  type Json,
  type JsonSchema,
  type StandardSchema,
  type Tool,
  type ToolContext,
} from '@harnext/core'
import { toToolResult } from './to-tool-result.ts'

/** A tool of the AI SDK, as `tool()` and `dynamicTool()` make it, as far as it is used here. */
export interface AiSdkTool {
  readonly type?: string | undefined
  readonly description?: string | ((options: never) => string) | undefined
  readonly inputSchema: unknown
  readonly execute?: ((input: never, options: never) => unknown) | undefined
  readonly toModelOutput?: ((options: never) => unknown) | undefined
  readonly needsApproval?:
    | boolean
    | ((input: never, options: never) => Awaitable<boolean>)
    | undefined
}
export type AiSdkToolSet = Readonly<Record<string, AiSdkTool>>

export interface AiSdkToolsOptions {
  /**
   * What the calls of a tool would do, by its name: the AI SDK does not say. Default: one `execute`, or `unknown` for a call that
   * `needsApproval`, which then is asked for in every mode but `bypass`.
   */
  readonly effects?: {
    readonly [name: string]: (args: Json, context: ToolContext) => Awaitable<readonly Effect[]>
  }
}

/**
 * The tools of a `ToolSet` as tools of harnext, in its order. Their `execute` gets `toolCallId`, `abortSignal`, an empty `messages` and
 * an empty `context`; what it yields before its last value is progress. Throws `ConfigError` for a tool that the provider runs, which
 * goes to the model in `params.tools`, and for one without `execute`.
 */
export function fromAiSdkTools(
  tools: AiSdkToolSet,
  { effects = {} }: AiSdkToolsOptions = {},
): Tool[] {
  return Object.entries(tools).map(([name, given]) => toTool(name, given, effects[name]))
}

function toTool(
  name: string,
  given: AiSdkTool,
  effects: NonNullable<AiSdkToolsOptions['effects']>[string] | undefined,
): Tool {
  const { description = '', execute, inputSchema } = given
  if (given.type === 'provider')
    throw new ConfigError(
      `The provider defines the tool ${name}: give it to the model, in params.tools.`,
    )
  if (typeof execute !== 'function')
    throw new ConfigError(`The tool ${name} has no execute: harnext runs its tools itself.`)
  return tool<Json>({
    name,
    description: typeof description === 'string' ? description : description(noContext as never),
    parameters: toParameters(name, inputSchema),
    effects: effects ?? (async (args, context) => defaultEffects(name, given, args, context)),
    async execute(args, context) {
      const result: unknown = execute(args as never, optionsOf(context) as never)
      const output = await lastOf(result, context)
      return toToolResult(given, { toolCallId: context.callId, input: args, output })
    },
  })
}

const noContext = { context: {} }

function optionsOf({ callId, signal }: ToolContext): object {
  return { toolCallId: callId, abortSignal: signal, messages: [], ...noContext }
}

async function defaultEffects(
  name: string,
  { needsApproval = false }: AiSdkTool,
  args: Json,
  context: ToolContext,
): Promise<readonly Effect[]> {
  const isAsked =
    typeof needsApproval === 'function'
      ? await needsApproval(args as never, optionsOf(context) as never)
      : needsApproval
  return isAsked
    ? [{ kind: 'unknown', detail: `${name} needs approval` }]
    : [{ kind: 'execute', target: name }]
}

/** Of a tool that reports as it goes, the last value is the result. */
async function lastOf(result: unknown, { progress }: ToolContext): Promise<unknown> {
  if (!isAsyncIterable(result)) return result
  let last: unknown
  let isFirst = true
  for await (const value of result) {
    if (!isFirst) progress(last as Json)
    isFirst = false
    last = value
  }
  return last
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** A schema of the AI SDK: made by `jsonSchema()`, or for a library that has no Standard Schema. */
interface AiSdkSchema {
  readonly jsonSchema: unknown
  readonly validate?: (
    value: unknown,
  ) => Awaitable<{ success: true; value: unknown } | { success: false; error: Error }>
}

function toParameters(name: string, given: unknown): StandardSchema<Json> | JsonSchema {
  // A lazy one.
  const schema: unknown = typeof given === 'function' ? (given as () => unknown)() : given
  if (typeof schema !== 'object' || schema === null)
    throw new ConfigError(`The tool ${name} has no inputSchema.`)
  if ('~standard' in schema) return schema as StandardSchema<Json>
  if (!('jsonSchema' in schema))
    throw new ConfigError(`The inputSchema of tool ${name} is no schema that the AI SDK takes.`)
  return fromSchema(name, schema)
}

function fromSchema(name: string, schema: AiSdkSchema): StandardSchema<Json> | JsonSchema {
  const json = schema.jsonSchema
  if (!isJsonObject(json) || 'then' in json)
    throw new ConfigError(
      `The inputSchema of tool ${name} gives its JSON Schema as a promise: wait for it, jsonSchema(await schema.jsonSchema, schema).`,
    )
  const { validate } = schema
  if (!validate) return json
  return {
    '~standard': {
      version: 1,
      vendor: 'ai-sdk',
      jsonSchema: { input: () => json },
      async validate(value) {
        const result = await validate(value)
        return result.success
          ? { value: result.value as Json }
          : { issues: [{ message: result.error.message }] }
      },
    },
  }
}
