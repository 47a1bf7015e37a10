import { newAborter, onAbort } from '../abort.ts'
import { ProviderError } from '../errors.ts'

/** An adapter that does not answer to its signal is left behind after this many milliseconds. */
const GRACE_MS = 100

export interface CallSignal {
  readonly signal: AbortSignal
  /** What the adapter gives next; rejects when it does not answer to an abort. Its silence counts as the provider's. */
  race<T>(next: Promise<T>): Promise<T>
  close(ended: boolean): void
}

/** A signal of this call alone: a listener of an SDK on a run-long one would keep every request alive. */
export function callSignal(
  signal: AbortSignal,
  { timeoutMs, idleMs }: { readonly timeoutMs: number; readonly idleMs: number },
): CallSignal {
  const aborter = newAborter()
  let waiting = (): void => {}
  let grace: ReturnType<typeof setTimeout> | undefined
  let gaveUp = false
  function abort(error: ProviderError): void {
    if (aborter.signal.aborted) return
    aborter.abort(error)
    grace = setTimeout(() => {
      gaveUp = true
      waiting()
    }, GRACE_MS)
  }
  const timedOut = (message: string): void =>
    abort(new ProviderError(message, { kind: 'timeout', retryable: true }))
  const begun = performance.now()
  let waitingSince = Infinity
  // One timer for both limits, looked at when it fires: to set it anew for each chunk would cost more than the chunk.
  let timer = setTimeout(watch, Math.min(timeoutMs, idleMs))
  function watch(): void {
    const now = performance.now()
    const leftMs = begun + timeoutMs - now
    const patienceMs = Math.min(waitingSince, now) + idleMs - now
    if (leftMs <= 0) timedOut(`The model call took longer than ${timeoutMs} ms.`)
    else if (patienceMs <= 0) timedOut(`The provider sent nothing for ${idleMs} ms.`)
    else timer = setTimeout(watch, Math.min(leftMs, patienceMs))
  }
  const leave = onAbort(signal, () =>
    abort(new ProviderError('The model call was cancelled.', { kind: 'cancelled' })),
  )
  return {
    signal: aborter.signal,
    race: <T>(next: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        waitingSince = performance.now()
        waiting = () => reject(aborter.signal.reason)
        next.then((value) => {
          waitingSince = Infinity
          resolve(value)
        }, reject)
        if (gaveUp) waiting()
      }),
    close(ended: boolean) {
      clearTimeout(timer)
      clearTimeout(grace)
      leave()
      // A connection that has given all may be used again; another one has to be closed.
      if (!ended) aborter.abort(new ProviderError('The model call is over.', { kind: 'cancelled' }))
    },
  }
}
