import type { Io, Output } from './io.ts'
import type { Chunk } from './render/chunk.ts'

/** Standard output and standard error, of which the reader may leave at any time. */
export interface Screen {
  write(chunks: readonly Chunk[]): void
  /** Called once, when the reader of standard output has left, or it can be written no more. */
  onLeft(handler: () => void): void
  /** Why standard output can be written no more, though its reader has not left: a full disk. */
  failure(): Error | undefined
  /** Resolves when all was handed to the system. */
  flush(): Promise<void>
}

export function createScreen({ stdout, stderr }: Io): Screen {
  let onLeft: (() => void) | undefined
  let hasLeft = false
  let failure: Error | undefined
  stdout.on('error', (error) => {
    if (hasLeft) return
    hasLeft = true
    // `harnext … | head` and the like: not an error, and nobody to tell it to.
    if (!isLeft(error)) failure = error
    onLeft?.()
  })
  // There is nowhere to tell it.
  stderr.on('error', () => {})
  return {
    write(chunks) {
      for (const { to, text } of chunks) {
        // Who has left is told nothing more, so that the pipe ends quietly.
        const isClosed = hasLeft && (to === 'stdout' || !failure)
        if (!isClosed && text !== '') (to === 'stdout' ? stdout : stderr).write(text)
      }
    },
    onLeft(handler) {
      onLeft = handler
      if (hasLeft) handler()
    },
    failure: () => failure,
    async flush() {
      await Promise.all([stdout, stderr].map(flushed))
    },
  }
}

/** An empty write is called back when those before it are done. */
function flushed(output: Output): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()))
}

function isLeft(error: Error): boolean {
  if (!('code' in error)) return false
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || error.code === 'EIO'
}
