import { createInterface } from 'node:readline'
import type { Io } from './io.ts'

/** Somebody at the terminal who is asked a few things, one after the other. */
export interface LineAsker {
  /** What was typed, or the default for a blank line. `undefined` where standard input has ended. */
  ask(question: string, otherwise: string): Promise<string | undefined>
  close(): void
}

export function lineAsker({ stdin, stderr }: Io): LineAsker {
  const reader = createInterface({ input: stdin, terminal: false })
  const lines = reader[Symbol.asyncIterator]()
  return {
    async ask(question, otherwise) {
      stderr.write(`${question} [${otherwise}]: `)
      const next = await lines.next()
      if (next.done) return undefined
      return next.value.trim() || otherwise
    },
    close: () => reader.close(),
  }
}
