/** A signal of one call, which follows another one. */
export interface OwnSignal {
  readonly signal: AbortSignal
  readonly abort: () => void
  /** Stops following. */
  readonly close: () => void
}

/** For one call: a listener of an SDK or a transport on a run-long signal would keep every request alive. Close it when the call is over. */
export function ownSignal(outer: AbortSignal): OwnSignal {
  const aborter = new AbortController()
  const abort = (): void => aborter.abort(outer.reason)
  outer.addEventListener('abort', abort, { once: true })
  return {
    signal: aborter.signal,
    abort,
    close: () => outer.removeEventListener('abort', abort),
  }
}
