import type { BudgetLimits } from './budget/ledger.ts'
import type { PrunedResult } from './context/plan-compaction.ts'
import type { HarnextError, BudgetKind } from './errors.ts'
import type { Json } from './json.ts'
import type {
  AssistantMessage,
  Message,
  ModelStopReason,
  ToolPart,
  ToolStatus,
  UserMessage,
} from './messages.ts'
import type { ModelDelta, ToolSpec } from './model/adapter.ts'
import type { Decision, PermissionRule, Tier, PermissionMode } from './permission/permission.ts'
import type { RunResult, RunStopReason } from './run/result.ts'
import type { VerificationEvent } from './run/verification.ts'
import type { Effect } from './tool/effects.ts'
import type { Usage } from './usage.ts'

/**
 * What a run yields. The log of a run is the list of these that are facts, and everything that a run knows is a fold over them.
 *
 * Order: `run_start` is first and `run_end` is last, once each. A turn is `turn_start`, its deltas, `usage` with `message`, then for
 * its calls all decisions in call order, then wave by wave `tool_start` of every call, progress and results, then `turn_end`.
 * Events of a subagent carry `agentPath` and come only with `subagents: true`.
 */
export type RunEvent = RunEventBody & { readonly agentPath?: readonly string[] }

export type RunEventBody =
  // The run
  | ({ readonly type: 'run_start' | 'run_resumed' } & RunIdentity)
  | { readonly type: 'run_end'; readonly result: RunResult<unknown> }
  | { readonly type: 'error'; readonly error: HarnextError }
  // What the model says
  | ModelDelta
  | ToolCallEvent
  | { readonly type: 'message'; readonly message: UserMessage | AssistantMessage }
  | ({ readonly type: 'usage' } & Usage)
  // Turns
  | ({ readonly type: 'turn_start'; readonly turn: number } & Reservation)
  | {
      readonly type: 'turn_end'
      readonly turn: number
      readonly stopReason: ModelStopReason
      readonly rawStopReason?: string
    }
  // Calls
  | PermissionRequestEvent
  | PermissionDecisionEvent
  | ToolStartEvent
  | { readonly type: 'tool_progress'; readonly id: string; readonly update: Json }
  | ToolResultEvent
  | {
      readonly type: 'process'
      readonly id: string
      readonly pid: number
      readonly startedAt: string
      /** It goes on behind its call, until the run is over. */
      readonly background?: true
    }
  // Context and cost
  | {
      readonly type: 'prompt'
      readonly hash: string
      readonly system: string
      readonly tools: readonly ToolSpec[]
    }
  | {
      readonly type: 'compaction'
      readonly tokensBefore: number
      readonly tokensAfter: number
      readonly summary: string
      /** How many messages, from the first, the summary stands for. 0: none, results were taken out alone. */
      readonly replaced: number
      /** What stands beside the summary word for word: what the person said, what is still to be done. */
      readonly carried?: readonly string[]
      /** Results that were taken out, by their index in the messages before. */
      readonly pruned?: readonly PrunedResult[]
    }
  | {
      readonly type: 'cache_break'
      readonly segment: string
      readonly cause: string
      readonly tokens: number
      readonly costUsd: number | null
    }
  | {
      readonly type: 'budget_warning' | 'budget_exceeded'
      readonly kind: BudgetKind
      readonly used: number
      readonly limit: number
      readonly fraction: number
    }
  // What harnext itself found when the model said that it was done
  | VerificationEvent
  // Subagents: stand for a child's run_start, run_end and error, which are not passed on
  | SubagentStartEvent
  | {
      readonly type: 'subagent_end'
      readonly id: string
      readonly result: SubagentResult
      /** It can be gone on with: its conversation stays in the log's state. */
      readonly kept?: true
    }

