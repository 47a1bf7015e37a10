import type { ChildProcess } from 'node:child_process'
import { setImmediate as turnOfLoop, setTimeout as delay } from 'node:timers/promises'
import type { Exit, SpawnOptions } from '../tool/workspace.ts'

/** After the exit, this long without output means that there will be none; somebody else holds the pipe. */
const quietMs = 50
/** Somebody else who holds the pipe and writes all the time is not listened to for ever. */
const maxRounds = 20

/** What is seen of a child process from outside. */
export interface Observed {
  readonly exited: Promise<Exit>
  /** It exited, and nobody holds its pipes. */
  readonly closed: Promise<void>
  isClosed(): boolean
  /** Rejects when its output could not be read or handed over. */
  readonly failed: Promise<never>
  /** Resolves when everything was handed over that was written until the exit. */
  drained(): Promise<void>
}

/** Hands the output on as it comes, chunk by chunk; nothing is kept. To be called before the event loop turns. */
export function observe(child: ChildProcess, options: Pick<SpawnOptions, 'onOutput'>): Observed {
  const exit = Promise.withResolvers<Exit>()
  const close = Promise.withResolvers<void>()
  const failure = Promise.withResolvers<never>()
  const seen = { closed: false, bytes: 0 }
  child.once('exit', (code, signal) => exit.resolve({ code, signal }))
  child.once('close', () => {
    seen.closed = true
    close.resolve()
  })
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('error', failure.reject)
    child[name]?.on('data', (chunk: Uint8Array) => {
      seen.bytes += chunk.length
      try {
        options.onOutput(chunk, name)
      } catch (error) {
        failure.reject(error)
      }
    })
  }
  // A command that does not read its input, or ended before the gate opened, says so by its exit.
  for (const pipe of [child.stdin, child.stdio[3]]) pipe?.on('error', () => {})
  // Nobody may be waiting for it any more when it comes.
  failure.promise.catch(() => {})
  return {
    exited: exit.promise,
    closed: close.promise,
    isClosed: () => seen.closed,
    failed: failure.promise,
    async drained() {
      for (let round = 0; round < maxRounds && !seen.closed; round++) {
        const before = seen.bytes
        await Promise.race([close.promise, quiet()])
        if (seen.bytes === before) return
      }
    },
  }
}

/** The turn of the loop at its end reads what came while the program was busy and the timer ran late. */
async function quiet(): Promise<void> {
  await delay(quietMs, undefined, { ref: false })
  await turnOfLoop()
}
