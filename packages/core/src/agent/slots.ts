import { onAbort } from '../abort.ts'

/** So many may work at a time; the others come in when one gives its slot back, in the order in which they asked. */
export class Slots {
  #free: number
  readonly #waiting: Set<() => void> = new Set()

  constructor(count: number) {
    this.#free = count
  }

  /** Takes one that is free. */
  take(): boolean {
    if (this.#free < 1) return false
    this.#free -= 1
    return true
  }

  /** Waits for one. Resolves to `false` as soon as the signal aborts: then there is none to give back. */
  async wait(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const enter = (): void => resolve(true)
    this.#waiting.add(enter)
    const leave = onAbort(signal, () => {
      // At once: a slot that is given in this very moment is for somebody else.
      this.#waiting.delete(enter)
      resolve(false)
    })
    const entered = await promise
    leave()
    return entered
  }

  give(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
