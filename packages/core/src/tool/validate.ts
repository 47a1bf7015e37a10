import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { sameJson, shorten, typeName, uniqueKey } from './json-compare.ts'
import { nearest } from './nearest.ts'
import {
  arrayLimits,
  badPattern,
  checkLimits,
  checkString,
  compile,
  numberLimits,
  own,
  type Issue,
} from './validate-limits.ts'

const maximumIssues = 20
const maximumDepth = 300
const maximumSteps = 200_000

/** Where the check stands. `references` are those followed at this very value: meeting one again is a cycle. */
interface Place {
  readonly root: JsonObject
  readonly path: string
  readonly depth: number
  readonly references: readonly string[]
  readonly steps: { count: number }
}

/**
 * What is wrong with `value` by the JSON Schema, as sentences with a path (`$.files[2].path: expected string, got number`); empty
 * when it is valid, at most 20. Knows the keywords that tools use (draft 2020-12, `nullable`, tuples of draft 7) and ignores others.
 * Never throws: what is wrong with the schema (a pattern, a `$ref`) is reported where a value meets it.
 */
export function validateJson(schema: JsonObject, value: Json): readonly string[] {
  if (isDeeperThan(value, maximumDepth)) return [`$: nested deeper than ${maximumDepth} levels`]
  const place: Place = { root: schema, path: '$', depth: 0, references: [], steps: { count: 0 } }
  const issues = check(schema, value, place)
  return issues.slice(0, maximumIssues).map((issue) => `${issue.path}: ${issue.text}`)
}

function isDeeperThan(value: Json, limit: number): boolean {
  const open: [Json, number][] = [[value, 0]]
  for (let item = open.pop(); item; item = open.pop()) {
    const [json, depth] = item
    if (typeof json !== 'object' || json === null) continue
    if (depth > limit) return true
    for (const child of Object.values<Json>(json)) open.push([child, depth + 1])
  }
  return false
}

function check(schema: Json, value: Json, place: Place): Issue[] {
  if (schema === false) return [{ path: place.path, text: 'no value is allowed here' }]
  if (!isJsonObject(schema)) return []
  if (schema['nullable'] === true && value === null) return []
  if (++place.steps.count > maximumSteps || place.depth > maximumDepth * 2)
    return [{ path: place.path, text: 'too involved to be checked' }]
  const inner = { ...place, depth: place.depth + 1 }
  const wrongType = checkType(schema, value, place.path)
  // One wrong type explains the rest.
  if (wrongType.length) return wrongType
  return checkReference(schema, value, inner).concat(
    checkFixed(schema, value, place.path),
    checkOfType(schema, value, inner),
    checkCombined(schema, value, inner),
  )
}

function checkOfType(schema: JsonObject, value: Json, place: Place): Issue[] {
  if (typeof value === 'string') return checkString(schema, value, place.path)
  if (typeof value === 'number') return checkLimits(schema, numberLimits, place.path, () => value)
  if (Array.isArray(value)) return checkArray(schema, value, place)
  return isJsonObject(value) ? checkObject(schema, value, place) : []
}

function checkType(schema: JsonObject, value: Json, path: string): Issue[] {
  const type = own(schema, 'type')
  const types = (Array.isArray(type) ? type : [type]).filter((name) => typeof name === 'string')
  const actual = typeName(value)
  const fits = (name: string): boolean =>
    name === 'integer' ? Number.isInteger(value) : name === actual
  if (types.length === 0 || types.some(fits)) return []
  const got = actual === 'number' && types.includes('integer') ? `number ${shorten(value)}` : actual
  const expected = types.join(' or ')
  return [{ path, text: `expected ${expected}, got ${got}`, expected }]
}

function checkReference(schema: JsonObject, value: Json, place: Place): Issue[] {
  const reference = own(schema, '$ref')
  if (typeof reference !== 'string') return []
  const problem = (text: string): Issue[] => [
    { path: place.path, text: `the schema's $ref ${shorten(reference)} ${text}` },
  ]
  if (place.references.includes(reference)) return problem('leads back to itself')
  const target = resolvePointer(place.root, reference)
  if (target === undefined) return problem('leads nowhere')
  return check(target, value, { ...place, references: [...place.references, reference] })
}

function resolvePointer(root: JsonObject, reference: string): Json | undefined {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  let found: Json | undefined = root
  for (const raw of reference.slice(2).split('/')) {
    const key = decode(raw).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = isJsonObject(found) ? found[key] : found[Number(key)]
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone % is meant letter by letter.
    return text
  }
}

function checkFixed(schema: JsonObject, value: Json, path: string): Issue[] {
  const constant = own(schema, 'const')
  if (constant !== undefined && !sameJson(constant, value))
    return [{ path, text: `expected ${shorten(constant)}, got ${shorten(value)}` }]
  const choices = own(schema, 'enum')
  if (!Array.isArray(choices) || choices.some((choice: Json) => sameJson(choice, value))) return []
  const shown = choices.slice(0, 20).map((choice: Json) => shorten(choice))
  const more = choices.length > shown.length ? ', …' : ''
  return [{ path, text: `expected one of ${shown.join(', ')}${more}, got ${shorten(value)}` }]
}

