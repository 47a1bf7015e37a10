import type { BudgetLimits } from '../budget/ledger.ts'
import type {
  PermissionDecisionEvent,
  PermissionRequestEvent,
  Reservation,
  RunEvent,
  SubagentResult,
  ToolStartEvent,
} from '../events.ts'
import type { Message, ToolMessage } from '../messages.ts'
import type { PermissionMode, PermissionRule } from '../permission/permission.ts'
import type { ProcessIdentity } from '../tool/workspace.ts'
import type { Usage } from '../usage.ts'
import type { ToolStep } from './result.ts'
import type { VerificationEvent } from './verification.ts'

// The shape of what a log folds to; `state.ts` folds.

/** Changed by `reduce` alone. */
export interface RunState {
  /** Keeps its identity while the history only grows, so that adapters may cache by it. */
  messages: Message[]
  /** Turns of the whole conversation: with a call's id it makes the idempotency key. */
  turn: number
  /** Of the last run that began. */
  runId: string
  /** It has no `run_end` yet: it is under way, or its process died. */
  open: boolean
  /** Of the last run that began or went on. */
  permissionMode?: PermissionMode
  run: RunAccount
  /** Calls whose intent is known and whose outcome is not. */
  readonly intents: Map<string, ToolStartEvent>
  readonly requests: Map<string, PermissionRequestEvent>
  /** Answers, so that nobody is asked twice. */
  readonly decisions: Map<string, PermissionDecisionEvent>
  /** Outcomes that wait for an earlier call of their turn. */
  readonly outcomes: Map<string, Outcome>
  /** Processes of calls whose outcome is not known. */
  readonly processes: Map<string, readonly ProcessIdentity[]>
  /** What a person has permitted for the rest of the session. */
  readonly grants: PermissionRule[]
  /** Results that a compaction took out, by their handles. */
  readonly pruned: Map<string, ToolMessage>
  prompt: Extract<RunEvent, { type: 'prompt' }> | null
  /** Child runs by id: those under way, and those that can be gone on with. */
  readonly children: Map<string, RunState>
  /** Of a child: whose conversation it is, and the call of its parent that began it last. */
  agent?: string
  call?: string
  /** Of a child: its parent's turn when it was started, and how it ended. One that is not kept is gone after that turn. */
  startedIn?: number
  ended?: SubagentResult
  kept?: true
  /** It runs beside its parent. */
  background?: true
}

/** One outcome, as the model and as the person see it. */
export interface Outcome {
  readonly message: ToolMessage
  readonly step: ToolStep
}

/** Since `run_start`, across crashes: a resumed run neither renews an allowance nor has a shorter result. */
export interface RunAccount {
  turns: number
  usage: Usage
  /** Of the turn that has no usage yet; one, or none. */
  reserved: Reservation[]
  /** Of turns that ended, or died, without telling their usage: counts as spent. */
  readonly unsettled: Reservation[]
  /** Calls that began, with those of children. */
  startedCalls: number
  readonly steps: ToolStep[]
  readonly changes: Set<string>
  /** Calls that may have changed files that nobody saw. */
  unseenChanges: number
  /** Limits of the budget that a person has raised. */
  limits?: BudgetLimits
  /** The last round of checks. */
  verification?: VerificationEvent
  /** Where in `messages` the run begins. */
  from: number
}
