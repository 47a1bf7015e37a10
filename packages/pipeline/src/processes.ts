import type { ChildProcess } from 'node:child_process'
import { ConfigError, messageOf } from '@harnext/core'

/** A program of this machine. No shell is between. */
export interface ProgramCall {
  readonly program: string
  readonly args: readonly string[]
  /** Goes to its standard input, where no process list shows it. */
  readonly input?: string
  readonly cwd?: string
  /** Beside those of this process. */
  readonly env?: { readonly [name: string]: string }
  readonly signal?: AbortSignal
}

export interface Completed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How `Harness` and `Runner` reach `gh`, `git` and the service manager. */
export interface Processes {
  /** Resolves when the program has ended, whatever its exit code. A program that is not there is code 127. */
  run(call: ProgramCall): Promise<Completed>
  /** The lines of its standard output as they come. Leaving the loop ends the program. */
  lines(call: ProgramCall): AsyncIterable<string>
}

/** The programs of this machine, found by `PATH`. */
export const machineProcesses: Processes = {
  async run(call) {
    const child = await start(call)
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
    return new Promise((resolve, reject) => {
      child.on('error', (error) => {
        if (isMissing(error)) resolve({ code: 127, stdout: '', stderr: messageOf(error) })
        else reject(error)
      })
      child.on('close', (code) => {
        resolve({ code: code ?? 128, stdout: stdout(), stderr: stderr() })
      })
    })
  },
  async *lines(call) {
    const child = await start(call)
    const { createInterface } = await import('node:readline')
    if (!child.stdout) return
    const reader = createInterface({ input: child.stdout, crlfDelay: Infinity })
    let failure: Error | undefined
    child.on('error', (error) => {
      failure = error
      reader.close()
    })
    try {
      yield* reader
      if (failure) throw isMissing(failure) ? missing(call) : failure
    } finally {
      reader.close()
      child.kill()
    }
  },
}

function missing({ program }: ProgramCall): ConfigError {
  return new ConfigError(`The program ${program} was not found.`)
}

async function start({
  program,
  args,
  input,
  cwd,
  env,
  signal,
}: ProgramCall): Promise<ChildProcess> {
  const { spawn } = await import('node:child_process')
  const child = spawn(program, [...args], {
    ...(cwd !== undefined && { cwd }),
    ...(env && { env: { ...process.env, ...env } }),
    ...(signal && { signal }),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // A program that ended without reading its input is told by its exit code.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return child
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}

function isMissing(error: Error): boolean {
  return 'code' in error && error.code === 'ENOENT'
}
