import { newAborter } from '../abort.ts'
/** A signal of one call, which follows another one. */
export interface OwnSignal {
  readonly signal: AbortSignal
  readonly abort: () => void
  /** Stops following. */
  readonly close: () => void
}

/** For one call: a listener of an SDK or a transport on a run-long signal would keep every request alive. Close it when the call is over. */
export function ownSignal(outer: AbortSignal): OwnSignal {
  const { signal, abort, unlink: close } = newAborter(outer)
  return { signal, abort: () => abort(outer.reason), close }
}
