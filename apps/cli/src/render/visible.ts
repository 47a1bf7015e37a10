import { picture, visible } from '@harnext/core'

export { visible }

const spaces = /[\t\n\v\f\r ]+/g

/** The text on one line, each run of white space one space, cut to `length` characters. */
export function visibleLine(text: string, length: number): string {
  // Megabytes need not be looked at for what is cut off.
  const line = text
    .slice(0, 4 * length)
    .replace(spaces, ' ')
    .trim()
  const isCut = line.length > length || text.length > 4 * length
  return visible(isCut ? `${line.slice(0, length - 1)}…` : line)
}

/** The text on one line, letter by letter: what a person agrees to is shown as it is. */
export function visibleExactly(text: string): string {
  return visible(text).replace(/[\n\t]/g, picture)
}
