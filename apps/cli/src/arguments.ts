import { nearest } from '@harnext/core'
import type {
  Command,
  Format,
  HelpTopic,
  McpPlace,
  RunSettings,
  SessionChoice,
  UndoCommand,
} from './command.ts'
import { commandsOf, options, type CommandName, type OptionName } from './options.ts'
import { readPipelineArguments } from './pipeline-arguments.ts'
import { readPolicyArguments } from './policy-arguments.ts'
import {
  badNumber,
  given,
  last,
  numberOf,
  oneOf,
  quote,
  readOptions,
  type Read as AnyRead,
} from './read-options.ts'
import { UsageError } from './usage-error.ts'

type Read = AnyRead<OptionName>

/** Reads the arguments behind the program's name. Pure. Throws `UsageError`. */
export function readArguments(args: readonly string[]): Command {
  const [group] = args
  if (group === 'setup' || group === 'runner') return readPipelineArguments(args)
  if (group === 'policy') return readPolicyArguments(args)
  const read = readOptions(args, options)
  const { flags } = read
  const name = commandOf(read)
  // Help and version are answered whatever else stands there.
  if (flags.has('help')) return { name: 'help', topic: topicOf(name) }
  if (flags.has('version')) return { name: 'version' }
  for (const option of [...flags, ...read.values.keys()])
    if (!commandsOf(option).includes(name))
      throw new UsageError(`--${option} is not an option of harnext ${name}.`)
  switch (name) {
    case 'run':
      return { name, settings: runSettings(read) }
    case 'sessions list':
      expectWords(read, 'sessions list', 2)
      return { name, format: formatOf(read), all: flags.has('all'), ...given(read, 'cwd', 'cwd') }
    case 'sessions show':
      expectWords(read, 'sessions show <id>', 3)
      return { name, format: formatOf(read), id: read.words[2] ?? '', all: flags.has('all') }
    case 'audit verify':
      if (read.words.length < 3)
        throw new UsageError('harnext audit verify needs the id of a session, or a file.')
      expectWords(read, 'audit verify <session>', 3)
      return { name, format: formatOf(read), what: read.words[2] ?? '' }
    case 'providers':
      expectWords(read, 'providers', 1)
      return { name, format: formatOf(read) }
    case 'doctor':
      expectWords(read, 'doctor', 1)
      return { name, format: formatOf(read), isOnline: flags.has('online') }
    case 'skills list':
      expectWords(read, 'skills list', 2)
      return { name, format: formatOf(read), ...given(read, 'cwd', 'cwd') }
    case 'mcp list':
      expectWords(read, 'mcp list', 2)
      return { name, ...mcpPlace(read) }
    case 'mcp tools':
      expectWords(read, 'mcp tools <server>', 3)
      return { name, ...mcpPlace(read), server: read.words[2] ?? '' }
    case 'mcp login': {
      expectWords(read, 'mcp login <server>', 3)
      const noBrowser = flags.has('no-browser')
      const client = given(read, 'client-id', 'clientId')
      return { name, ...mcpPlace(read), server: read.words[2] ?? '', noBrowser, ...client }
    }
    case 'mcp logout':
      expectWords(read, 'mcp logout <server>', 3)
      return { name, ...mcpPlace(read), server: read.words[2] ?? '' }
    case 'undo':
      return undoCommand(read)
    case 'demo':
      expectWords(read, 'demo', 1)
      return { name }
  }
}

function topicOf(name: CommandName): HelpTopic {
  if (name === 'undo') return name
  if (name.startsWith('mcp')) return 'mcp'
  return name.startsWith('sessions') ? 'sessions' : 'harnext'
}

function commandOf({ words, flags, beforeEnd }: Read): CommandName {
  const [first, second] = words
  if (beforeEnd === 0 || flags.has('print')) return 'run'
  if (first === 'demo' || first === 'providers' || first === 'doctor') return first
  if (first === 'undo' && isUndo(words)) return first
  // A task may well begin with this word.
  if (first === 'audit' && second === 'verify') return 'audit verify'
  if (first !== 'sessions' && first !== 'skills' && first !== 'mcp') return 'run'
  const all = subcommands[first]
  const found = all.find((name) => name === `${first} ${second}`)
  if (found) return found
  if (flags.has('help') && second === undefined) return all[0]
  const names = all.map((name) => name.slice(first.length + 1))
  const near = second === undefined ? undefined : nearest(second, names)
  const got = second === undefined ? '' : `; got ${quote(second)}`
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  throw new UsageError(
    `harnext ${first} needs ${names.join(' or ')}${got}.${hint} For a task that begins with this word, put the task in quotes.`,
  )
}

/** A task may begin with this word, as `undo the last commit`. */
function isUndo([, ...rest]: readonly string[]): boolean {
  return rest.every((word) => /^(run|undo)_/.test(word))
}

function undoCommand(read: Read): UndoCommand {
  const { words, flags } = read
  if (words.length > 2) expectWords(read, 'undo [run]', 2)
  const [, run] = words
  return {
    name: 'undo',
    format: formatOf(read),
    ...(run !== undefined && { run }),
    ...given(read, 'session', 'session'),
    ...given(read, 'cwd', 'cwd'),
    isList: flags.has('list'),
    isDryRun: flags.has('dry-run'),
    skipEdited: flags.has('skip-edited'),
  }
}

