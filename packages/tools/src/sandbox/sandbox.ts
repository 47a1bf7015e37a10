import { totalmem } from 'node:os'
import type { Command } from '@harnext/core'

/** Holds a command to a policy by means of the operating system. */
export interface Sandbox {
  /** `bubblewrap`: for messages. */
  readonly name: string
  /** Whether it works on this machine. Asked once; starts a process. */
  probe(): Promise<SandboxProbe>
  /** The command that runs this one held to the policy. To be used once: `release` is called when it is over. */
  wrap(command: Command, policy: SandboxPolicy): Promise<Wrapped>
}

export type SandboxProbe =
  | { readonly works: true; readonly enforces: readonly string[] }
  /** `todo`: a sentence for the person, what would make it work. */
  | { readonly works: false; readonly reason: string; readonly todo?: string }

export interface Wrapped {
  readonly command: Command
  release(): Promise<void>
}

/** What a command may do. */
export interface SandboxPolicy {
  /** Absolute real paths that it may write to; the first is its working directory. */
  readonly roots: readonly string[]
  /** The person's home folder, for the keys and settings in it. */
  readonly home?: string
  /** Whether it reaches the network. @default false */
  readonly network?: boolean
  /** Its whole environment. */
  readonly environment: { readonly [name: string]: string }
  readonly limits?: SandboxLimits
}

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

/** Variables that a command needs and that hold no secrets. */
const passed =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|LANG|LANGUAGE|LC_[A-Z]+|TZ|PWD|CI|NO_COLOR|FORCE_COLOR|EDITOR|PAGER|NODE_ENV|NODE_OPTIONS|JAVA_HOME|GOPATH|GOROOT|CARGO_HOME|RUSTUP_HOME|PYENV_ROOT|NVM_DIR|VIRTUAL_ENV|npm_config_(?:cache|prefix|offline))$/

/** The part of an environment that a command in a sandbox gets: an allow list, so that no key is ever in it. */
export function sandboxEnvironment(
  environment: { readonly [name: string]: string | undefined },
  more: { readonly [name: string]: string } = {},
): { readonly [name: string]: string } {
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && passed.test(name) ? [[name, value] as const] : [],
  )
  return { ...Object.fromEntries(kept), TMPDIR: '/tmp', ...more }
}
