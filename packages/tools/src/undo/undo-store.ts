import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HarnextError, messageOf } from '@harnext/core'
import { makeFolder } from '@harnext/core/node'
import { addLine, newJournal, parseJournal, type Journal, type JournalLine } from './journal.ts'
import { hashOf } from './path-state.ts'
import { prune } from './retention.ts'

const sync = promisify(fdatasync)

/** Lines to append, with the contents that they need, by hash. */
export interface Batch {
  readonly lines: readonly JournalLine[]
  readonly contents: ReadonlyMap<string, Uint8Array>
}

/** What one session keeps so that its changes can be undone: a journal, and the contents that it speaks of, one behind the other. */
export class UndoStore {
  readonly folder: string
  readonly #journalFile: string
  readonly #contentFile: string
  readonly #isDry: boolean
  #journal: Journal | undefined

  /** `folder`: of the session. `dry`: what is appended is kept in memory alone. */
  constructor(folder: string, options: { readonly dry?: boolean } = {}) {
    this.folder = folder
    this.#journalFile = join(folder, 'journal.jsonl')
    this.#contentFile = join(folder, 'contents')
    this.#isDry = options.dry ?? false
  }

  get journal(): Journal {
    return (this.#journal ??= existsSync(this.#journalFile)
      ? parseJournal(readFileSync(this.#journalFile, 'utf8'))
      : newJournal())
  }

  /**
   * On the disk when it resolves, contents before lines. With `durable: false` it may be lost with the machine's power, not with the
   * process. Throws `HarnextError` with the code `undo_write` when the disk refuses.
   */
  async append(
    { lines, contents }: Batch,
    { durable = true }: { readonly durable?: boolean } = {},
  ): Promise<void> {
    const { journal } = this
    const wanted = [...contents].filter(([hash]) => !journal.contents.has(hash))
    if (this.#isDry) {
      for (const [hash, { length }] of wanted)
        addLine(journal, { type: 'content', hash, at: -1, size: length })
      for (const line of lines) addLine(journal, line)
      return
    }
    try {
      if (!existsSync(this.folder)) {
        await prune(join(this.folder, '..'))
        await makeFolder(this.folder, { mode: 0o700 })
      }
      const kept = wanted.length ? await this.#keep(wanted, durable) : []
      const all = [...kept, ...lines]
      await this.#write(all, durable)
      for (const line of all) addLine(journal, line)
    } catch (error) {
      throw new HarnextError(
        `What is about to be changed cannot be kept for undo in ${this.folder}, so it is not changed: ${messageOf(error)}. The option undo: false does without.`,
        { code: 'undo_write', cause: error },
      )
    }
  }

  async #keep(
    contents: readonly (readonly [string, Uint8Array])[],
    durable: boolean,
  ): Promise<readonly JournalLine[]> {
    const file = openSync(this.#contentFile, 'a', 0o600)
    try {
      let at = fstatSync(file).size
      const lines = contents.map(([hash, data]): JournalLine => {
        const line = { type: 'content', hash, at, size: data.length } as const
        at += data.length
        return line
      })
      writeAll(file, Buffer.concat(contents.map(([, data]) => data)))
      if (durable) await sync(file)
      return lines
    } finally {
      closeSync(file)
    }
  }

  async #write(lines: readonly JournalLine[], durable: boolean): Promise<void> {
    const file = openSync(this.#journalFile, 'a+', 0o600)
    try {
      const { size } = fstatSync(file)
      const last = Buffer.alloc(1)
      // Behind a line that was cut off, ours begin on a line of their own.
      const isCut = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      writeAll(file, Buffer.from(isCut ? `\n${text}` : text))
      if (durable) await sync(file)
    } finally {
      closeSync(file)
    }
  }

  /** Throws `HarnextError` with the code `undo_damaged` when what is stored is not what was put there. */
  content(hash: string): Uint8Array {
    const place = this.journal.contents.get(hash)
    const data = place && this.#read(place.at, place.size)
    if (data && hashOf(data) === hash) return data
    throw new HarnextError(`${this.#contentFile} is damaged: it does not hold ${hash}.`, {
      code: 'undo_damaged',
    })
  }

  #read(at: number, size: number): Uint8Array {
    const file = openSync(this.#contentFile, 'r')
    try {
      const data = Buffer.alloc(size)
      let done = 0
      while (done < size) {
        const count = readSync(file, data, done, size - done, at + done)
        if (count === 0) break
        done += count
      }
      return data.subarray(0, done)
    } finally {
      closeSync(file)
    }
  }
}

function writeAll(file: number, data: Uint8Array): void {
  for (let done = 0; done < data.length;) done += writeSync(file, data, done)
}
