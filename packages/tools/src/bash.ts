import { ToolError, ToolResult, tool, type Exit, type Tool, type ToolContext } from '@harnext/core'
import { attempt } from './file/failure.ts'
import { OutputEnds } from './shell/output.ts'
import { PrintableDecoder } from './shell/printable.ts'

const defaultTimeoutMs = 120_000
const maxTimeoutMs = 600_000

/** The shell's own errors and the command's two outputs go one way, so that they come in the order in which they were written. */
const shell =
  'exec 2>&1; if command -v bash >/dev/null; then exec bash -c "$1" bash; else exec sh -c "$1" sh; fi'

/** While a command writes, this many new characters, or this time since the last report, make a new one. */
const reportEvery = 2048
const reportAfterMs = 100

interface BashArgs {
  readonly command: string
  readonly timeout?: number
  readonly description?: string
}

/**
 * Runs a command line in a fresh shell, in the working directory, without input. The result begins with how it ended; any exit code
 * but 0 is an error. Long output is cut to its two ends, and kept as a whole in a file.
 */
export const bash: Tool = tool<BashArgs>({
  name: 'bash',
  description:
    'Runs a shell command in the working directory and returns its output and exit code. ' +
    'Each call is a new shell: cd and variables do not last. There is no terminal and no input. ' +
    'What still runs in the background when the command ends is ended too. ' +
    'To read, search and change files use read, grep, glob and edit.',
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
    },
    required: ['command'],
    additionalProperties: false,
  },
  recovery: 'report',
  effects: ({ command, description }) => [
    { kind: 'execute', target: command, ...(description && { detail: description }) },
  ],
  async execute(args, context) {
    const effect = context.effects.find(({ kind }) => kind === 'execute')
    const command = effect?.kind === 'execute' ? effect.target : undefined
    if (command === undefined) throw new ToolError('bash', 'Nothing was decided about the command.')
    return attempt(context, { path: 'the command', doing: 'run' }, () =>
      run(command, args.timeout ?? defaultTimeoutMs, context),
    )
  },
})

async function run(command: string, timeoutMs: number, context: ToolContext): Promise<ToolResult> {
  const { workspace, signal, callId } = context
  const limit = new AbortController()
  const stop = (): void => limit.abort(signal.reason)
  const timer = setTimeout(() => limit.abort(), timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const output = new OutputEnds()
  const decoders = { stdout: new PrintableDecoder(), stderr: new PrintableDecoder() }
  const report = reporter(output, context)
  try {
    const exit = await workspace.spawn(
      { program: 'sh', args: ['-c', shell, 'sh', command] },
      {
        signal: limit.signal,
        onOutput: (chunk, stream) => {
          const text = decoders[stream].add(chunk)
          output.add(text)
          report(text.length)
        },
        onStart: (identity) => context.emit({ type: 'process', id: callId, ...identity }),
      },
    )
    for (const decoder of [decoders.stdout, decoders.stderr]) output.add(decoder.finish())
    const timedOut = limit.signal.aborted && !signal.aborted
    return describe(exit, output.finish(), { timeoutMs, timedOut, cancelled: signal.aborted })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    output.close()
  }
}

/** By size rather than by a timer: a command that says nothing has nothing to report. */
function reporter(output: OutputEnds, context: ToolContext): (length: number) => void {
  let unreported = 0
  let reportedAt = Number.NEGATIVE_INFINITY
  return (length) => {
    unreported += length
    const now = performance.now()
    if (unreported === 0) return
    if (unreported < reportEvery && now - reportedAt < reportAfterMs) return
    unreported = 0
    reportedAt = now
    context.progress({ output: output.recent() })
  }
}

interface Ending {
  readonly timeoutMs: number
  readonly timedOut: boolean
  readonly cancelled: boolean
}

function describe(exit: Exit, output: string, ending: Ending): ToolResult {
  const leftovers = exit.leftovers ? '\nWhat it had left running in the background was ended.' : ''
  const body = output.trimEnd() === '' ? '(no output)' : output
  const text = `${howItEnded(exit, ending)}${leftovers}\n\n${body}`
  if (ending.timedOut) throw new ToolError('bash', text, { code: 'timeout' })
  return exit.code === 0 && !ending.cancelled ? ToolResult.ok(text) : ToolResult.error(text)
}

function howItEnded({ code, signal }: Exit, { timeoutMs, timedOut, cancelled }: Ending): string {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`
  if (timedOut)
    return `Timed out after ${timeoutMs / 1000} s, and was ended with all it had started (${how}). Give a larger timeout, or run less at once.`
  if (cancelled) return `Cancelled, and ended with all it had started (${how}).`
  return signal === null ? `Exit code ${code}.` : `Ended by signal ${signal}.`
}
