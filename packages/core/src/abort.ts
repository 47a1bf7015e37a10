/** A signal that is one's own to abort, and that may follow another one. */
export interface Aborter {
  readonly signal: AbortSignal
  /** The first reason counts. */
  readonly abort: (reason?: unknown) => void
  /** Stops following. */
  readonly unlink: () => void
}

/** With `outer` it aborts when that does, for the same reason. */
export function newAborter(outer?: AbortSignal): Aborter {
  const controller = new AbortController()
  const { signal } = controller
  const callbacks = new Set<() => void>()
  followers.set(signal, callbacks)
  const abort = (reason?: unknown): void => {
    if (signal.aborted) return
    controller.abort(reason)
    for (const callback of callbacks) callback()
  }
  return { signal, abort, unlink: outer ? onAbort(outer, () => abort(outer.reason)) : () => {} }
}

/** Those of an `Aborter` are told without an event, whose listener takes longer to add and remove than all else of a short call. */
const followers = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back once when the signal aborts: now, where it has. Returns how to take that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = followers.get(signal)
  if (signal.aborted) callback()
  else if (callbacks) callbacks.add(callback)
  else signal.addEventListener('abort', callback, { once: true })
  return () => void (callbacks?.delete(callback) ?? signal.removeEventListener('abort', callback))
}

/** What ignores the signal is left behind after this many milliseconds. */
export const GRACE_MS = 200

/** `undefined` when the signal aborted and the work did not end within the grace period. */
export function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  graceMs: number = GRACE_MS,
): Promise<T | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const leave = onAbort(signal, () => (timer = setTimeout(() => resolve(undefined), graceMs)))
  void work.then(resolve, reject).then(() => {
    leave()
    clearTimeout(timer)
  })
  return promise
}
