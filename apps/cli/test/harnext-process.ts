import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, realpath, rm, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface Place {
  /** The folder that the agent works in. */
  readonly cwd: string
  /** Where its sessions are. */
  readonly home: string
}

/** A folder to work in and a home without sessions. Both are gone after the test. */
export async function makePlace(): Promise<Place> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'harnext-cli-')))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const place = { cwd: join(root, 'work'), home: join(root, 'home') }
  await mkdir(place.cwd)
  await mkdir(place.home)
  return place
}

export interface StartOptions {
  readonly place: Place
  /** Of the server that plays the vendor. */
  readonly url?: string
  /** Absent: nothing is piped in. */
  readonly input?: string
  readonly env?: { readonly [name: string]: string }
  readonly program?: readonly string[]
}

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface HarnextProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Promise<Ended>
  /** Resolves when standard output or standard error holds the text. */
  says(text: string): Promise<void>
}

const built = fileURLToPath(new URL('../bin/harnext.cjs', import.meta.url))
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** The program from its sources, or as it is published where `HARNEXT_BUILT` says that it has just been built. */
export const ownProgram: readonly string[] = process.env['HARNEXT_BUILT']
  ? [process.execPath, built]
  : [process.execPath, '--conditions=@harnext/source', source]

/** The environment of a person who has a key and nothing else that matters. */
export function environmentOf({ place, url, env }: StartOptions): {
  readonly [name: string]: string
} {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: place.home,
    HARNEXT_HOME: join(place.home, '.harnext'),
    ANTHROPIC_API_KEY: 'key-of-the-test',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    ...(url !== undefined && { ANTHROPIC_BASE_URL: url }),
    ...env,
  }
}

/** Starts the real program. It is killed when the test ends before it does. */
export function startHarnext(args: readonly string[], options: StartOptions): HarnextProcess {
  const [program = '', ...first] = options.program ?? ownProgram
  const child = spawn(program, [...first, ...args], {
    cwd: options.place.cwd,
    env: environmentOf(options),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // It may end before it has read everything.
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input)
  let stdout = ''
  let stderr = ''
  let waiting: (() => void)[] = []
  const look = (): void => waiting.forEach((check) => check())
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    look()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    look()
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    child,
    pid: child.pid ?? 0,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!stdout.includes(text) && !stderr.includes(text)) return
          waiting = waiting.filter((other) => other !== check)
          resolve()
        }
        waiting.push(check)
        check()
        void ended.then(({ code }) =>
          reject(
            new Error(`It ended with ${code} and never said ${JSON.stringify(text)}: ${stderr}`),
          ),
        )
      }),
  }
}

/** Runs the real program to its end. */
export function harnext(args: readonly string[], options: StartOptions): Promise<Ended> {
  return startHarnext(args, options).ended
}
