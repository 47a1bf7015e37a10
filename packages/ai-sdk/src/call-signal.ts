/** A signal of one call: a listener on a run-long one would keep every request alive. */
export interface CallSignal {
  readonly signal: AbortSignal
  /** Rejects as soon as the call is cancelled, whatever the model does about it. */
  race<T>(work: PromiseLike<T>): Promise<T>
  /** Ends the request, if it is still under way, and lets go of the outer signal. */
  close(): void
}

export function callSignal(outer: AbortSignal): CallSignal {
  const aborter = new AbortController()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  // Nobody may be waiting when it rejects.
  aborted.catch(() => {})
  const onAbort = (): void => {
    aborter.abort(outer.reason)
    reject(outer.reason)
  }
  outer.addEventListener('abort', onAbort, { once: true })
  return {
    signal: aborter.signal,
    race: (work) => Promise.race([work, aborted]),
    close() {
      outer.removeEventListener('abort', onAbort)
      aborter.abort()
    },
  }
}
