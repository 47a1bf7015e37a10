import {
  ToolError,
  ToolResult,
  type Exit,
  type Tool,
  type ToolContext,
  type Workspace,
} from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { attempt } from './file/failure.ts'
import { shellEffects } from './shell/analysis/effects.ts'
import type { BackgroundShells } from './shell/background.ts'
import { OutputFile } from './shell/output-file.ts'
import { OutputEnds } from './shell/output.ts'
import { readNew } from './shell/read-output.ts'
import { exitText, runCommand } from './shell/run-command.ts'
import { changedPaths, indexTree, type TreeIndex } from './tree/changes.ts'

export { removeOutput } from './shell/output-folder.ts'

const defaultTimeoutMs = 120_000
const maxTimeoutMs = 600_000

/** Milliseconds between two reports of what a command writes: fewer when it writes much. */
const reportAfterMs = 100
const reportMuchAfterMs = 20
/** Characters. */
const much = 2048

interface BashArgs {
  readonly command: string
  readonly timeout?: number
  readonly description?: string
  readonly run_in_background?: boolean
}

export interface BashOptions {
  /** Where commands go on behind their call. Absent: they cannot. */
  readonly shells?: BackgroundShells
}

/** `bash` without commands in the background; `shellTools()` has them. */
export const bash: Tool = bashTool()

/**
 * Runs a command line in a fresh shell, in the working directory, without input. The result begins with how it ended; any exit code
 * but 0 is an error. Long output is cut to its two ends, and kept as a whole in a file. What it changed in the roots is found by looking
 * at them before and after.
 */
export function bashTool({ shells }: BashOptions = {}): Tool {
  const unseen = new WeakSet<Workspace>()
  return builtinTool<BashArgs>({
    name: 'bash',
    description: description(shells !== undefined),
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'string', minLength: 1, description: 'The command line' },
        timeout: {
          type: 'integer',
          minimum: 1,
          maximum: maxTimeoutMs,
          description: `Milliseconds; default ${defaultTimeoutMs}, at most ${maxTimeoutMs}`,
        },
        description: { type: 'string', description: 'What it does, in a few words for the user' },
        ...(shells && {
          run_in_background: {
            type: 'boolean',
            description: 'Go on while it runs: for servers and watchers. Has no timeout by default',
          },
        }),
      },
      required: ['command'],
      additionalProperties: false,
    },
    recovery: 'report',
    async effects({ command, description: detail }, { workspace }) {
      const effects = await shellEffects(command, workspace)
      if (detail === undefined) return effects
      return effects.map((effect) => (effect.kind === 'execute' ? { ...effect, detail } : effect))
    },
    async execute(args, context) {
      const { command } = args
      return attempt(context, { path: 'the command', doing: 'run' }, () =>
        shells && args.run_in_background
          ? startInBackground(command, args.timeout, shells, context)
          : run(command, args.timeout ?? defaultTimeoutMs, { shells, unseen }, context),
      )
    },
  })
}

function description(hasBackground: boolean): string {
  return [
    'Runs a shell command in the working directory and returns its output and exit code.',
    'Each call is a new shell: cd and variables do not last. There is no terminal and no input.',
    hasBackground
      ? 'What a command leaves running when it ends is ended too; with run_in_background it goes on until you end it with kill_shell or the task is over, and bash_output reads what it says.'
      : 'What still runs in the background when the command ends is ended too.',
    'To read, search and change files use read, grep, glob and edit.',
  ].join(' ')
}

async function startInBackground(
  command: string,
  timeoutMs: number | undefined,
  shells: BackgroundShells,
  context: ToolContext,
): Promise<ToolResult> {
  const shell = await shells.start(command, context, timeoutMs)
  const { id, pid, ended, file } = shell
  const { path, size } = file
  shell.seen = size
  const said = path === undefined ? '' : await readNew(path, 0, size)
  if (ended !== undefined)
    return ToolResult.error(`${id} is over already: ${ended}.\n\n${said || '(no output)'}`)
  const where = `${id} runs in the background (process ${pid}). bash_output with bash_id ${id} reads what it says, kill_shell ends it.`
  return ToolResult.ok(said === '' ? where : `${where}\n\n${said}`)
}

interface RunState {
  readonly shells: BackgroundShells | undefined
  /** Whose files are too many to look through: once is enough to find that out. */
  readonly unseen: WeakSet<Workspace>
}

