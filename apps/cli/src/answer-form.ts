import { isJsonObject, type Json, type JsonObject } from '@harnext/core'
import type { ElicitationAnswer, ElicitationRequest, UserQuestion } from '@harnext/sdk/settings'
import { visibleExactly } from './render/visible.ts'

/** Asks the person; `null` where input has ended. Rejects when the signal aborts. */
type Inquire = (question: UserQuestion, signal: AbortSignal) => Promise<string | null>

/** What an MCP server wants to know, field by field. Whoever declines, or is gone, has said nothing. */
export async function answerForm(
  { server, message, schema, url }: ElicitationRequest,
  inquire: Inquire,
  signal: AbortSignal,
): Promise<ElicitationAnswer> {
  const asks = url === undefined ? `asks: ${message}` : `wants you to open ${url}: ${message}`
  const question = `The MCP server ${visibleExactly(server)} ${asks}`
  const agree = url === undefined ? 'answer' : 'I will open it'
  const chosen = await inquire({ question, options: [agree, 'decline'] }, signal)
  if (chosen === null) return { action: 'cancel' }
  // Nothing else gives anything away.
  if (chosen !== agree && !/^y(es)?$/i.test(chosen)) return { action: 'decline' }
  if (url !== undefined) return { action: 'accept' }
  const content: { [field: string]: FieldValue } = {}
  for (const field of fieldsOf(schema)) {
    const value = await askField(field, inquire, signal)
    if (value === null) return { action: 'cancel' }
    if (value !== undefined) content[field.name] = value
  }
  return { action: 'accept', content }
}

type FieldValue = string | number | boolean | readonly string[]

export interface Field {
  readonly name: string
  readonly schema: JsonObject
  readonly isRequired: boolean
}

function fieldsOf(schema: JsonObject = {}): readonly Field[] {
  const { properties, required } = schema
  if (!isJsonObject(properties)) return []
  const needed = Array.isArray(required) ? required : []
  return Object.entries(properties).flatMap(([name, field]) =>
    isJsonObject(field) ? [{ name, schema: field, isRequired: needed.includes(name) }] : [],
  )
}

/** `undefined`: left out. Asks again for what does not fit. */
async function askField(
  field: Field,
  inquire: Inquire,
  signal: AbortSignal,
): Promise<FieldValue | undefined | null> {
  for (let complaint = ''; ;) {
    const { question, options } = fieldQuestion(field)
    const line = await inquire({ question: `${complaint}${question}`, options }, signal)
    if (line === null) return null
    const read = readField(field, line)
    if (!('problem' in read)) return read.value
    complaint = `${read.problem}\n`
  }
}

export function fieldQuestion({ name, schema, isRequired }: Field): UserQuestion {
  const { title, description, type, default: usual } = schema
  const about = [
    ...(typeof description === 'string' ? [description] : []),
    ...(type === 'boolean' ? ['yes or no'] : type === 'array' ? ['several, with commas'] : []),
    ...(type === 'number' || type === 'integer' ? ['a number'] : []),
    ...(usual === undefined
      ? isRequired
        ? []
        : ['may be empty']
      : [`default ${textOr(usual, JSON.stringify(usual))}`]),
  ]
  const label = typeof title === 'string' ? title : name
  const question = about.length ? `${label} (${about.join('; ')})` : label
  return { question, options: choicesOf(schema).map(({ label: shown }) => shown) }
}

/** What was typed as the schema wants it. `value` is undefined for a field that is left out. */
export function readField(
  { schema, isRequired }: Field,
  line: string,
): { readonly value: FieldValue | undefined } | { readonly problem: string } {
  const { type, default: usual } = schema
  if (line === '') {
    if (usual !== undefined) return { value: usual as FieldValue }
    return isRequired ? { problem: 'This is needed.' } : { value: undefined }
  }
  const choices = choicesOf(schema)
  if (type === 'array') return readSeveral(choices, line)
  if (choices.length) {
    const chosen = chosenOf(choices, line)
    return chosen === undefined ? { problem: 'It must be one of these.' } : { value: chosen }
  }
  if (type === 'boolean') {
    if (/^(y|yes|true)$/i.test(line)) return { value: true }
    if (/^(n|no|false)$/i.test(line)) return { value: false }
    return { problem: 'It must be yes or no.' }
  }
  if (type === 'number' || type === 'integer') return readNumber(schema, line)
  return readText(schema, line)
}

function readSeveral(
  choices: readonly Choice[],
  line: string,
): { readonly value: FieldValue } | { readonly problem: string } {
  const words = line.split(',').map((word) => word.trim())
  const chosen = words.map((word) => chosenOf(choices, word))
  const known = chosen.filter((value) => value !== undefined)
  return known.length < words.length ? { problem: 'Each must be one of these.' } : { value: known }
}

function readNumber(
  { type, minimum, maximum }: JsonObject,
  line: string,
): { readonly value: FieldValue } | { readonly problem: string } {
  const value = Number(line)
  if (!Number.isFinite(value)) return { problem: 'It must be a number.' }
  if (type === 'integer' && !Number.isInteger(value))
    return { problem: 'It must be a whole number.' }
  if (typeof minimum === 'number' && value < minimum)
    return { problem: `It must be at least ${minimum}.` }
  if (typeof maximum === 'number' && value > maximum)
    return { problem: `It must be at most ${maximum}.` }
  return { value }
}

function readText(
  { minLength, maxLength }: JsonObject,
  line: string,
): { readonly value: FieldValue } | { readonly problem: string } {
  if (typeof minLength === 'number' && line.length < minLength)
    return { problem: `It must have at least ${minLength} characters.` }
  if (typeof maxLength === 'number' && line.length > maxLength)
    return { problem: `It must have at most ${maxLength} characters.` }
  return { value: line }
}

interface Choice {
  readonly value: string
  readonly label: string
}

/** In all forms that the protocol has had: `enum` with `enumNames`, `oneOf`, and `items` of a list. */
function choicesOf(schema: JsonObject): readonly Choice[] {
  const { enum: values, enumNames, oneOf, anyOf, items } = schema
  if (isJsonObject(items)) return choicesOf(items)
  const titled = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : []
  if (titled.length) return titled.flatMap(titledChoice)
  if (!Array.isArray(values)) return []
  const names: readonly Json[] = Array.isArray(enumNames) ? enumNames : []
  return values.flatMap((value, index) =>
    typeof value === 'string' ? [{ value, label: textOr(names[index], value) }] : [],
  )
}

function titledChoice(choice: Json): readonly Choice[] {
  if (!isJsonObject(choice) || typeof choice['const'] !== 'string') return []
  return [{ value: choice['const'], label: textOr(choice['title'], choice['const']) }]
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

/** By its number, its label or its value. */
function chosenOf(choices: readonly Choice[], word: string): string | undefined {
  const byNumber = /^\d+$/.test(word) ? choices[Number(word) - 1] : undefined
  return (byNumber ?? choices.find(({ value, label }) => word === label || word === value))?.value
}
