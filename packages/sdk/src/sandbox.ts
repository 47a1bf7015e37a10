import { ConfigError, type ToolSource, type Workspace } from '@harnext/core'
import { sandboxedWorkspace } from '@harnext/tools/sandbox'
import type { HarnextOptions } from './options.ts'

export interface HeldCommands {
  readonly workspace: Workspace
  /** The same without a sandbox: for the hooks of the person's own settings. */
  readonly outside: Workspace
  readonly sources: readonly ToolSource[]
}

interface HoldSurroundings {
  readonly env: NonNullable<HarnextOptions['env']>
  /** What a run starts beside its commands, in words. */
  readonly beside: readonly string[]
}

const modes: readonly unknown[] = ['off', 'auto', 'required']

/**
 * The workspace of a run, whose commands a sandbox holds where that is wanted. Throws `ConfigError` for a mode that there is not, what is no
 * domain, and a network without a sandbox.
 */
export function holdCommands(
  { sandbox = 'off' }: HarnextOptions,
  workspace: Workspace,
  { env, beside }: HoldSurroundings,
): HeldCommands {
  const { mode, network } = typeof sandbox === 'object' ? sandbox : { mode: sandbox }
  if (!modes.includes(mode))
    throw new ConfigError(`sandbox must be off, auto or required; got ${JSON.stringify(mode)}.`)
  if (mode === 'off' && network !== undefined)
    throw new ConfigError(
      'sandbox has a network, which needs the mode auto or required: without a sandbox commands reach all of it.',
    )
  if (mode === 'off') return { workspace, outside: workspace, sources: [] }
  const held = sandboxedWorkspace(workspace, {
    mode,
    env,
    outside: beside,
    ...(network !== undefined && { network }),
  })
  return { workspace: held.workspace, outside: workspace, sources: [held.source] }
}
