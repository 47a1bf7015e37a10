/**
 * Cancels what it was given to, for those who prefer it to an `AbortController`.
 *
 * @example
 * const cancel = new CancelToken()
 * const running = agent.runResult('Tidy up', { cancel })
 * cancel.cancel()
 * console.log((await running).cancelled, (await running).steps.length)
 */
export class CancelToken {
  readonly #aborter = new AbortController()

  get signal(): AbortSignal {
    return this.#aborter.signal
  }

  get cancelled(): boolean {
    return this.#aborter.signal.aborted
  }

  /** Once; later calls change nothing. */
  cancel(reason?: string): void {
    this.#aborter.abort(reason)
  }
}
