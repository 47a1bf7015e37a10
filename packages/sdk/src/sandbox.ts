import { ConfigError, type ToolSource, type Workspace } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { sandboxedWorkspace } from '@harnext/tools/sandbox'
import type { HarnextOptions } from './options.ts'

export interface HeldCommands {
  readonly workspace: Workspace
  /** The same without a sandbox: for the hooks of the person's own settings. */
  readonly outside: Workspace
  readonly sources: readonly ToolSource[]
}

const modes: readonly unknown[] = ['off', 'auto', 'required']

/** The workspace of a run, whose commands a sandbox holds where that is wanted. Throws `ConfigError` for a mode that there is not. */
export function holdCommands(
  { sandbox = 'off', workspace: given, roots = [] }: HarnextOptions,
  cwd: string,
  env: NonNullable<HarnextOptions['env']>,
): HeldCommands {
  if (!modes.includes(sandbox))
    throw new ConfigError(`sandbox must be off, auto or required; got ${JSON.stringify(sandbox)}.`)
  const workspace = given ?? localWorkspace({ roots: [cwd, ...roots] })
  if (sandbox === 'off') return { workspace, outside: workspace, sources: [] }
  const held = sandboxedWorkspace(workspace, { mode: sandbox, env })
  return { workspace: held.workspace, outside: workspace, sources: [held.source] }
}
