import { ConfigError, messageOf } from '../errors.ts'
import { copyOf, isJsonObject, type Awaitable, type Json, type JsonObject } from '../json.ts'
import { validateJson } from './validate.ts'

export type JsonSchema = JsonObject

/** The part of https://standardschema.dev (1.1) that is used here. zod 4.2 and newer, valibot, arktype and others have it. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Awaitable<StandardResult<Output>>
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>
    }
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}
type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }
interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The value as the tool takes it, or sentences that say what is wrong, each with its path. */
export type Validation = { readonly value: unknown } | { readonly issues: readonly string[] }

function isStandardSchema(schema: object): schema is StandardSchema {
  return '~standard' in schema
}

/** The JSON Schema for the model. Throws `ConfigError` when it cannot be had or is not of an object. */
export function toParameters(name: string, schema: StandardSchema | JsonSchema): JsonObject {
  const parameters = toJsonSchema(`tool ${name}`, schema)
  if (parameters['type'] !== 'object')
    throw new ConfigError(
      `The parameters of tool ${name} must be the schema of an object; got type ${JSON.stringify(parameters['type'] ?? null)}.`,
    )
  return parameters
}

/** The JSON Schema without its dialect. `owner` is for the message of a `ConfigError`: `tool add`. */
export function toJsonSchema(owner: string, schema: StandardSchema | JsonSchema): JsonObject {
  const json = isStandardSchema(schema) ? jsonSchemaOf(owner, schema) : schema
  const { $schema: _dialect, ...rest } = json
  return rest
}

function jsonSchemaOf(owner: string, schema: StandardSchema): JsonObject {
  const standard = schema['~standard']
  if (!standard.jsonSchema)
    throw new ConfigError(
      `The schema of ${owner} (${standard.vendor}) cannot give its JSON Schema (Standard Schema 1.1, \`~standard.jsonSchema\`). Use a newer version of the library, or a plain JSON Schema.`,
    )
  try {
    const json: unknown = standard.jsonSchema.input({ target: 'draft-2020-12' })
    if (isJsonObject(json)) return json
    throw new Error('it gave no object')
  } catch (error) {
    throw new ConfigError(`The schema of ${owner} has no JSON Schema: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** What it gives is a copy: the tool may change what it gets, the history must not change. */
export function validatorOf(
  schema: StandardSchema | JsonSchema,
): (args: Json) => Awaitable<Validation> {
  if (!isStandardSchema(schema))
    return (args) => {
      const issues = validateJson(schema, args)
      return issues.length ? { issues } : { value: copyOf(args) }
    }
  return async (args) => {
    const result = await schema['~standard'].validate(copyOf(args))
    if (!result.issues) return { value: result.value }
    return { issues: result.issues.map((issue) => `${pathOf(issue)}: ${issue.message}`) }
  }
}

function pathOf(issue: StandardIssue): string {
  return [
    '$',
    ...(issue.path ?? []).map((key) => String(typeof key === 'object' ? key.key : key)),
  ].join('.')
}
