/** How long a request may take. */
export interface TimeLimit {
  /** Begins anew. */
  restart(): void
  close(): void
}

/** Calls `onOver` once when `ms` have passed; where `isHeld` says then that somebody is being waited for, it begins anew. */
export function timeLimit(ms: number, isHeld: () => boolean, onOver: () => void): TimeLimit {
  const begin = (): NodeJS.Timeout => setTimeout(() => (isHeld() ? restart() : onOver()), ms)
  let timer = begin()
  function restart(): void {
    clearTimeout(timer)
    timer = begin()
  }
  return { restart, close: () => clearTimeout(timer) }
}
