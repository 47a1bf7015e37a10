import { homedir } from 'node:os'
import { UsageError } from './usage-error.ts'

/** All that the program exchanges with the outside: nothing else of it touches `process`, so that a test can stand in for it. */
export interface Io {
  /** Without the program's own name. */
  readonly args: readonly string[]
  readonly env: { readonly [name: string]: string | undefined }
  readonly cwd: string
  readonly home: string
  readonly pid: number
  readonly platform: NodeJS.Platform
  /** `24.1.0` */
  readonly nodeVersion: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  /** The function that it returns takes the handler away again. */
  onSignal(signal: Signal, handler: () => void): () => void
  /** Milliseconds; only differences count. */
  now(): number
  /** Ends a process group at once. One that is gone, or that somebody else owns, is no error. */
  killGroup(pid: number): void
  /** Leaves at once, whatever is under way. */
  exit(code: number): void
}

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean }
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

export function nodeIo(): Io {
  return {
    args: process.argv.slice(2),
    env: process.env,
    get cwd() {
      return currentFolder()
    },
    home: homedir(),
    pid: process.pid,
    platform: process.platform,
    nodeVersion: process.versions.node,
    // Opening standard input has effects, so only who reads it does so.
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    onSignal(signal, handler) {
      process.on(signal, handler)
      return () => void process.off(signal, handler)
    },
    now: () => performance.now(),
    killGroup(pid) {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        if (code !== 'ESRCH' && code !== 'EPERM') throw error
      }
    },
    exit: (code) => process.exit(code),
  }
}

/** Throws `UsageError` where the folder is gone. */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch (error) {
    throw new UsageError(
      'The folder that harnext was started in is gone: start it in another one.',
      {
        cause: error,
      },
    )
  }
}
