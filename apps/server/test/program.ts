import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
export interface ServerProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** The address, once it is printed. */
  listening(): Promise<string>
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The real program from its sources. It is killed when the test ends before it does. */
export function harnextServer(
  args: readonly string[],
  {
    cwd = '.',
    env = {},
  }: { readonly cwd?: string; readonly env?: { readonly [name: string]: string } } = {},
): ServerProcess {
  const child = spawn(process.execPath, ['--conditions=@harnext/source', main, ...args], {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      HOME: cwd,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  const { promise: url, resolve: found } = Promise.withResolvers<string>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    const [address] = /http:\S+(?=\n)/.exec(stdout) ?? []
    if (address !== undefined) found(address)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    child,
    ended,
    listening: () =>
      Promise.race([
        url,
        ended.then((end) => {
          throw new Error(`It ended and never listened: ${JSON.stringify(end)}`)
        }),
      ]),
  }
}
