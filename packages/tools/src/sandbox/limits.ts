import { totalmem } from 'node:os'
import type { Command } from '@harnext/core'

/** Of each process, but for `processes`, which counts all of the user, and `outputBytes`, which counts all of the command. */
export interface SandboxLimits {
  /** @default 14,400: four hours */
  readonly cpuSeconds?: number
  /** With their threads. The system does not hold root to it. @default 8192 */
  readonly processes?: number
  /** Its own memory that it may write to, in bytes; what is reserved and not used does not count. @default three quarters of the machine's */
  readonly memoryBytes?: number
  /** Of one file that it writes. @default 16 GiB */
  readonly fileBytes?: number
  /** What the command prints; it is ended behind that. @default 8 GiB */
  readonly outputBytes?: number
}

const gibibyte = 2 ** 30

export function defaultLimits(): Required<SandboxLimits> {
  return {
    cpuSeconds: 14_400,
    processes: 8192,
    memoryBytes: Math.floor(totalmem() * 0.75),
    fileBytes: 16 * gibibyte,
    outputBytes: 8 * gibibyte,
  }
}

/** A command line that runs the command within the limits: they are those of the shell that becomes the command. */
export function limited(
  { program, args }: Pick<Command, 'program' | 'args'>,
  limits: SandboxLimits = {},
): readonly string[] {
  const { cpuSeconds, processes, memoryBytes, fileBytes } = { ...defaultLimits(), ...limits }
  // The letter of the last differs between shells. What cannot be set is held to less already.
  const set = [
    `ulimit -t ${Math.ceil(cpuSeconds)}`,
    `ulimit -d ${Math.ceil(memoryBytes / 1024)}`,
    `ulimit -f ${Math.ceil(fileBytes / 512)}`,
    `ulimit -u ${processes} || ulimit -p ${processes}`,
  ]
  const script = `{ ${set.join('; ')}; } 2>/dev/null; exec "$@"`
  return ['/bin/sh', '-c', script, 'sh', program, ...args]
}
