import type { Awaitable, Json } from '../json.ts'
import type { Effect, EffectKind } from '../tool/effects.ts'

// The vocabulary of permissions. `decide.ts` is the engine.

export type Decision = 'allow' | 'deny' | 'ask'

/** `default` is `manual`, `acceptEdits` is `accept_edits`, `yolo` and `bypassPermissions` are `bypass`. */
export type PermissionMode = 'plan' | 'manual' | 'accept_edits' | 'auto' | 'bypass'
export type PermissionModeName =
  | PermissionMode
  | 'default'
  | 'acceptEdits'
  | 'yolo'
  | 'bypassPermissions'

/** Which part of the engine decided: a floor, which nothing loosens; a rule; a policy file; or the mode's default. */
export type Tier = 'floor' | 'rule' | 'policy' | 'mode'

/**
 * A rule matches effects, a tool, or both, and carries a decision. `effect` with `pattern`: a path glob for `read` and `write`, a
 * host for `network`, a command for `execute`. `tool`: a name, or `mcp__server` for a whole server. With neither, it matches all.
 */
export interface PermissionRule {
  readonly tool?: string
  readonly effect?: EffectKind
  readonly pattern?: string
  /** The pattern is one target, letter by letter: no glob, no prefix. "Always" answers make such rules. */
  readonly exact?: true
  /** A path glob that it leaves out. */
  readonly except?: string
  /** A regular expression for what a call writes: its `content`, `new_string` or `patch`. */
  readonly content?: string
  readonly decision: Decision
  readonly description?: string
}

/** The rules of one policy file; the first that matches decides. */
export interface Policy {
  /** Where it comes from, for messages. */
  readonly name: string
  readonly rules: readonly PermissionRule[]
  /** For what no rule of it matches; absent: the next policy is asked. */
  readonly default?: Decision
}

export interface PermissionCall {
  readonly tool: string
  readonly args: Json
}

export interface DecideInput {
  readonly mode: PermissionModeName
  readonly rules?: readonly PermissionRule[]
  readonly policies?: readonly Policy[]
  readonly call: PermissionCall
  readonly effects: readonly Effect[]
  /** Absolute real paths of the workspace; the first is the working directory. */
  readonly roots: readonly string[]
  /** The home folder, for `~` in patterns and for the protected paths in it. */
  readonly home?: string
  /** Whether an operating-system sandbox holds what is executed. */
  readonly sandboxed?: boolean
  /** The names of the registered tools: a call of another one is denied. Absent: the caller has looked. */
  readonly tools?: readonly string[]
  /** Rules that could not be read: what would be allowed is asked. */
  readonly invalidRules?: boolean
}

export interface Verdict {
  readonly decision: Decision
  readonly tier: Tier
  /** The rule that decided, as text; for an `ask` of the mode, the rule that would permit it. */
  readonly rule?: string
  /** A sentence for the person and the model. */
  readonly reason: string
}

export interface PermissionRequest extends PermissionCall {
  readonly id: string
  readonly effects: readonly Effect[]
  readonly reason: string
  readonly tier?: Tier
  readonly agentPath?: readonly string[]
}

/**
 * `defer` leaves the call open and ends the run as `paused`. `remember` grants exactly these effects for the rest of the session;
 * a floor's ask cannot be remembered. `args` replaces the arguments.
 */
export type PermissionAnswer =
  | boolean
  | 'allow'
  | 'deny'
  | 'defer'
  | {
      readonly decision: 'allow' | 'deny'
      readonly remember?: boolean
      readonly args?: Json
      readonly message?: string
    }

/**
 * Who answers an `ask`. `'stream'`: the reader of the run, by `run.respond`. A boolean answers all alike. Whatever throws has
 * denied. Absent: an ask is a denial.
 */
export type OnPermission =
  | ((request: PermissionRequest) => Awaitable<PermissionAnswer>)
  | { requestApproval(request: PermissionRequest): Awaitable<PermissionAnswer> }
  | boolean
  | 'stream'