async function run(
  command: string,
  timeoutMs: number,
  { shells, unseen }: RunState,
  context: ToolContext,
): Promise<ToolResult> {
  const { workspace, signal, callId, sessionId, effects } = context
  const changesNothing = effects.every(({ kind }) => kind === 'read')
  const isSeen = changesNothing || workspace.tellsChanges || unseen.has(workspace)
  const before = isSeen ? null : await look(context)
  if (before === 'unknown') unseen.add(workspace)
  const limit = new AbortController()
  const stop = (): void => limit.abort(signal.reason)
  const timer = setTimeout(() => limit.abort(), timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const output = new OutputEnds(() => new OutputFile(sessionId, callId))
  const report = reporter(output, context)
  try {
    const running = runCommand(command, {
      workspace,
      signal: limit.signal,
      ...(changesNothing && { changesNothing }),
      onText: (text) => {
        output.add(text)
        report(text.length)
      },
      onStart: (identity) => context.emit({ type: 'process', id: callId, ...identity }),
    })
    shells?.watch(running)
    const exit = await running
    const timedOut = limit.signal.aborted && !signal.aborted
    const kept = shells && output.file?.path && shells.keep(command, output.file)
    const hint = kept ? `; bash_output with bash_id ${kept.id} reads or filters it` : ''
    const isHeld = workspace.sandboxed === true
    // What had come to its end was not cancelled, though the run is.
    const cancelled = signal.aborted && exit.code !== 0
    const ending = { timeoutMs, timedOut, cancelled, isHeld }
    return describe(exit, output.finish(hint), ending, await changesOf(exit, before, context))
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    output.close()
  }
}

/** `null` for a command that is cancelled: nobody must be held up for it. */
async function look({ workspace, signal }: ToolContext): Promise<TreeIndex | 'unknown' | null> {
  if (signal.aborted) return null
  return (await indexTree(workspace, signal)) ?? 'unknown'
}

type Changes = Pick<ToolResult, 'changes' | 'changesComplete'>

async function changesOf(
  { changes }: Exit,
  before: TreeIndex | 'unknown' | null,
  context: ToolContext,
): Promise<Changes> {
  if (changes) return { changes, changesComplete: true }
  if (before === null || before === 'unknown') return {}
  const after = await look(context).catch(() => null)
  if (after === null || after === 'unknown') return {}
  return { changes: changedPaths(before, after), changesComplete: true }
}

/** By size rather than by a timer: a command that says nothing has nothing to report. */
function reporter(output: OutputEnds, context: ToolContext): (length: number) => void {
  let unreported = 0
  let reportedAt = Number.NEGATIVE_INFINITY
  return (length) => {
    unreported += length
    const now = performance.now()
    if (unreported === 0) return
    if (now - reportedAt < (unreported < much ? reportAfterMs : reportMuchAfterMs)) return
    unreported = 0
    reportedAt = now
    context.progress({ output: output.recent() })
  }
}

interface Ending {
  readonly timeoutMs: number
  readonly timedOut: boolean
  readonly cancelled: boolean
  /** By a sandbox. */
  readonly isHeld: boolean
}

/** Else a model takes a missing network for a fault of the project, and tries to mend it. */
const heldText =
  'It ran in a sandbox: only the working folders can be written to, keys and other processes are not there, and there may be no network. If that is why it failed, do not try another way: say what the person has to run.'

function describe(exit: Exit, output: string, ending: Ending, changes: Changes): ToolResult {
  const leftovers = exit.leftovers ? '\nWhat it had left running in the background was ended.' : ''
  const body = output.trimEnd() === '' ? '(no output)' : output
  const text = `${howItEnded(exit, ending)}${leftovers}\n\n${body}`
  if (ending.timedOut) throw new ToolError('bash', text, { code: 'timeout' })
  const isError = exit.code !== 0 || ending.cancelled
  return new ToolResult(text, { isError, ...changes })
}

function howItEnded(exit: Exit, { timeoutMs, timedOut, cancelled, isHeld }: Ending): string {
  const how = exitText(exit)
  if (timedOut)
    return `Timed out after ${timeoutMs / 1000} s, and was ended with all it had started (${how}). Give a larger timeout, or run less at once.`
  if (cancelled) return `Cancelled, and ended with all it had started (${how}).`
  const ended = exit.signal === null ? `Exit code ${exit.code}.` : `Ended by ${how}.`
  return exit.code !== 0 && isHeld ? `${ended} ${heldText}` : ended
}
