import { nearest } from '@harnext/core'
import type { Option } from './options.ts'
import { badNumber, given, numberOf, oneOf, quote, readOptions, type Read } from './read-options.ts'
import { UsageError } from './usage-error.ts'

/** What the command line asks of the permissions. */
export type PolicyCommand =
  | ({ readonly name: 'policy explain'; readonly call: string } & PolicyPlace)
  | ({ readonly name: 'policy simulate'; readonly sessions: number } & PolicyPlace)

/** Under which settings it is decided. */
export interface PolicyPlace {
  readonly format: 'text' | 'json'
  readonly cwd?: string
  readonly permissionMode?: string
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

type PolicyOptionName =
  | 'permission-mode'
  | 'allow'
  | 'deny'
  | 'sessions'
  | 'cwd'
  | 'output-format'
  | 'help'
type PolicyRead = Read<PolicyOptionName>

const defaultSessions = 10

/** The options of `harnext policy`, in the order in which help lists them. */
export const policyOptions: { readonly [name in PolicyOptionName]: Option } = {
  'permission-mode': {
    type: 'string',
    value: 'mode',
    help: 'default: that of the settings, else manual',
  },
  allow: { type: 'string', multiple: true, value: 'rule', help: 'as for a task; may be repeated' },
  deny: { type: 'string', multiple: true, value: 'rule', help: 'as for a task; may be repeated' },
  sessions: {
    type: 'string',
    value: 'number',
    help: `simulate: so many of the newest sessions; default ${defaultSessions}`,
  },
  cwd: { type: 'string', value: 'folder', help: 'default: this folder' },
  'output-format': { type: 'string', value: 'format', help: 'text (default) or json' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
}

/** Reads the arguments of `harnext policy`. Pure. Throws `UsageError`. */
export function readPolicyArguments(
  args: readonly string[],
): PolicyCommand | { readonly name: 'help'; readonly topic: 'policy' } {
  const read = readOptions(args, policyOptions)
  if (read.flags.has('help')) return { name: 'help', topic: 'policy' }
  const [, command, ...words] = read.words
  if (command === 'explain') {
    const [call, ...extra] = words
    if (call === undefined || extra.length > 0)
      throw new UsageError(
        `harnext policy explain takes one call, in quotes: "bash(npm test)"${extra.length ? `; got ${words.map(quote).join(' ')}` : ''}.`,
      )
    return { name: 'policy explain', call, ...place(read) }
  }
  if (command === 'simulate') {
    if (words.length > 0)
      throw new UsageError(
        `harnext policy simulate takes options only; got ${words.map(quote).join(' ')}.`,
      )
    const sessions = numberOf(read, 'sessions') ?? defaultSessions
    if (!Number.isInteger(sessions) || sessions < 1)
      throw badNumber(read, 'sessions', 'a whole number of at least 1')
    return { name: 'policy simulate', sessions, ...place(read) }
  }
  const near = command === undefined ? undefined : nearest(command, ['explain', 'simulate'])
  const got = command === undefined ? '' : `; got ${quote(command)}`
  throw new UsageError(
    `harnext policy needs explain or simulate${got}.${near ? ` Did you mean ${near}?` : ''} For a task that begins with this word, put the task in quotes.`,
  )
}

function place(read: PolicyRead): PolicyPlace {
  return {
    format: oneOf(read, 'output-format', ['text', 'json']),
    ...given(read, 'cwd', 'cwd'),
    ...given(read, 'permission-mode', 'permissionMode'),
    allow: read.values.get('allow') ?? [],
    deny: read.values.get('deny') ?? [],
  }
}
