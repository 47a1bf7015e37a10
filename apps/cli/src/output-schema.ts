import { resolve } from 'node:path'
import { isJsonObject, messageOf, type Json, type JsonObject } from '@harnext/core'
import { readSettingsFile } from '@harnext/core/node'
import { UsageError } from './usage-error.ts'

/**
 * The value of `--output-schema`: a JSON Schema, or the path of a file that holds one, from the folder where the person is. Throws
 * `UsageError` for what cannot be read, and for what no answer could ever match by mistake of its author.
 */
export function readOutputSchema(given: string, cwd: string): JsonObject {
  const isInline = given.trimStart().startsWith('{')
  const where = isInline ? '--output-schema' : `--output-schema ${resolve(cwd, given)}`
  const schema = parse(isInline ? given : readFile(resolve(cwd, given)), where)
  if (!isJsonObject(schema))
    throw new UsageError(`${where} must be a JSON object; got ${show(schema)}.`)
  checkTypes(schema, where, '$')
  return schema
}

function readFile(path: string): string {
  try {
    return readSettingsFile(path)
  } catch (error) {
    throw new UsageError(`--output-schema cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function parse(text: string, where: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new UsageError(`${where} is no JSON: ${messageOf(error)}`, { cause: error })
  }
}

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

/** A type that is none would refuse every answer, after the work was paid for. */
function checkTypes(schema: JsonObject, where: string, path: string): void {
  const { type, properties, items } = schema
  for (const name of type === undefined ? [] : Array.isArray(type) ? type : [type])
    if (typeof name !== 'string' || !types.includes(name))
      throw new UsageError(
        `${where}: type at ${path} must be one of ${types.join(', ')}; got ${show(name as Json)}.`,
      )
  for (const [name, inner] of isJsonObject(properties) ? Object.entries(properties) : [])
    if (isJsonObject(inner)) checkTypes(inner, where, `${path}.${name}`)
  if (isJsonObject(items)) checkTypes(items, where, `${path}[]`)
}

function show(value: Json): string {
  const json = JSON.stringify(value)
  return json.length > 80 ? `${json.slice(0, 79)}…` : json
}