/** A child run begins, with `task` as what is said to it. Its events carry `id` in their `agentPath`. */
export interface SubagentStartEvent {
  readonly type: 'subagent_start'
  readonly agent: string
  readonly id: string
  readonly task: string
  /** The id of the parent's call that began it. */
  readonly call: string
  /** The child whose conversation this one begins with. */
  readonly from?: string
  /** The conversation that it begins with, where it comes from elsewhere. */
  readonly history?: readonly Message[]
  /** It goes on while its parent does. */
  readonly background?: true
}

/** How a child run ended, as far as its parent is told. */
export interface SubagentResult {
  readonly agent: string
  readonly stopReason: RunStopReason
  readonly text: string
  readonly turns: number
  readonly toolCalls: number
  readonly error?: { readonly code: string; readonly message: string }
}

export interface RunIdentity {
  readonly sessionId: string
  readonly runId: string
  readonly provider: string
  readonly model: string
  readonly systemHash: string
  readonly toolsHash: string
  /** A run that goes on without being told otherwise keeps it. Absent in logs of earlier versions. */
  readonly permissionMode?: PermissionMode
}

/** The model asked for a tool; its arguments are complete. */
export interface ToolCallEvent {
  readonly type: 'tool_call'
  readonly id: string
  readonly tool: string
  readonly args: Json
}

/** A call needs an answer. It is seen even when nobody can give one. */
export interface PermissionRequestEvent {
  readonly type: 'permission_request'
  readonly id: string
  readonly tool: string
  readonly args: Json
  readonly effects: readonly Effect[]
  readonly reason: string
  /** Which part of the engine asks. No answer to a floor's ask can be remembered. Absent in logs of earlier versions. */
  readonly tier?: Tier
}

/**
 * Comes for every call of a registered tool with valid arguments, and again for what shows up while it runs. A resumed run uses it again
 * instead of asking twice.
 */
export interface PermissionDecisionEvent {
  readonly type: 'permission_decision'
  readonly id: string
  readonly decision: Exclude<Decision, 'ask'>
  readonly tier: Tier
  readonly rule?: string
  /** `engine`, `user`, `hook`, or `nobody`: an ask that nobody could answer. */
  readonly by: 'engine' | 'user' | 'hook' | 'nobody'
  /** Arguments that the person put in place of the model's. */
  readonly args?: Json
  /** What the person wants the model to know. */
  readonly message?: string
  /** Of the budget: limits that a person has raised for the rest of the run, children included. */
  readonly limits?: BudgetLimits
  /** Granted for the rest of the session. */
  readonly remember?: readonly PermissionRule[]
}

/** The intent: the tool runs only after this was taken, and on record where there is a store. */
export interface ToolStartEvent {
  readonly type: 'tool_start'
  readonly id: string
  readonly tool: string
  readonly args: Json
  readonly effects: readonly Effect[]
  readonly idempotencyKey: string
}

/** A tool finished, or will not run. This *is* the tool message: `output` is the text of `content`. */
export interface ToolResultEvent {
  readonly type: 'tool_result'
  readonly id: string
  readonly tool: string
  readonly status: ToolStatus
  readonly content: readonly ToolPart[]
  readonly output: string
  readonly reason?: ToolReason
  /** Paths that it wrote, absolute. */
  readonly changes?: readonly string[]
  /** Of a call that executed something: `changes` is all, as far as the roots go. */
  readonly changesComplete?: true
  readonly durationMs: number
}

/** Why a call has no ordinary outcome. `unknown`: it was interrupted, and nobody knows how far it came. */
export type ToolReason = 'cancelled' | 'unknown' | 'timeout' | 'invalid'

/** What a turn may use at most, so that a turn that dies counts as spent; each where there is a limit for it, dollars where there is a price. */
export interface Reservation {
  readonly reservedUsd?: number
  readonly reservedTokens?: number
  /** What the run had taken when the turn began, across crashes and pauses. */
  readonly elapsedMs?: number
}

/** What became known at one moment: one append to the log, and one barrier behind it. */
export type Batch = readonly RunEvent[]
