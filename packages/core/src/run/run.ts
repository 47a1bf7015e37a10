import type { RunEvent } from '../events.ts'
import type { PermissionAnswer } from '../permission/permission.ts'
import type { RunResult } from './result.ts'

/**
 * A run that is under way: it started when it was made, not when it is read. Iterating gives its events, once, to one reader; a
 * reader that leaves (`break`, a throw) cancels it. The stream never throws for the outcome of the run.
 */
export interface Run<T = null> extends AsyncIterable<RunEvent> {
  /** Of the run. One that is resumed has the id of its log, known from its first event on. */
  readonly id: string
  readonly sessionId: string
  /** Never rejects. */
  readonly result: Promise<RunResult<T>>
  /** The `text` of the result. */
  readonly text: Promise<string>
  /**
   * Says something to the model between two turns, or instead of an end: several texts in their order. What the run ends without is told
   * in a `warning` with the code `steering_undelivered` before its `run_end`. Throws `HarnextError` with the code `usage` when the run is over.
   */
  readonly steer: (text: string) => void
  /** Answers an open permission request. Throws `ConfigError` when no such request is open. */
  readonly respond: (callId: string, answer: PermissionAnswer) => void
  /** Ends the run as `cancelled`; its results and its end are still reported and recorded. */
  readonly cancel: (reason?: string) => void
}
