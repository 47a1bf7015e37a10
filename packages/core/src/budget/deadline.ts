import { newAborter } from '../abort.ts'
import { BudgetExceeded } from '../errors.ts'

/** A timer that is set for longer fires at once. */
export const LONGEST_TIMER_MS = 2_147_483_647

/** The run's signal, which also aborts when its time is up; `usedMs` of it are gone already. Close it when the run is over. */
export function withDeadline(
  signal: AbortSignal,
  maxDurationMs: number | undefined,
  usedMs: number = 0,
): { readonly signal: AbortSignal; close(): void } {
  if (maxDurationMs === undefined || maxDurationMs > LONGEST_TIMER_MS)
    return { signal, close: () => {} }
  const aborter = newAborter(signal)
  const snapshot = {
    kind: 'duration',
    used: maxDurationMs,
    limit: maxDurationMs,
    needed: 0,
  } as const
  const timer = setTimeout(
    () =>
      aborter.abort(
        new BudgetExceeded(`The run took longer than its budget of ${maxDurationMs} ms.`, snapshot),
      ),
    Math.max(0, maxDurationMs - usedMs),
  )
  return {
    signal: aborter.signal,
    close() {
      clearTimeout(timer)
      aborter.unlink()
    },
  }
}
