import type { BudgetOptions, PermissionModeName, SandboxSettings } from '@harnext/core'

/** How the agent of a stage works. */
export interface StageSettings {
  /**
   * `task`: works on the issue; `review`: judges the change, and sends it back to be fixed until it is good or the limit is reached.
   * @default 'task', and 'review' for the stage of that name
   */
  readonly kind?: 'task' | 'review'
  /** What the agent is to do. The issue and, where there is one, the change come behind it. */
  readonly prompt?: string
  /** @default that of the pipeline */
  readonly provider?: string
  /** @default that of the pipeline, else the provider's */
  readonly model?: string
  /**
   * `plan` and `manual` leave the repository as it is; with the others the stage commits what the agent changed to the branch of the issue.
   * @default 'plan' for what only looks, 'auto' for 'implement'
   */
  readonly permissionMode?: PermissionModeName
  /** Rules that permit calls, as `bash(npm test:*)`. */
  readonly allow?: readonly string[]
  /** Rules that forbid calls, as `read(./.env)`. */
  readonly deny?: readonly string[]
  readonly maxTurns?: number
  /** Of one run of the stage. `null`: no limit, for models without a price. */
  readonly budget?: Pick<BudgetOptions, 'maxCostUsd'> | null
  /** A person has to add the next label. @default false */
  readonly approval?: boolean
  /** Of a review: how often a change may be sent back. @default 3 */
  readonly maxIterations?: number
  /** Of a review: what the agent that fixes the change is to do. */
  readonly fixPrompt?: string
  /** Of the agent's work; the job has ten more. @default 60 */
  readonly timeoutMinutes?: number
  /** How the agent's commands are held: the mode, or the mode and the network. @default that of the pipeline */
  readonly sandbox?: StageSandbox
  /** The repository's secret that holds the provider's key. `null`: it needs none. @default `ANTHROPIC_API_KEY` and the like */
  readonly secret?: string | null
}

/** A mode alone lets commands reach the registries of packages. */
export type StageSandbox = SandboxSettings['mode'] | SandboxSettings

/** A stage with every setting. */
export interface Stage {
  readonly id: string
  readonly kind: 'task' | 'review'
  readonly prompt: string
  readonly provider: string
  readonly model?: string
  readonly permissionMode: PermissionModeName
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly maxTurns: number
  readonly maxCostUsd?: number
  readonly approval: boolean
  readonly maxIterations: number
  readonly fixPrompt: string
  readonly timeoutMinutes: number
  readonly sandbox: Required<SandboxSettings>
  /** The variable in which the provider expects its key, and the secret that holds it. */
  readonly key?: { readonly variable: string; readonly secret: string }
}

/** A stage as it was asked for. */
export interface StageEntry {
  readonly id: string
  readonly settings: StageSettings
}

/** Whether commands can run, and are held: in `plan` none does. */
export function isHeld({ permissionMode, sandbox }: Stage): boolean {
  return permissionMode !== 'plan' && sandbox.mode !== 'off'
}

/** Whether the stage's agent may change the repository. */
export function isWriter({ permissionMode }: Stage): boolean {
  return permissionMode !== 'plan' && permissionMode !== 'manual'
}

/** The stage that fixes what a review sent back; it leads to the review again. */
export function fixStage(review: Stage): Stage {
  return {
    ...review,
    id: fixId(review.id),
    kind: 'task',
    prompt: review.fixPrompt,
    permissionMode: 'auto',
    maxTurns: 100,
    approval: false,
  }
}

export function fixId(id: string): string {
  return `${id}-fix`
}
