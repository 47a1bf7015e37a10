import type { Command } from '@harnext/core'
import type { SandboxLimits } from './limits.ts'
import type { SandboxNetwork } from './network.ts'

/** Holds a command to a policy by means of the operating system. */
export interface Sandbox {
  /** `bubblewrap`: for messages. */
  readonly name: string
  /** Whether it works on this machine. Asked once; starts a process. */
  probe(): Promise<SandboxProbe>
  /** Keeps ready what its commands share, until the function is called that it resolves to. Without it each command makes that anew. */
  keepReady?(): Promise<() => Promise<void>>
  /** The command that runs this one held to the policy. To be used once: `release` is called when it is over. */
  wrap(command: Command, policy: SandboxPolicy): Promise<Wrapped>
}

export type SandboxProbe =
  /** `enforces`: everything but what it says of the network, which a policy chooses. */
  | { readonly works: true; readonly enforces: readonly string[] }
  /** `todo`: a sentence for the person, what would make it work. */
  | { readonly works: false; readonly reason: string; readonly todo?: string }

/** Sentences: why it does not work, and what would make it. */
export function whyNot({ reason, todo }: Extract<SandboxProbe, { readonly works: false }>): string {
  return `${reason}.${todo === undefined ? '' : ` ${todo}`}`
}

export interface Wrapped {
  readonly command: Command
  release(): Promise<void>
}

/** What a command may do. */
export interface SandboxPolicy {
  /** Absolute real paths that it works in; the first is its working directory. */
  readonly roots: readonly string[]
  /** Whether it may write to the roots, but for what programs obey later. @default true */
  readonly writes?: boolean
  /** The person's home folder, for the keys and settings in it. */
  readonly home?: string
  /** What of the network it reaches. @default false */
  readonly network?: SandboxNetwork
  /** Its whole environment. */
  readonly environment: { readonly [name: string]: string }
  readonly limits?: SandboxLimits
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
