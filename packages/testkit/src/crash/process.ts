import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { planVariable, type FaultPlan } from './fault.ts'
import { siblingFile, type CrashCommand } from './subject.ts'

export interface EndedProcess {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it said. */
  readonly stderr: string
  readonly isHung: boolean
}

/** Runs one process of the subject to its end, with a fault. */
export async function runProcess(
  { command, args, cwd, env }: CrashCommand,
  plan: FaultPlan,
  preload: boolean,
): Promise<EndedProcess> {
  const child = spawn(command, args, {
    cwd,
    env: {
      ...env,
      [planVariable]: JSON.stringify(plan),
      ...(preload && { NODE_OPTIONS: `--import=${siblingFile('preload')}` }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-2000)))
  let isHung = false
  const guard = setTimeout(() => (isHung = child.kill('SIGKILL')), HANG_MS)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(guard)
  // What it has started may hold the pipe.
  child.stderr.destroy()
  return { code, signal, stderr, isHung }
}

const HANG_MS = 120_000
