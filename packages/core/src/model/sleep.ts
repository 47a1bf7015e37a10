import { onAbort } from '../abort.ts'
/** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      leave()
      resolve()
    }, ms)
    const leave = onAbort(signal, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
