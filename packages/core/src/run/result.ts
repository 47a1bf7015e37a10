import type { HarnextError, PermissionDenied, ToolError } from '../errors.ts'
import type { ToolReason } from '../events.ts'
import type { Json } from '../json.ts'
import type { Message, ToolStatus } from '../messages.ts'
import type { PermissionRequest } from '../permission/permission.ts'
import type { RunUsage } from '../usage.ts'

/**
 * Why a run ended. `complete`: the model was done. `paused`: an answer is owed, see `pending`. `length`: the model was cut off and
 * had not asked for a tool. Reaching a limit exactly when the model is done is `complete`.
 */
export type RunStopReason =
  | 'complete'
  | 'max_turns'
  | 'cancelled'
  | 'paused'
  | 'budget'
  | 'length'
  | 'refused'
  | 'error'

/** What a run came to: everything since one user input, across crashes and resumes. */
export interface RunResult<T = null> {
  /** Text of the last assistant message of this run; empty when there is none. */
  readonly text: string
  /** What `outputSchema` asked for, validated. */
  readonly output: T | null
  readonly steps: readonly ToolStep[]
  /** Created, edited or deleted: relative to the working directory, with `/`, sorted; what lies outside is absolute. */
  readonly filesChanged: readonly string[]
  /** Whether `filesChanged` is all: a shell command may have changed files that nobody saw. */
  readonly filesChangedComplete: boolean
  /** With its subagents. */
  readonly usage: RunUsage
  readonly sessionId: string
  readonly runId: string
  readonly turns: number
  readonly toolCalls: number
  readonly stopReason: RunStopReason
  /** `stopReason` is `complete`. */
  readonly success: boolean
  /** `stopReason` is `cancelled`. */
  readonly cancelled: boolean
  /** Calls that wait for an answer, when paused. */
  readonly pending?: readonly PermissionRequest[]
  readonly verification?: 'passed' | 'failed' | 'unverified'
  readonly error?: HarnextError
  /** The whole conversation. */
  readonly messages: readonly Message[]
  /** Of this attempt. */
  readonly durationMs: number
}

/** One tool call with its outcome. */
export interface ToolStep {
  readonly id: string
  readonly tool: string
  readonly args: Json
  readonly status: ToolStatus
  readonly reason?: ToolReason
  readonly output: string
  readonly error?: ToolError | PermissionDenied
  readonly durationMs: number
}
