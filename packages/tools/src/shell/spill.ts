import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '@harnext/core'

/** A flood must not fill the disk. */
const maxSize = 256_000_000

/**
 * A file for output that is too long to be shown: in a folder of its own that nobody else may look into, with mode 0600. Writes at
 * once, because output comes without a way to slow it down, and a queue of it would fill the memory.
 */
export class Spill {
  /** Where it is; absent when it could not be made. */
  readonly path?: string
  /** Why it does not hold everything. */
  problem: string | undefined
  #descriptor: number | undefined
  #size = 0

  constructor() {
    try {
      const path = join(mkdtempSync(join(tmpdir(), 'harnext-output-')), 'output.txt')
      this.#descriptor = openSync(path, 'wx', 0o600)
      this.path = path
    } catch (error) {
      this.problem = messageOf(error)
    }
  }

  add(text: string): void {
    if (this.#descriptor === undefined || this.problem !== undefined) return
    const data = new TextEncoder().encode(text)
    if (this.#size + data.length > maxSize) {
      this.problem = `only the first ${this.#size} bytes were kept`
      return
    }
    try {
      for (let written = 0; written < data.length;)
        written += writeSync(this.#descriptor, data, written)
      this.#size += data.length
    } catch (error) {
      this.problem = messageOf(error)
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}
