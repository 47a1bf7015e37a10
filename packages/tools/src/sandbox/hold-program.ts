import { ConfigError, type Command } from '@harnext/core'
import { chooseSandbox } from './choose-sandbox.ts'
import { checkedNetwork, type SandboxNetwork } from './network.ts'
import { sandboxEnvironment, whyNot, type Sandbox, type Wrapped } from './sandbox.ts'

export interface ProgramHolderOptions {
  /** Absolute real paths that programs may read; the first is where they run. */
  readonly roots: readonly string[]
  /** The person's home folder, for the keys in it. */
  readonly home?: string
  /** What the environment of programs is chosen from. @default process.env */
  readonly env?: { readonly [name: string]: string | undefined }
}

export interface HeldProgramSettings {
  /** @default false */
  readonly network?: SandboxNetwork
  /** Variables beside those of the allow list. */
  readonly env?: { readonly [name: string]: string }
}

/**
 * Holds programs that go on beside a run, as servers: they read the roots and write nowhere but to a `/tmp` of their own. The function that
 * is returned throws `ConfigError` where no sandbox works.
 */
export function programHolder({
  roots,
  home,
  env = process.env,
}: ProgramHolderOptions): (command: Command, settings: HeldProgramSettings) => Promise<Wrapped> {
  return async (command, settings) => {
    const network = checkedNetwork(settings.network ?? false)
    const sandbox: Sandbox = chooseSandbox(network, { env })
    const probe = await sandbox.probe()
    if (!probe.works)
      throw new ConfigError(
        `${command.program} is to be held in a sandbox, and there is none: ${whyNot(probe)}`,
      )
    return sandbox.wrap(command, {
      roots,
      writes: false,
      network,
      environment: sandboxEnvironment(env, settings.env),
      ...(home !== undefined && { home }),
    })
  }
}
