import { parseArgs } from 'node:util'
import { nearest } from '@harnext/core'
import type { Option } from './options.ts'
import { UsageError } from './usage-error.ts'

type OptionTable<Name extends string> = { readonly [name in Name]: Option }

/** What stands on a command line: words, flags and values of the options of a table. */
export interface Read<Name extends string> {
  readonly words: readonly string[]
  readonly flags: ReadonlySet<Name>
  readonly values: ReadonlyMap<Name, readonly string[]>
  /** How many words stand before `--`. */
  readonly beforeEnd: number
}

/** Throws `UsageError` for an option that is in no table, and for a value that is missing or too many. */
export function readOptions<Name extends string>(
  args: readonly string[],
  options: OptionTable<Name>,
): Read<Name> {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const words: string[] = []
  const flags = new Set<Name>()
  const values = new Map<Name, string[]>()
  let beforeEnd: number | undefined
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    else if (token.kind === 'option-terminator') beforeEnd = words.length
    else {
      const name = known(token.name, token.rawName, options)
      if (options[name].type === 'boolean') {
        if (token.value !== undefined)
          throw new UsageError(`${token.rawName} takes no value; got ${quote(token.value)}.`)
        flags.add(name)
      } else {
        values.set(name, [...(values.get(name) ?? []), valueOf(token)])
      }
    }
  }
  return { words, flags, values, beforeEnd: beforeEnd ?? words.length }
}

function known<Name extends string>(
  name: string,
  rawName: string,
  options: OptionTable<Name>,
): Name {
  if (Object.hasOwn(options, name)) return name as Name
  const near = rawName.startsWith('--')
    ? nearest(name, Object.keys(options))
    : nearLetter(name, options)
  const hint = near === undefined ? 'See harnext --help.' : `Did you mean --${near}?`
  throw new UsageError(`There is no option ${rawName}. ${hint}`)
}

/** An unknown letter may be a known one in the other case, or the first of a long name. */
function nearLetter(letter: string, options: OptionTable<string>): string | undefined {
  const wanted = letter.toLowerCase()
  const entries = Object.entries(options)
  const byLetter = entries.find(([, option]) => option.short === wanted)
  return (byLetter ?? entries.find(([name]) => name.startsWith(wanted)))?.[0]
}

/** What looks like an option is not taken for a value by mistake. */
function valueOf(token: {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}): string {
  const { rawName, value, inlineValue } = token
  const isOption = !inlineValue && value !== undefined && /^-./.test(value)
  if (value !== undefined && !isOption) return value
  const after = isOption
    ? `; ${quote(value)} looks like an option. To mean it, write --${token.name}=${value}`
    : ''
  throw new UsageError(`${rawName} needs a value${after}.`)
}

/** The first one where none was given. */
export function oneOf<Name extends string, const Choice extends string>(
  read: Read<Name>,
  name: Name,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const text = last(read, name)
  const found = text === undefined ? choices[0] : choices.find((choice) => choice === text)
  if (found !== undefined) return found
  const names = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
  throw new UsageError(`--${name} must be ${names}; got ${quote(text ?? '')}.`)
}

/** `NaN` for what is none, also for the empty text that `Number` takes for 0. */
export function numberOf<Name extends string>(read: Read<Name>, name: Name): number | undefined {
  const text = last(read, name)
  if (text === undefined) return undefined
  return text.trim() === '' ? Number.NaN : Number(text)
}

export function badNumber<Name extends string>(
  read: Read<Name>,
  name: Name,
  expected: string,
): UsageError {
  return new UsageError(`--${name} must be ${expected}; got ${quote(last(read, name) ?? '')}.`)
}

/** The value of an option under the name of a setting; nothing where it was not given. */
export function given<Name extends string, Key extends string>(
  read: Read<Name>,
  name: Name,
  key: Key,
): { readonly [key in Key]?: string } {
  const value = last(read, name)
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in Key]?: string }
}

/** Of an option that was repeated the last one counts. */
export function last<Name extends string>({ values }: Read<Name>, name: Name): string | undefined {
  return values.get(name)?.at(-1)
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}
