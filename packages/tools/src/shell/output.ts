import { ownCopy } from '../file/own-copy.ts'
import type { OutputFile } from './output-file.ts'

/** What is kept of each end, in characters. */
const endLength = 16_384
/** How much of the end is reported while it runs. */
const reportLength = 2000
/** Characters of a private key. */
const longestKey = 20_000

/** Keeps the two ends of a text of any length; what is longer goes to a file as a whole. Memory stays the same. */
export class OutputEnds {
  #head = ''
  #tail = ''
  #total = 0
  readonly #makeFile: () => OutputFile
  #file: OutputFile | undefined

  /** `makeFile` is called when it gets too long. */
  constructor(makeFile: () => OutputFile) {
    this.#makeFile = makeFile
  }

  /** Where all of it is; absent while it is short. */
  get file(): OutputFile | undefined {
    return this.#file
  }

  add(text: string): void {
    if (text === '') return
    this.#total += text.length
    if (!this.#file && this.#total > 2 * endLength) {
      this.#file = this.#makeFile()
      this.#file.add(this.#head + this.#tail)
    }
    this.#file?.add(text)
    const room = endLength - this.#head.length
    if (room > 0) this.#head += text.slice(0, room)
    const rest = room > 0 ? text.slice(room) : text
    // Cut seldom, so that many small pieces do not copy the whole tail each time; a large one is a tail by itself.
    this.#tail = rest.length > endLength ? rest.slice(-endLength) : this.#tail + rest
    if (this.#tail.length > 4 * endLength) this.#tail = this.#tail.slice(-2 * endLength)
  }

  /** The newest of it, for whoever watches. */
  recent(): string {
    const end = this.#tail.length < reportLength ? this.#head + this.#tail : this.#tail
    const from = Math.max(0, end.length - reportLength)
    // What is left of a line may be the end of a secret, which nobody would know for one.
    const start = from && end.indexOf('\n', from) + 1
    const isWhole = start > 0 && start < end.length
    return ownCopy(end.slice(startOfKey(end, isWhole ? start : from))).toWellFormed()
  }

  /** The text, or its two ends and where all of it is; `hint` says how else to come to it. */
  finish(hint = ''): string {
    this.close()
    if (!this.#file) return this.#head + this.#tail
    const head = this.#head.slice(0, wholeLines(this.#head.lastIndexOf('\n') + 1, endLength))
    const end = this.#tail.slice(-endLength)
    const tail = end.slice(endLength - wholeLines(endLength - end.indexOf('\n') - 1, endLength))
    const left = this.#total - head.length - tail.length
    return `${head}\n[… ${left} characters left out; ${whereabouts(this.#file)}${hint} …]\n\n${tail}`.toWellFormed()
  }

  /** Lets go of the file. */
  close(): void {
    this.#file?.close()
  }
}

/** What is left of a private key says no more that it is one: where the cut is in one, it begins there. */
function startOfKey(text: string, cut: number): number {
  const begin = text.lastIndexOf('-----BEGIN ', cut)
  const isCut =
    begin >= 0 && cut - begin < longestKey && !text.slice(begin, cut).includes('-----END ')
  return isCut ? begin : cut
}

/** A cut between lines, unless it costs more than half. */
function wholeLines(length: number, all: number): number {
  return length > all / 2 ? length : all
}

function whereabouts({ path, problem }: OutputFile): string {
  if (path === undefined) return `they could not be kept: ${problem}`
  return `the whole output is in ${path}${problem === undefined ? '' : `, not complete: ${problem}`}`
}
