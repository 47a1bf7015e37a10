import {
  createRedactor,
  normaliseMode,
  type HookWarning,
  type Hooks,
  type JsonObject,
  type PermissionModeName,
  type Workspace,
} from '@harnext/core'
import { HookRunner } from './hook-runner.ts'
import type { HookEventName, HookSettings } from './hook-settings.ts'
import { runEvents } from './run-events.ts'
import { RunNotes } from './run-notes.ts'
import { toolEvents } from './tool-events.ts'

export interface ShellHookOptions {
  /** Commands run in its first root, by its `spawn`. */
  readonly workspace: Workspace
  /** @default 'auto' */
  readonly permissionMode?: PermissionModeName
  /** Where what hooks may see of the environment is taken from. @default process.env */
  readonly env?: { readonly [name: string]: string | undefined }
  /** Somebody answers questions: `Notification` says that there is one. @default false */
  readonly asks?: boolean
  /** What is to be run for a command. @default the command as it is */
  readonly fill?: (command: string, payload: JsonObject) => string
  /** Values that nothing they print may hold, beside what looks like a secret. `false`: it stays as it is. */
  readonly secrets?: readonly string[] | false
}

/**
 * Commands as the hooks of an agent. They run one after the other, and the first that blocks is the last. In the mode `plan` none runs,
 * and a warning says so.
 *
 * @example
 * const guard = { type: 'command', command: './guard.sh' } as const
 * const hooks = shellHooks({ PreToolUse: [{ matcher: 'bash', hooks: [guard] }] }, { workspace })
 */
export function shellHooks(settings: HookSettings, options: ShellHookOptions): Hooks {
  const events = Object.keys(settings) as HookEventName[]
  if (!events.length) return {}
  const { workspace, permissionMode = 'auto', env = process.env, asks = false, fill } = options
  const redact = options.secrets === false ? asItIs : createRedactor(options.secrets)
  const mode = normaliseMode(permissionMode)
  if (mode === 'plan')
    return { takeWarnings: taken([warning('Hooks are commands: none of them runs in plan mode.')]) }
  const runner = new HookRunner(settings, { workspace, mode, env, redact, ...(fill && { fill }) })
  const host = { runner, cwd: workspace.roots[0] ?? '', notes: new RunNotes(), events, asks }
  return {
    ...toolEvents(host),
    ...runEvents(host),
    takeWarnings: taken(runner.warnings),
  }
}

/** What the events of one agent share. */
export interface HookHost {
  readonly runner: HookRunner
  readonly cwd: string
  readonly notes: RunNotes
  /** Those that have commands. */
  readonly events: readonly HookEventName[]
  readonly asks: boolean
}

function asItIs(text: string): string {
  return text
}

function taken(warnings: HookWarning[]): () => readonly HookWarning[] {
  return () => warnings.splice(0)
}

function warning(message: string): HookWarning {
  return { code: 'hook', message }
}
