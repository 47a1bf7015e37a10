import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@harnext/core'
import { outputFolder, safeName } from './output-folder.ts'

/** A flood must not fill the disk. */
const maxSize = 8_000_000_000
const bufferSize = 65_536

/**
 * A file for all that a command says, with mode 0600. Writes at once, because output comes without a way to slow it down, and a queue of
 * it would fill the memory.
 */
export class OutputFile {
  /** Where it is; absent when it could not be made. */
  readonly path?: string
  /** Why it does not hold everything. */
  problem: string | undefined
  /** Bytes. */
  size = 0
  #descriptor: number | undefined
  #bytes: Uint8Array | undefined
  readonly #encoder = new TextEncoder()

  constructor(sessionId: string, name: string) {
    try {
      const folder = outputFolder(sessionId)
      for (let count = 1; this.path === undefined; count++) {
        const path = join(folder, `${safeName(name)}${count > 1 ? `-${count}` : ''}.txt`)
        const descriptor = openNew(path)
        if (descriptor === null) continue
        this.#descriptor = descriptor
        this.path = path
      }
    } catch (error) {
      this.problem = messageOf(error)
    }
  }

  add(text: string): void {
    if (this.#descriptor === undefined || this.problem !== undefined || text === '') return
    // Always into the same bytes: what is thrown away would grow the memory.
    const bytes = (this.#bytes ??= new Uint8Array(bufferSize))
    for (let rest = text; rest !== '' && this.problem === undefined;) {
      const { read, written } = this.#encoder.encodeInto(rest, bytes)
      rest = read === rest.length ? '' : rest.slice(read)
      this.#write(this.#descriptor, bytes.subarray(0, written))
    }
  }

  #write(descriptor: number, data: Uint8Array): void {
    if (this.size + data.length > maxSize) {
      this.problem = `only the first ${this.size} bytes were kept`
      return
    }
    try {
      for (let written = 0; written < data.length;) written += writeSync(descriptor, data, written)
      this.size += data.length
    } catch (error) {
      this.problem = messageOf(error)
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    this.#bytes = undefined
  }
}

/** `null` where something is already: vendors use the id of a call again. */
function openNew(path: string): number | null {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null
    throw error
  }
}
