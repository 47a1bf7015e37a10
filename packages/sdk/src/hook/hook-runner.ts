import type { HookWarning, JsonObject, PermissionMode, Redact, Workspace } from '@harnext/core'
import { hookEnvironment } from './hook-environment.ts'
import { readOutcome, type HookOutcome } from './hook-outcome.ts'
import { commandsFor, type HookEventName, type HookSettings } from './hook-settings.ts'
import { runHook } from './run-hook.ts'

export interface HookRunnerOptions {
  readonly workspace: Workspace
  readonly mode: PermissionMode
  /** What of it is on the list is passed on. */
  readonly env: { readonly [name: string]: string | undefined }
  /** What is to be run for a command: other systems put values into the line. @default the command as it is */
  readonly fill?: (command: string, payload: JsonObject) => string
  /** What they print goes through it. */
  readonly redact: Redact
}

export interface HookHappening {
  readonly event: HookEventName
  readonly sessionId: string
  readonly signal: AbortSignal
  /** What the matcher looks at. */
  readonly subject?: readonly string[]
  /** Beside what every hook is told. A function where a hook before may have changed it. */
  readonly facts: (changed: JsonObject | undefined) => JsonObject
}

/** What all hooks of one event came to. The first that blocks is the last that ran. */
export type HookVerdict = Omit<HookOutcome, 'warnings'>

/** Runs the commands of events, one after the other, and keeps what the reader is to be told. */
export class HookRunner {
  readonly warnings: HookWarning[] = []
  readonly #settings: HookSettings
  readonly #options: HookRunnerOptions

  constructor(settings: HookSettings, options: HookRunnerOptions) {
    this.#settings = settings
    this.#options = options
  }

  /** Throws the reason of the happening's signal. */
  async emit({ event, sessionId, signal, subject, facts }: HookHappening): Promise<HookVerdict> {
    const { workspace, mode, env, redact, fill = (command) => command } = this.#options
    const [cwd = ''] = workspace.roots
    let verdict: HookVerdict = {}
    for (const hook of commandsFor(this.#settings, event, subject)) {
      const payload: JsonObject = {
        session_id: sessionId,
        cwd,
        permission_mode: mode,
        hook_event_name: event,
        ...facts(verdict.args),
      }
      const end = await runHook(
        { ...hook, command: fill(hook.command, payload) },
        {
          workspace,
          env: hookEnvironment(env, { cwd, sessionId, event }),
          input: `${JSON.stringify(payload)}\n`,
          signal,
        },
      )
      const { warnings = [], ...said } = readOutcome(
        event,
        JSON.stringify(hook.command),
        end,
        redact,
      )
      this.warnings.push(...warnings.map((message) => ({ code: 'hook', message })))
      verdict = joined(verdict, said)
      if (verdict.block !== undefined || verdict.stop !== undefined) break
    }
    return verdict
  }
}

/** Of several, who asks counts more than who allows. */
function joined(before: HookVerdict, said: HookVerdict): HookVerdict {
  const contexts = [before.context, said.context].filter((text) => text !== undefined)
  const keepsAsk = before.permission === 'ask' && said.permission === 'allow'
  const { permission: _permission, reason: _reason, ...rest } = said
  return {
    ...before,
    ...(keepsAsk ? rest : said),
    ...(contexts.length && { context: contexts.join('\n') }),
  }
}
