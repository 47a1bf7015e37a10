import type { HarnextError, RunResult } from '@harnext/core'

/** Of usage or configuration: nothing was begun, or something that the person has to settle is in the way. */
export const usageExit = 2
export const failedExit = 1
/** Cancelled: by Ctrl-C, by SIGTERM, or because the reader of the output left. */
export const cancelledExit = 130

/** Errors that say that the call was wrong, not that the work went wrong. */
const usageCodes: ReadonlySet<string> = new Set([
  'config',
  'session_not_found',
  'session_locked',
  'session_corrupt',
])

export function isUsage({ code }: HarnextError): boolean {
  return usageCodes.has(code)
}

/** The exit code of a run. When several apply, the first of 130, 2, 9, 8, 1, 7, 0 counts. */
export function exitCodeOf(
  result: Pick<RunResult, 'stopReason' | 'error' | 'steps' | 'verification'>,
): number {
  const { stopReason, error, steps, verification } = result
  switch (stopReason) {
    case 'cancelled':
      return cancelledExit
    case 'budget':
      return 9
    case 'max_turns':
      return 8
    case 'error':
      return error && isUsage(error) ? usageExit : failedExit
    case 'length':
    case 'refused':
      return failedExit
    case 'paused':
      return 7
    case 'complete':
      if (verification === 'failed') return failedExit
      // A check that nobody permitted to run was denied like any other call.
      if (verification === 'unverified') return 7
      return steps.some(({ status }) => status === 'denied') ? 7 : 0
  }
}
