import type { Readable } from 'node:stream'

export interface Chunks {
  next(): Promise<IteratorResult<Uint8Array, undefined>>
  return(): Promise<IteratorResult<Uint8Array, undefined>>
}

const over = { done: true, value: undefined } as const

/** What has come until it is asked for, as one chunk. A connection that breaks is an error, however much has come. */
export function chunksOf(source: Readable, signal: AbortSignal | null): Chunks {
  let failure: unknown
  let isOver = false
  let wake = (): void => {}
  source.on('readable', () => wake())
  source.on('end', () => {
    isOver = true
    wake()
  })
  source.on('error', (error) => {
    failure ??= new TypeError('terminated', { cause: error })
    wake()
  })
  source.on('close', () => {
    if (!isOver) failure ??= new TypeError('terminated')
    wake()
  })
  return {
    async next() {
      for (;;) {
        const chunk = source.read() as Uint8Array | null
        if (chunk !== null) return { done: false, value: chunk }
        if (isOver) return over
        if (failure !== undefined) throw signal?.aborted ? signal.reason : failure
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async return() {
      // A connection whose answer nobody reads cannot be used again.
      if (!isOver) source.destroy()
      isOver = true
      return over
    },
  }
}
