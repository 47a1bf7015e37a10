/** Aborts with the signal, for the same reason. Returns how to part them again. */
export function link(signal: AbortSignal | undefined, aborter: AbortController): () => void {
  if (!signal) return () => {}
  const onAbort = (): void => aborter.abort(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return () => signal.removeEventListener('abort', onAbort)
}
