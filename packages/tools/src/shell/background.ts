import { HarnextError, messageOf, type Exit, type ToolContext } from '@harnext/core'
import { OutputFile } from './output-file.ts'
import { exitText, runCommand } from './run-command.ts'

const maxRunning = 16
/** A command that fails at once is told at once. */
const firstLookMs = 200

/** A command that goes on behind its call, or the kept output of one that is over. */
export interface Shell {
  readonly id: string
  readonly command: string
  readonly file: OutputFile
  /** Bytes of its output that the model was given. */
  seen: number
  /** How it ended; absent while it runs. */
  ended?: string
  readonly pid?: number
  /** Milliseconds of `performance.now`. */
  readonly startedAt: number
  /** Ends it with all that it started. */
  end(): Promise<void>
}

/** The commands that one run has in the background. Whoever made it closes it: then none of them is left. */
export class BackgroundShells {
  readonly #shells = new Map<string, Shell>()
  readonly #foreground = new Set<Promise<unknown>>()
  #closed = false

  get(id: string): Shell | undefined {
    return this.#shells.get(id)
  }

  list(): readonly Shell[] {
    return [...this.#shells.values()]
  }

  /** Has `close` wait for a command that runs within its call: a cancelled call does not wait until all that it started is gone. */
  watch(command: Promise<unknown>): void {
    const settled = command.then(
      () => {},
      () => {},
    )
    this.#foreground.add(settled)
    void settled.then(() => this.#foreground.delete(settled))
  }

  /** Keeps the output of a command that is over, so that more of it can be read. */
  keep(command: string, file: OutputFile): Shell {
    const ended = 'over'
    return this.#add({ command, file, ended, seen: file.size, end: async () => {} })
  }

  /**
   * Starts a command, whose process is on record before it runs. Resolves soon behind its start. Throws when it cannot be started, or when
   * too many run.
   */
  async start(command: string, context: ToolContext, timeoutMs?: number): Promise<Shell> {
    const running = this.list().filter(({ ended }) => ended === undefined)
    if (running.length >= maxRunning)
      throw new HarnextError(
        `${maxRunning} commands run in the background already: ${running.map(({ id }) => id).join(', ')}. End one with kill_shell.`,
        { code: 'usage' },
      )
    const { workspace, signal, callId, sessionId } = context
    const file = new OutputFile(sessionId, callId)
    const aborter = new AbortController()
    const stop = (): void => aborter.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted || this.#closed) stop()
    const started = Promise.withResolvers<number>()
    const exit = runCommand(command, {
      workspace,
      signal: aborter.signal,
      onText: (text) => file.add(text),
      async onStart(identity) {
        await context.emit({ type: 'process', id: callId, ...identity, background: true })
        started.resolve(identity.pid)
      },
    }).finally(() => file.close())
    try {
      const pid = await Promise.race([started.promise, exit.then(neverStarted)])
      const shell = this.#add({ command, file, seen: 0, pid, end })
      const ended = exit.then(
        (how) => void (shell.ended = endText(how, aborter.signal)),
        (error: unknown) => void (shell.ended = `failed: ${messageOf(error)}`),
      )
      const timer =
        timeoutMs === undefined ? undefined : setTimeout(() => aborter.abort(timedOut), timeoutMs)
      void ended.then(() => clearTimeout(timer))
      await Promise.race([ended, pause(firstLookMs)])
      return shell
      async function end(): Promise<void> {
        aborter.abort()
        await ended
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.list().map((shell) => shell.end()), ...this.#foreground])
  }

  #add(shell: Omit<Shell, 'id' | 'startedAt'>): Shell {
    const id = `bash_${this.#shells.size + 1}`
    const added = { ...shell, id, startedAt: performance.now() }
    this.#shells.set(id, added)
    return added
  }
}

const timedOut = 'timeout'

function endText(exit: Exit, { aborted, reason }: AbortSignal): string {
  const how = exitText(exit)
  if (!aborted) return how
  return reason === timedOut ? `ended by its timeout (${how})` : `ended (${how})`
}

function neverStarted(exit: Exit): never {
  throw new HarnextError(`It was ended before it began (${exitText(exit)}).`, { code: 'cancelled' })
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
}
