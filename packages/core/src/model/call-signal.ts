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
  const aborter = new AbortController()
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
  const onAbort = (): void =>
    abort(new ProviderError('The model call was cancelled.', { kind: 'cancelled' }))
  const timedOut = (message: string): void =>
    abort(new ProviderError(message, { kind: 'timeout', retryable: true }))
  const timer = setTimeout(
    () => timedOut(`The model call took longer than ${timeoutMs} ms.`),
    timeoutMs,
  )
  // Looked at when it fires: to set it anew for each chunk would cost more than the chunk.
  let waitingSince = Infinity
  let idleTimer: ReturnType<typeof setTimeout> | undefined
  function watch(): void {
    idleTimer = undefined
    if (waitingSince === Infinity) return
    const silentMs = performance.now() - waitingSince
    if (silentMs >= idleMs) timedOut(`The provider sent nothing for ${idleMs} ms.`)
    else idleTimer = setTimeout(watch, idleMs - silentMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    signal: aborter.signal,
    race: <T>(next: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        waitingSince = performance.now()
        idleTimer ??= setTimeout(watch, idleMs)
        waiting = () => reject(aborter.signal.reason)
        next.then((value) => {
          waitingSince = Infinity
          resolve(value)
        }, reject)
        if (gaveUp) waiting()
      }),
    close(ended: boolean) {
      clearTimeout(timer)
      clearTimeout(idleTimer)
      clearTimeout(grace)
      signal.removeEventListener('abort', onAbort)
      // A connection that has given all may be used again; another one has to be closed.
      if (!ended) aborter.abort(new ProviderError('The model call is over.', { kind: 'cancelled' }))
    },
  }
}
