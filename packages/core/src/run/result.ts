import { MaxTurnsExceeded, PermissionDenied, ToolError, type HarnextError } from '../errors.ts'
import type { RunIdentity, ToolReason } from '../events.ts'
import type { Json } from '../json.ts'
import { textOf, type Message, type ToolStatus } from '../messages.ts'
import type { PermissionRequest } from '../permission/permission.ts'
import { totalTokens } from '../tokens.ts'
import { isBelow } from '../tool/concurrency.ts'
import type { Usage } from '../usage.ts'
import type { RunState } from './run-state.ts'
import { openCalls } from './state.ts'
import type { CheckEvidence, Verification, VerificationEvent } from './verification.ts'

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

/** How a run ended; the rest of its result is folded from its log. */
export interface RunEnd {
  readonly stopReason: RunStopReason
  readonly error?: HarnextError
  /** Of this attempt. */
  readonly durationMs: number
}

/** Usage of a run: `totalTokens` is input, output and both cache counts; reasoning is inside of output and counted once. */
export interface RunUsage extends Usage {
  readonly totalTokens: number
}

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
  /** Where `checks` were asked for: whether they hold. `unverified`: they did not run on the last answer, or not all of them did. */
  readonly verification?: Verification
  /** How the checks came out, in the last round. */
  readonly checks?: readonly CheckEvidence[]
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

/** The result of a run that ended so, folded from its state. `cwd`: what changed files are relative to. */
export function toResult(
  state: RunState,
  { sessionId, runId }: Pick<RunIdentity, 'sessionId' | 'runId'>,
  cwd: string,
  { stopReason, error, durationMs }: RunEnd,
): RunResult {
  const { run, messages } = state
  // Of a turn that waits for an answer some calls have run already.
  const steps = [...run.steps, ...Array.from(state.outcomes.values(), ({ step }) => step)]
  const failure =
    error ?? (stopReason === 'max_turns' ? new MaxTurnsExceeded(run.turns) : undefined)
  return {
    text: lastText(messages, run.from),
    output: null,
    steps: steps.map(withError),
    filesChanged: [...run.changes].map((path) => relativeTo(cwd, path)).toSorted(),
    filesChangedComplete: run.unseenChanges === 0,
    usage: { ...run.usage, totalTokens: totalTokens(run.usage) },
    sessionId,
    runId,
    turns: run.turns,
    toolCalls: steps.length,
    stopReason,
    success: stopReason === 'complete',
    cancelled: stopReason === 'cancelled',
    ...(stopReason === 'paused' && { pending: pendingOf(state) }),
    ...(run.verification && verificationOf(run.verification, state.turn)),
    ...(failure && { error: failure }),
    messages,
    durationMs,
  }
}

/** What was found before the model went on says nothing of what it did then. */
function verificationOf(
  { verification, turn, checks }: VerificationEvent,
  lastTurn: number,
): Pick<RunResult, 'verification' | 'checks'> {
  return { verification: turn === lastTurn ? verification : 'unverified', checks }
}

function lastText(messages: readonly Message[], from: number): string {
  for (let index = messages.length - 1; index >= from; index--) {
    const message = messages[index]
    if (message?.role === 'assistant') return textOf(message.content)
  }
  return ''
}

function withError(step: ToolStep): ToolStep {
  if (step.status === 'ok') return step
  const error =
    step.status === 'denied'
      ? new PermissionDenied(step.tool, step.output)
      : new ToolError(step.tool, step.output)
  return { ...step, error }
}

/** Also those of children, with their path. */
function pendingOf(state: RunState, agentPath: readonly string[] = []): PermissionRequest[] {
  const own = openCalls(state).flatMap(({ id }) => {
    const request = state.requests.get(id)
    if (!request) return []
    const { type: _, ...pending } = request
    return [{ ...pending, ...(agentPath.length && { agentPath }) }]
  })
  const children = [...state.children].filter(([, child]) => child.open)
  return [...own, ...children.flatMap(([id, child]) => pendingOf(child, [...agentPath, id]))]
}

/** Paths with `/`; `cwd` itself is `.`. */
function relativeTo(cwd: string, path: string): string {
  if (path === cwd) return '.'
  return cwd && isBelow(path, cwd)
    ? path.slice(cwd.endsWith('/') ? cwd.length : cwd.length + 1)
    : path
}
