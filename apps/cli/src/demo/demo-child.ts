import { spawn } from 'node:child_process'
import { dirname, delimiter } from 'node:path'
import type { DemoOptions } from './demo-show.ts'

export interface Child {
  readonly ended: boolean
  readonly exit: Promise<number | null>
  /** Ends it as a power cut would. */
  kill(): void
}

/** Runs this program as a child, in an environment that has no key, and hands on what it prints, line by line. */
export function runChild(
  { command: [program, ...first], env, color, signal }: DemoOptions,
  args: readonly string[],
  output: (text: string) => void,
): Child {
  const { ANTHROPIC_API_KEY: _, ...rest } = env
  const child = spawn(program, [...first, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...rest,
      // The tests of the demo's project run on the Node that runs this.
      PATH: [dirname(process.execPath), rest['PATH']].join(delimiter),
      ...(color && { FORCE_COLOR: '1' }),
    },
  })
  const stop = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  const state = { ended: false }
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      state.ended = true
      signal.removeEventListener('abort', stop)
      resolve(code)
    })
  })
  for (const stream of [child.stdout, child.stderr]) byLine(stream, output)
  return {
    get ended() {
      return state.ended
    },
    exit,
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Two streams on one screen: whole lines do not get mixed up. */
function byLine(stream: NodeJS.ReadableStream, output: (text: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const end = (rest + chunk).lastIndexOf('\n') + 1
    const text = rest + chunk
    rest = text.slice(end)
    if (end) output(text.slice(0, end))
  })
  stream.on('end', () => {
    if (rest) output(`${rest}\n`)
  })
}
