import { ownCopy } from '../file/own-copy.ts'
import { Spill } from './spill.ts'

/** What is kept of each end, in characters. */
const endLength = 16_384
/** How much of the end is reported while it runs. */
const reportLength = 2000

/** Keeps the two ends of a text of any length; what is longer goes to a file as a whole. Memory stays the same. */
export class OutputEnds {
  #head = ''
  #tail = ''
  #total = 0
  #spill: Spill | undefined

  add(text: string): void {
    if (text === '') return
    this.#total += text.length
    if (!this.#spill && this.#total > 2 * endLength) {
      this.#spill = new Spill()
      this.#spill.add(this.#head + this.#tail)
    }
    this.#spill?.add(text)
    const room = endLength - this.#head.length
    if (room > 0) this.#head += text.slice(0, room)
    // Cut seldom, so that many small pieces do not copy the whole tail each time.
    this.#tail += room > 0 ? text.slice(room) : text
    if (this.#tail.length > 4 * endLength) this.#tail = this.#tail.slice(-2 * endLength)
  }

  /** The newest of it, for whoever watches. */
  recent(): string {
    return ownCopy((this.#head + this.#tail).slice(-reportLength)).toWellFormed()
  }

  /** The text, or its two ends and where all of it is. */
  finish(): string {
    this.close()
    if (!this.#spill) return this.#head + this.#tail
    const head = this.#head.slice(0, wholeLines(this.#head.lastIndexOf('\n') + 1, endLength))
    const end = this.#tail.slice(-endLength)
    const tail = end.slice(endLength - wholeLines(endLength - end.indexOf('\n') - 1, endLength))
    const left = this.#total - head.length - tail.length
    return `${head}\n[… ${left} characters left out; ${whereabouts(this.#spill)} …]\n\n${tail}`.toWellFormed()
  }

  /** Lets go of the file. */
  close(): void {
    this.#spill?.close()
  }
}

/** A cut between lines, unless it costs more than half. */
function wholeLines(length: number, all: number): number {
  return length > all / 2 ? length : all
}

function whereabouts({ path, problem }: Spill): string {
  if (path === undefined) return `they could not be kept: ${problem}`
  return `the whole output is in ${path}${problem === undefined ? '' : `, not complete: ${problem}`}`
}
