import type { Json, JsonObject } from '../json.ts'
import { shorten } from './json-compare.ts'

// Limits of numbers, texts and lists: what a value alone can break.

/** One thing that is wrong. `expected` is set where a type was expected, so that alternatives can be joined in one sentence. */
export interface Issue {
  readonly path: string
  readonly text: string
  readonly expected?: string
}

type Limit = readonly [
  keyword: string,
  words: string,
  holds: (amount: number, limit: number) => boolean,
]

export const numberLimits: readonly Limit[] = [
  ['minimum', 'at least', (amount, limit) => amount >= limit],
  ['maximum', 'at most', (amount, limit) => amount <= limit],
  ['exclusiveMinimum', 'more than', (amount, limit) => amount > limit],
  ['exclusiveMaximum', 'less than', (amount, limit) => amount < limit],
  ['multipleOf', 'a multiple of', (amount, limit) => limit <= 0 || isMultiple(amount, limit)],
]
const stringLimits: readonly Limit[] = [
  ['minLength', 'a length of at least', (amount, limit) => amount >= limit],
  ['maxLength', 'a length of at most', (amount, limit) => amount <= limit],
]
export const arrayLimits: readonly Limit[] = [
  ['minItems', 'at least this many items:', (amount, limit) => amount >= limit],
  ['maxItems', 'at most this many items:', (amount, limit) => amount <= limit],
]

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of
  // 0.3 is a multiple of 0.1, though not in binary.
  return Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient))
}

export function checkString(schema: JsonObject, value: string, path: string): Issue[] {
  const issues = checkLimits(schema, stringLimits, path, () => codePoints(value))
  const pattern = own(schema, 'pattern')
  if (typeof pattern !== 'string') return issues
  const expression = compile(pattern)
  if (!expression) return [...issues, { path, text: `the schema's ${badPattern(pattern)}` }]
  if (expression.test(value)) return issues
  return [...issues, { path, text: `expected a match of /${pattern}/, got ${shorten(value)}` }]
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

export function compile(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    // The caller reports it where the value is.
    return null
  }
}

export function badPattern(pattern: string): string {
  return `pattern ${shorten(pattern)} is not a valid regular expression`
}

/** `measure` takes its time for a long text: it is called where there is a limit. */
export function checkLimits(
  schema: JsonObject,
  limits: readonly Limit[],
  path: string,
  measure: () => number,
): Issue[] {
  const issues: Issue[] = []
  for (const [keyword, words, holds] of limits) {
    const limit = own(schema, keyword)
    if (typeof limit !== 'number') continue
    const amount = measure()
    if (!holds(amount, limit))
      issues.push({ path, text: `expected ${words} ${limit}, got ${amount}` })
  }
  return issues
}

export function own(schema: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(schema, key) ? schema[key] : undefined
}
