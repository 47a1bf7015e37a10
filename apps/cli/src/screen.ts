import type { Io, Output } from './io.ts'
import type { Chunk } from './render/chunk.ts'

/** Standard output and standard error, of which the reader may leave at any time. */
export interface Screen {
  write(chunks: readonly Chunk[]): void
  /** Called once, when the reader of standard output has left. */
  onLeft(handler: () => void): void
  /** Resolves when all was handed to the system. */
  flush(): Promise<void>
}

export function createScreen({ stdout, stderr }: Io): Screen {
  let onLeft: (() => void) | undefined
  let hasLeft = false
  // `harnext … | head` and the like: not an error, and nobody to tell it to.
  stdout.on('error', (error: unknown) => {
    if (!isLeft(error)) throw error
    if (hasLeft) return
    hasLeft = true
    onLeft?.()
  })
  stderr.on('error', (error: unknown) => {
    if (!isLeft(error)) throw error
  })
  return {
    write(chunks) {
      for (const { to, text } of chunks)
        // Who has left is told nothing more, so that the pipe ends quietly.
        if (!hasLeft && text !== '') (to === 'stdout' ? stdout : stderr).write(text)
    },
    onLeft(handler) {
      onLeft = handler
      if (hasLeft) handler()
    },
    async flush() {
      await Promise.all([stdout, stderr].map(flushed))
    },
  }
}

/** An empty write is called back when those before it are done. */
function flushed(output: Output): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()))
}

function isLeft(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || error.code === 'EIO'
}
