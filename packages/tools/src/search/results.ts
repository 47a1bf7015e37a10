import type { Workspace } from '@harnext/core'
import { displayPath } from '../file/target.ts'
import { leftOutNotes } from '../tree/notes.ts'
import { LeftOut } from '../tree/walk.ts'
import { FoundFile } from './found.ts'
import type { Results } from './search.ts'

const maxLength = 50_000
const more =
  'there are more matches than these: narrow the pattern, the path or the glob, or raise the limit'

export type OutputMode = 'content' | 'files' | 'count'

export interface ResultOptions {
  readonly mode: OutputMode
  /** Matching lines in `content`, files otherwise. */
  readonly limit: number
  readonly context: number
}

/**
 * Collects what is found as the text that the model gets: `12:` before a line that matches, `12-` before context, `--` where lines
 * between contexts are left out.
 */
export class TextResults implements Results {
  readonly left: LeftOut = new LeftOut()
  readonly #options: ResultOptions
  readonly #workspace: Workspace
  readonly #parts: string[] = []
  #length = 0
  #count = 0
  #isCut = false

  constructor(options: ResultOptions, workspace: Workspace) {
    this.#options = options
    this.#workspace = workspace
  }

  begin(path: string): FoundFile {
    const { mode, limit, context } = this.#options
    const room = mode === 'content' ? limit - this.#count : null
    return new FoundFile(path, room, context)
  }

  add(file: FoundFile): boolean {
    if (file.matches === 0) return true
    const { mode, limit } = this.#options
    if (this.#count >= limit) {
      this.#isCut = true
      return false
    }
    file.trim()
    this.#count += mode === 'content' ? Math.min(file.matches, limit - this.#count) : 1
    const text = this.#textOf(file)
    const room = maxLength - this.#length
    this.#parts.push(text.length > room ? text.slice(0, text.lastIndexOf('\n', room) + 1) : text)
    this.#length += text.length
    this.#isCut = file.isOver() || text.length > room
    return !this.#isCut
  }

  /** `No matches.`, or the lines; then what was left out. */
  text(): string {
    const { mode } = this.#options
    const notes = [...(this.#isCut ? [more] : []), ...leftOutNotes(this.left, this.#workspace)]
    const body = this.#parts.length
      ? this.#parts.join(mode === 'content' ? '\n' : '')
      : 'No matches.\n'
    return (body + notes.map((note) => `(${note})\n`).join('')).trimEnd()
  }

  #textOf(file: FoundFile): string {
    const shown = displayPath(file.path, this.#workspace)
    switch (this.#options.mode) {
      case 'files':
        return `${shown}\n`
      case 'count':
        return `${shown}:${file.matches}\n`
      case 'content':
        return `${shown}\n${this.#linesOf(file)}`
    }
  }

  #linesOf({ lines }: FoundFile): string {
    let before = 0
    return lines
      .map(({ number, text, matched }) => {
        const isGap = this.#options.context > 0 && before > 0 && before + 1 < number
        before = number
        return `${isGap ? '--\n' : ''}${number}${matched ? ':' : '-'}${text}\n`
      })
      .join('')
  }
}