function checkArray(schema: JsonObject, value: readonly Json[], place: Place): Issue[] {
  const issues = checkLimits(schema, arrayLimits, place.path, () => value.length)
  const items = own(schema, 'items')
  const prefix = own(schema, 'prefixItems') ?? items
  const first: readonly Json[] = Array.isArray(prefix) ? prefix : []
  const rest = Array.isArray(items) ? own(schema, 'additionalItems') : items
  for (const [index, item] of value.entries()) {
    if (issues.length >= maximumIssues) return issues
    const inner = index < first.length ? first[index] : rest
    if (inner !== undefined) issues.push(...check(inner, item, below(place, `[${index}]`)))
  }
  if (own(schema, 'uniqueItems') === true) issues.push(...checkUnique(value, place.path))
  return issues
}

function checkUnique(value: readonly Json[], path: string): Issue[] {
  const seen = new Map<string, number>()
  for (const [index, item] of value.entries()) {
    const key = uniqueKey(item)
    const earlier = seen.get(key)
    if (earlier !== undefined)
      return [{ path: `${path}[${index}]`, text: `the same as [${earlier}]; items must differ` }]
    seen.set(key, index)
  }
  return []
}

function checkObject(schema: JsonObject, value: JsonObject, place: Place): Issue[] {
  const properties = objectAt(schema, 'properties')
  const patterns = Object.entries(objectAt(schema, 'patternProperties'))
  const additional = own(schema, 'additionalProperties')
  const issues: Issue[] = []
  const required = own(schema, 'required')
  for (const key of Array.isArray(required) ? required : [])
    if (typeof key === 'string' && !Object.hasOwn(value, key))
      issues.push({ path: place.path + step(key), text: 'required, but missing' })
  for (const [key, item] of Object.entries(value)) {
    if (issues.length >= maximumIssues) return issues
    const inner = below(place, step(key))
    const matching = patterns.filter(([pattern]) => compile(pattern)?.test(key))
    for (const [, each] of matching) issues.push(...check(each, item, inner))
    if (Object.hasOwn(properties, key)) issues.push(...check(properties[key] ?? true, item, inner))
    else if (matching.length > 0 || additional === undefined) continue
    else if (additional === false)
      issues.push({ path: inner.path, text: unknownProperty(key, Object.keys(properties)) })
    else issues.push(...check(additional, item, inner))
  }
  for (const [pattern] of patterns)
    if (!compile(pattern))
      issues.push({ path: place.path, text: `the schema's ${badPattern(pattern)}` })
  return issues
}

function unknownProperty(key: string, known: readonly string[]): string {
  const close = nearest(key, known)
  if (close !== undefined) return `unknown property; did you mean ${shorten(close)}?`
  if (known.length === 0) return 'unknown property; none is expected'
  return `unknown property; expected one of ${known.slice(0, 20).join(', ')}`
}

function checkCombined(schema: JsonObject, value: Json, place: Place): Issue[] {
  const issues: Issue[] = []
  for (const each of arrayAt(schema, 'allOf')) issues.push(...check(each, value, place))
  for (const keyword of ['anyOf', 'oneOf']) {
    const alternatives = arrayAt(schema, keyword)
    if (!alternatives.length) continue
    const results = alternatives.map((each) => check(each, value, place))
    const fitting = results.filter((result) => result.length === 0).length
    if (fitting === 0) issues.push(...joinAlternatives(results, place.path))
    if (keyword === 'oneOf' && fitting > 1)
      issues.push({ path: place.path, text: `fits ${fitting} alternatives, expected exactly one` })
  }
  const not = own(schema, 'not')
  if (not !== undefined && check(not, value, place).length === 0)
    issues.push({ path: place.path, text: `must not fit ${shorten(not)}, got ${shorten(value)}` })
  return issues
}

/** The alternative that came closest: the one that got past its own type, then the one with the fewest issues. */
function joinAlternatives(results: readonly Issue[][], path: string): Issue[] {
  const types = results.map((result) => (result[0]?.path === path ? result[0].expected : undefined))
  const [first] = results
  if (types.every((type) => type !== undefined) && first?.[0]) {
    const expected = [...new Set(types)].join(' or ')
    const got = first[0].text.slice(first[0].text.indexOf(', got '))
    return [{ path, text: `expected ${expected}${got}`, expected }]
  }
  const ranked = results
    .filter((_, index) => types[index] === undefined)
    .toSorted((a, b) => ownIssues(a, path) - ownIssues(b, path) || a.length - b.length)
  if (results.length === 1 || ranked.length === 1) return ranked[0] ?? []
  const text = `fits none of ${results.length} alternatives; the closest one says:`
  return [{ path, text }, ...(ranked[0] ?? [])]
}

function ownIssues(issues: readonly Issue[], path: string): number {
  return issues.filter((issue) => issue.path === path).length
}

function below(place: Place, key: string): Place {
  return { ...place, path: place.path + key, references: [] }
}

function step(key: string): string {
  // Nearly all names are plain, and letters of all scripts take long to tell.
  const isName = /^[a-z_$][\w$]*$/i.test(key) || /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
  return isName ? `.${key}` : `[${JSON.stringify(key)}]`
}

function objectAt(schema: JsonObject, key: string): JsonObject {
  const value = own(schema, key)
  return isJsonObject(value) ? value : {}
}
function arrayAt(schema: JsonObject, key: string): readonly Json[] {
  const value = own(schema, key)
  return Array.isArray(value) ? value : []
}
