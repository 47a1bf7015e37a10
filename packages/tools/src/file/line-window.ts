import { ownCopy } from './own-copy.ts'

/** What is kept of one line. */
export const maxLineLength = 2000
/** What is kept altogether, in characters. */
const maxWindowLength = 100_000

/** A line without its end. `length` is that of the whole line, of which `text` may be the beginning. */
interface WindowLine {
  readonly text: string
  readonly length: number
}

/** Takes a text piece by piece and keeps the lines of a window; what lies outside is only counted. */
export class LineWindow {
  readonly lines: WindowLine[] = []
  /** Lines that have begun so far. */
  total = 0
  /** It is full, and there is more text. */
  done = false
  readonly #first: number
  readonly #limit: number
  #size = 0
  #text = ''
  #length = 0

  /** `first` counts from 1. */
  constructor(first: number, limit: number) {
    this.#first = first
    this.#limit = limit
  }

  add(piece: string): void {
    let start = 0
    while (start < piece.length && !this.done) {
      const end = piece.indexOf('\n', start)
      this.#grow(piece.slice(start, end < 0 ? piece.length : end))
      if (end >= 0) this.#close()
      start = end < 0 ? piece.length : end + 1
      if (this.#isFull() && start < piece.length) this.done = true
    }
  }

  /** The last line may have no end. */
  finish(): void {
    if (this.#length > 0 && !this.done) this.#close()
  }

  #grow(part: string): void {
    if (this.#isFull() && part !== '') this.done = true
    this.#length += part.length
    if (this.#isWanted() && this.#text.length < maxLineLength)
      this.#text += part.slice(0, maxLineLength - this.#text.length)
  }

  #close(): void {
    this.total++
    if (this.total >= this.#first && !this.#isFull()) {
      const text = this.#text.endsWith('\r') ? this.#text.slice(0, -1) : this.#text
      const length = this.#length - (this.#text.length - text.length)
      this.lines.push({ text: ownCopy(text), length })
      this.#size += text.length + 8
    }
    this.#text = ''
    this.#length = 0
  }

  #isWanted(): boolean {
    return this.total + 1 >= this.#first && !this.#isFull()
  }

  #isFull(): boolean {
    return this.lines.length >= this.#limit || this.#size >= maxWindowLength
  }
}
