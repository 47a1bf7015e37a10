import { nearest } from '@harnext/core'
import type { Intake, MergeMethod, StageSandbox } from '@harnext/pipeline'
import {
  pipelineOptions,
  type PipelineCommandName,
  type PipelineOptionName,
} from './pipeline-options.ts'
import { badNumber, given, numberOf, oneOf, quote, readOptions, type Read } from './read-options.ts'
import { UsageError } from './usage-error.ts'

/** What the command line asks of a pipeline or its runner. */
export type PipelineCommand =
  | { readonly name: 'setup'; readonly settings: SetupSettings }
  | { readonly name: 'runner status'; readonly cwd?: string; readonly format: 'text' | 'json' }
  | {
      readonly name: 'runner logs'
      readonly cwd?: string
      readonly follow: boolean
      readonly lines?: number
    }
  | {
      readonly name: 'runner install'
      readonly cwd?: string
      readonly service?: 'systemd' | 'launchd'
      readonly labels: readonly string[]
      readonly allowPublic: boolean
    }
  | { readonly name: 'runner uninstall'; readonly cwd?: string }

/** Absent: the default, or what the person answers. */
export interface SetupSettings {
  readonly cwd?: string
  readonly provider?: string
  readonly model?: string
  readonly stages?: readonly string[]
  readonly runner?: 'github' | 'self-hosted'
  readonly defaultBranch?: string
  readonly merge?: MergeMethod
  readonly intake?: Intake
  readonly labelPrefix?: string
  readonly sandbox?: StageSandbox
  readonly isDryRun: boolean
  readonly hasLabels: boolean
}

type PipelineRead = Read<PipelineOptionName>
type Help = { readonly name: 'help'; readonly topic: 'setup' | 'runner' }

/** Reads the arguments of `harnext setup` and `harnext runner`. Pure. Throws `UsageError`. */
export function readPipelineArguments(args: readonly string[]): PipelineCommand | Help {
  const read = readOptions(args, pipelineOptions)
  const topic = read.words[0] === 'setup' ? 'setup' : 'runner'
  if (read.flags.has('help')) return { name: 'help', topic }
  const name = topic === 'setup' ? topic : runnerCommand(read)
  for (const option of [...read.flags, ...read.values.keys()])
    if (!pipelineOptions[option].of.includes(name))
      throw new UsageError(`--${option} is not an option of harnext ${name}.`)
  const extra = read.words.slice(name.split(' ').length)
  if (extra.length > 0)
    throw new UsageError(
      `harnext ${name} takes nothing more; got ${extra.map(quote).join(' ')}. ${asTask}`,
    )
  return commandOf(name, read)
}

const asTask = 'For a task that begins with this word, put the task in quotes.'

function runnerCommand({ words }: PipelineRead): Exclude<PipelineCommandName, 'setup'> {
  const names = ['status', 'logs', 'install', 'uninstall'] as const
  const [, word] = words
  const name = names.find((one) => one === word)
  if (name !== undefined) return `runner ${name}`
  const near = word === undefined ? undefined : nearest(word, names)
  const got = word === undefined ? '' : `; got ${quote(word)}`
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  throw new UsageError(
    `harnext runner needs status, logs, install or uninstall${got}.${hint} ${asTask}`,
  )
}

function commandOf(name: PipelineCommandName, read: PipelineRead): PipelineCommand {
  const cwd = given(read, 'cwd', 'cwd')
  switch (name) {
    case 'setup':
      return { name, settings: setupSettings(read) }
    case 'runner status':
      return { name, ...cwd, format: oneOf(read, 'output-format', ['text', 'json']) }
    case 'runner logs': {
      const lines = numberOf(read, 'lines')
      if (lines !== undefined && !(Number.isInteger(lines) && lines >= 1))
        throw badNumber(read, 'lines', 'a whole number of at least 1')
      const follow = read.flags.has('follow')
      return { name, ...cwd, follow, ...(lines !== undefined && { lines }) }
    }
    case 'runner install':
      return {
        name,
        ...cwd,
        ...(read.values.has('service') && {
          service: oneOf(read, 'service', ['systemd', 'launchd']),
        }),
        labels: read.values.get('label') ?? [],
        allowPublic: read.flags.has('allow-public'),
      }
    case 'runner uninstall':
      return { name, ...cwd }
  }
}

function setupSettings(read: PipelineRead): SetupSettings {
  const stages = read.values.get('stages')?.flatMap((list) => list.split(','))
  return {
    ...given(read, 'cwd', 'cwd'),
    ...given(read, 'provider', 'provider'),
    ...given(read, 'model', 'model'),
    ...(stages && { stages: stages.map((id) => id.trim()) }),
    ...(read.values.has('runner') && { runner: oneOf(read, 'runner', ['github', 'self-hosted']) }),
    ...given(read, 'default-branch', 'defaultBranch'),
    ...(read.values.has('merge') && {
      merge: oneOf(read, 'merge', ['squash', 'merge', 'rebase', 'manual']),
    }),
    ...(read.values.has('intake') && {
      intake: oneOf(read, 'intake', ['members', 'everyone', 'manual']),
    }),
    ...given(read, 'label-prefix', 'labelPrefix'),
    ...stageSandbox(read),
    isDryRun: read.flags.has('dry-run'),
    hasLabels: !read.flags.has('no-labels'),
  }
}

function stageSandbox(read: PipelineRead): Pick<SetupSettings, 'sandbox'> {
  const allow = read.values.get('allow-domain')
  if (!allow && !read.values.has('sandbox')) return {}
  const mode = oneOf(read, 'sandbox', ['required', 'auto', 'off'])
  if (!allow) return { sandbox: mode }
  if (mode === 'off')
    throw new UsageError('--allow-domain needs a sandbox: leave --sandbox off out.')
  return { sandbox: { mode, network: allow.includes('*') || { allow } } }
}
