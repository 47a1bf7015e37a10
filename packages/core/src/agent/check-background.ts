import { LONGEST_TIMER_MS } from '../budget/deadline.ts'
import { ConfigError } from '../errors.ts'
import { isJsonObject } from '../json.ts'
import { nearest } from '../tool/nearest.ts'
import { AWAIT_MODES, type SubagentBackgroundOptions } from './background-options.ts'
import { checkNumber } from './check-number.ts'

const NAME = 'subagentBackground'

/** Throws `ConfigError` for what the types would have refused, too. */
export function checkBackground(given: boolean | SubagentBackgroundOptions = true): void {
  if (typeof given === 'boolean') return
  const options = objectOf(given, NAME, 'a boolean or an object', [
    'maxConcurrent',
    'timeout',
    'autoCancel',
    'tools',
  ])
  if (given.maxConcurrent !== Infinity) checkNumber(`${NAME}.maxConcurrent`, given.maxConcurrent, 1)
  checkNumber(`${NAME}.timeout`, given.timeout, 1, LONGEST_TIMER_MS)
  checkBoolean(`${NAME}.autoCancel`, options['autoCancel'])
  if (options['tools'] === undefined) return
  const place = `${NAME}.tools`
  const tools = objectOf(options['tools'], place, 'an object', ['status', 'cancel', 'await'])
  checkBoolean(`${place}.status`, tools['status'])
  checkBoolean(`${place}.cancel`, tools['cancel'])
  checkAwait(`${place}.await`, tools['await'])
}

function objectOf(
  value: unknown,
  place: string,
  expected: string,
  known: readonly string[],
): { readonly [key: string]: unknown } {
  if (!isJsonObject(value)) throw wrong(place, expected, value)
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown === undefined) return value
  const near = nearest(unknown, known)
  const hint = near === undefined ? `They are ${known.join(', ')}.` : `Did you mean ${near}?`
  throw new ConfigError(`${place} has no option ${JSON.stringify(unknown)}. ${hint}`)
}

function checkBoolean(place: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw wrong(place, 'a boolean', value)
}

function checkAwait(place: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return
  const expected = `a boolean or a list of some of ${AWAIT_MODES.join(', ')}`
  if (!Array.isArray(value)) throw wrong(place, expected, value)
  const modes: readonly unknown[] = AWAIT_MODES
  const index = value.findIndex((mode) => !modes.includes(mode))
  if (index >= 0) throw wrong(place, expected, value[index])
}

function wrong(place: string, expected: string, got: unknown): ConfigError {
  const text = typeof got === 'function' ? 'a function' : (JSON.stringify(got) ?? String(got))
  return new ConfigError(`${place} must be ${expected}; got ${text}.`)
}
