import type { Awaitable } from '../json.ts'
import type { Message } from '../messages.ts'
import type { Workspace } from '../tool/workspace.ts'

/** What must hold when the model says that it is done: a command line, or a function. harnext runs it itself. */
export type Check = string | CommandCheck | CheckFunction

/** Runs in the working directory as `bash` would: permissions, sandbox and hooks stand before it. */
export interface CommandCheck {
  readonly run: string
  /** An exit code; or a text that the output holds, with exit code 0. @default 0 */
  readonly expect?: number | string
  /** Milliseconds. @default 600,000 */
  readonly timeout?: number
}

/** `false`, or a text that says what is wrong, has failed, and so has what it throws; anything else holds. */
export type CheckFunction = (context: CheckContext) => Awaitable<boolean | string | void>

export interface CheckContext {
  /** The conversation up to the answer that is checked. */
  readonly messages: readonly Message[]
  readonly workspace: Workspace
  readonly signal: AbortSignal
}

/** How one check came out. */
export interface CheckEvidence {
  /** The command line, or the name of the function. */
  readonly check: string
  /** `denied`: it did not run, because nobody permitted it. */
  readonly status: 'passed' | 'failed' | 'denied'
  /** Of a command that ended by itself. */
  readonly exitCode?: number
  /** The last lines of what it said. */
  readonly output: string
}

/** `failed`: a check did not hold. `unverified`: one could not run, or the model went on after the last round. */
export type Verification = 'passed' | 'failed' | 'unverified'

/** One round of all checks, on the answer of `turn`. */
export interface VerificationEvent {
  readonly type: 'verification'
  /** Counted from 1 in each run. */
  readonly round: number
  readonly turn: number
  readonly verification: Verification
  readonly checks: readonly CheckEvidence[]
}