const subcommands = {
  sessions: ['sessions list', 'sessions show'],
  skills: ['skills list'],
  mcp: ['mcp list', 'mcp tools', 'mcp login', 'mcp logout'],
} as const satisfies { readonly [group: string]: readonly CommandName[] }

function expectWords({ words }: Read, usage: string, count: number): void {
  if (words.length === count) return
  const extra = words.slice(count).map(quote).join(' ')
  throw new UsageError(
    words.length < count
      ? `harnext ${usage}: the ${missingWord(usage)} is missing. harnext ${usage.split(' ')[0]} list shows them.`
      : `harnext ${usage} takes nothing more; got ${extra}.`,
  )
}

function missingWord(usage: string): string {
  return /<(\w+)>/.exec(usage)?.[1] ?? 'rest'
}

function mcpPlace(read: Read): McpPlace {
  const mcpConfigs = read.values.get('mcp-config') ?? []
  return { format: formatOf(read), mcpConfigs, ...given(read, 'cwd', 'cwd') }
}

function runSettings(read: Read): RunSettings {
  const { words, flags } = read
  const session = sessionOf(read)
  const maxTurns = numberOf(read, 'max-turns')
  if (maxTurns !== undefined && !(Number.isInteger(maxTurns) && maxTurns >= 1))
    throw badNumber(read, 'max-turns', 'a whole number of at least 1')
  if (read.values.has('record') && read.values.has('replay'))
    throw new UsageError('--record asks a model and --replay asks none; give one of them.')
  return {
    ...(words.length > 0 && { prompt: words.join(' ') }),
    print: flags.has('print'),
    ...given(read, 'model', 'model'),
    ...given(read, 'permission-mode', 'permissionMode'),
    allow: read.values.get('allow') ?? [],
    deny: read.values.get('deny') ?? [],
    ...(maxTurns !== undefined && { maxTurns }),
    ...limits(read),
    checks: read.values.get('check') ?? [],
    audit: flags.has('audit'),
    ...sandboxOf(read),
    addDirs: read.values.get('add-dir') ?? [],
    ...given(read, 'cwd', 'cwd'),
    session,
    ...given(read, 'system-prompt', 'systemPrompt'),
    ...given(read, 'append-system-prompt', 'appendSystemPrompt'),
    ...formats(read),
    ...given(read, 'output-schema', 'outputSchema'),
    mcpConfigs: read.values.get('mcp-config') ?? [],
    ...given(read, 'record', 'record'),
    ...given(read, 'replay', 'replay'),
    ...given(read, 'summary', 'summary'),
  }
}

function limits(read: Read): Pick<RunSettings, 'maxCostUsd' | 'maxTokens' | 'maxDurationMs'> {
  const maxCostUsd = numberOf(read, 'max-cost')
  const maxTokens = numberOf(read, 'max-tokens')
  const seconds = numberOf(read, 'max-duration')
  const isAmount = (value: number): boolean => Number.isFinite(value) && value > 0
  if (maxCostUsd !== undefined && !isAmount(maxCostUsd))
    throw badNumber(read, 'max-cost', 'an amount of US dollars above 0')
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 1))
    throw badNumber(read, 'max-tokens', 'a whole number of at least 1')
  if (seconds !== undefined && !isAmount(seconds))
    throw badNumber(read, 'max-duration', 'a number of seconds above 0')
  return {
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(seconds !== undefined && { maxDurationMs: seconds * 1000 }),
  }
}

function sessionOf(read: Read): SessionChoice {
  const id = last(read, 'resume')
  const isNewest = read.flags.has('continue')
  if (isNewest && id !== undefined)
    throw new UsageError('--continue and --resume name a session both; give one of them.')
  if (id !== undefined) return { kind: 'id', id }
  return { kind: isNewest ? 'newest' : 'new' }
}

function sandboxOf(read: Read): Pick<RunSettings, 'sandbox'> {
  const allow = read.values.get('allow-domain') ?? []
  const isSaid = last(read, 'sandbox') !== undefined
  const mode = isSaid ? oneOf(read, 'sandbox', ['off', 'auto', 'required']) : 'off'
  if (allow.length === 0) return isSaid ? { sandbox: { mode } } : {}
  if (mode === 'off')
    throw new UsageError(
      '--allow-domain needs --sandbox auto or --sandbox required: without a sandbox commands reach all of the network.',
    )
  return { sandbox: { mode, network: allow.includes('*') || { allow } } }
}

function formatOf(read: Read): Format {
  return oneOf(read, 'output-format', ['text', 'json'])
}

function formats(read: Read): Pick<RunSettings, 'format' | 'isPartial' | 'isDriven'> {
  const format = oneOf(read, 'output-format', ['text', 'json', 'stream-json'])
  const isDriven = oneOf(read, 'input-format', ['text', 'stream-json']) === 'stream-json'
  const isPartial = read.flags.has('include-partial-messages')
  const needs = isDriven ? '--input-format stream-json' : '--include-partial-messages'
  if ((isDriven || isPartial) && format !== 'stream-json')
    throw new UsageError(`${needs} needs --output-format stream-json.`)
  if (isDriven && last(read, 'summary') !== undefined)
    throw new UsageError('--summary is for one run; --input-format stream-json may have many.')
  return { format, isPartial, isDriven }
}
