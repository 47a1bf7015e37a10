import { isJsonObject, type Json, type JsonObject } from '@harnext/core/provider'

/**
 * A JSON Schema in the smaller language of OpenAPI 3.0 that older endpoints know: references are put in, several types become
 * alternatives, `null` becomes `nullable`, and what the language has no word for is left out. A reference that leads back into
 * itself becomes an object of any kind.
 */
export function toOpenApiSchema(schema: JsonObject): JsonObject {
  return convert(schema, { root: schema, inside: [] })
}

interface Place {
  readonly root: JsonObject
  /** References that are being put in. */
  readonly inside: readonly string[]
}

function convert(schema: Json, place: Place): JsonObject {
  if (!isJsonObject(schema)) return {}
  const reference = schema['$ref']
  if (typeof reference === 'string') return convertReference(schema, reference, place)
  const { isNullable, schema: given } = withoutNull(schema)
  const parts = given['allOf']
  if (Array.isArray(parts)) return convert(merged(given, parts as Json[], place), place)
  const result: Record<string, Json> = {}
  for (const key of plainKeywords) if (given[key] !== undefined) result[key] = given[key]
  const { type, const: constant, enum: values, items, properties } = given
  if (typeof type === 'string') result['type'] = type.toUpperCase()
  const choices = constant === undefined ? values : [constant]
  if (Array.isArray(choices)) Object.assign(result, enumOf(choices as Json[]))
  if (items !== undefined) result['items'] = convert(items, place)
  else if (type === 'array') result['items'] = {}
  if (isJsonObject(properties) && Object.keys(properties).length > 0)
    result['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, convert(value, place)]),
    )
  const alternatives = alternativesOf(given)
  if (alternatives) result['anyOf'] = alternatives.map((one) => convert(one, place))
  if (isNullable) result['nullable'] = true
  return result
}

const plainKeywords = [
  'description',
  'title',
  'format',
  'required',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'pattern',
  'default',
] as const

function convertReference(schema: JsonObject, reference: string, place: Place): JsonObject {
  const target = place.inside.includes(reference) ? undefined : find(place.root, reference)
  const { description } = schema
  return {
    ...(target === undefined
      ? { type: 'OBJECT' }
      : convert(target, { ...place, inside: [...place.inside, reference] })),
    ...(typeof description === 'string' && { description }),
  }
}

/** What `#/$defs/name` points to. */
function find(root: JsonObject, reference: string): Json | undefined {
  let found: Json | undefined = root
  for (const key of reference.split('/').slice(1))
    found = isJsonObject(found) ? found[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return found
}

function withoutNull(schema: JsonObject): { isNullable: boolean; schema: JsonObject } {
  const { type } = schema
  if (Array.isArray(type)) {
    const types = (type as Json[]).filter((one) => one !== 'null')
    const isNullable = types.length < type.length
    const { type: _type, ...rest } = schema
    const [only] = types
    if (types.length === 1 && only !== undefined)
      return { isNullable, schema: { ...rest, type: only } }
    return { isNullable, schema: { ...rest, anyOf: types.map((one) => ({ type: one })) } }
  }
  const given = alternativesOf(schema)
  const others = given?.filter((one) => !isJsonObject(one) || one['type'] !== 'null')
  if (!given || !others || others.length === given.length) return { isNullable: false, schema }
  const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = schema
  const [only] = others
  return {
    isNullable: true,
    schema:
      others.length === 1 && isJsonObject(only) ? { ...rest, ...only } : { ...rest, anyOf: others },
  }
}

function alternativesOf({ anyOf, oneOf }: JsonObject): readonly Json[] | undefined {
  const given = anyOf ?? oneOf
  return Array.isArray(given) ? (given as Json[]) : undefined
}

/** The parts of `allOf` as one schema, as far as they are objects. */
function merged(
  { allOf: _allOf, ...schema }: JsonObject,
  parts: readonly Json[],
  { root }: Place,
): JsonObject {
  let result: JsonObject = schema
  for (const part of parts) {
    if (!isJsonObject(part)) continue
    const reference = part['$ref']
    const target = typeof reference === 'string' ? find(root, reference) : part
    if (!isJsonObject(target)) continue
    const properties = { ...objectOf(result['properties']), ...objectOf(target['properties']) }
    const required = [...listOf(result['required']), ...listOf(target['required'])]
    result = {
      ...target,
      ...result,
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required }),
    }
  }
  return result
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}

/** Only texts can be listed. */
function enumOf(values: readonly Json[]): JsonObject {
  return values.every((value) => typeof value === 'string') ? { type: 'STRING', enum: values } : {}
}
