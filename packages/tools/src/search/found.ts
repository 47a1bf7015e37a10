import { ownCopy } from '../file/own-copy.ts'
import { readableLine } from './line-text.ts'

/** What is shown of one line. */
const maxLineLength = 500
/** How much of it before the match. */
const leadLength = 100

export interface FoundLine {
  /** Counted from 1. */
  readonly number: number
  readonly text: string
  /** False for a line that is there for context. */
  readonly matched: boolean
}

/** What was found in one file. Of a file with a million matches only the first lines are kept. */
export class FoundFile {
  readonly path: string
  readonly lines: FoundLine[] = []
  matches = 0
  readonly #room: number | null
  readonly #context: number

  /** `room`: how many matching lines are kept; `null` when they are only counted. */
  constructor(path: string, room: number | null, context: number) {
    this.path = path
    this.#room = room
    this.#context = context
  }

  /** More lines match than may be shown. */
  isOver(): boolean {
    return this.#room !== null && this.matches > this.#room
  }

  /** In the order of the file, matches and context. */
  add(number: number, text: string, match: number | null): void {
    if (match !== null) this.matches++
    if (this.#room === null || this.isOver()) return
    this.lines.push({
      number,
      text: ownCopy(readableLine(shorten(text, match ?? 0))),
      matched: match !== null,
    })
  }

  /** Takes away the context of matches that are not shown. */
  trim(): void {
    if (!this.isOver()) return
    const last = this.lines.findLast(({ matched }) => matched)?.number ?? 0
    while ((this.lines.at(-1)?.number ?? 0) > last + this.#context) this.lines.pop()
  }
}

/** A long line is cut around the match. */
function shorten(text: string, match: number): string {
  if (text.length <= maxLineLength) return text
  const start = Math.max(0, Math.min(match - leadLength, text.length - maxLineLength))
  const part = text.slice(start, start + maxLineLength).toWellFormed()
  const after = start + maxLineLength < text.length ? '…' : ''
  return `${start > 0 ? '…' : ''}${part}${after} (${text.length} characters)`
}
