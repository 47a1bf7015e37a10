/* oxlint-disable no-control-regex -- control characters are what this file is about */

/** What moves a cursor, changes a colour or turns the direction of writing, but for line ends and tabs. */
const hidden = /[\0-\x08\x0B-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]/g
const lineEnds = /\r\n/g
const spaces = /[\t\n\v\f\r ]+/g

/**
 * A text that came from a model, a tool or a file, so that nothing in it can drive a terminal: control characters are shown as their
 * pictures, others by their number. Line ends and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(lineEnds, '\n').replace(hidden, picture)
}

/** The same on one line, each run of white space one space, cut to `length` characters. */
export function visibleLine(text: string, length: number): string {
  // Megabytes need not be looked at for what is cut off.
  const line = text
    .slice(0, 4 * length)
    .replace(spaces, ' ')
    .trim()
  const isCut = line.length > length || text.length > 4 * length
  return visible(isCut ? `${line.slice(0, length - 1)}…` : line)
}

/** The same on one line, letter by letter: what a person agrees to is shown as it is. */
export function visibleExactly(text: string): string {
  return visible(text).replace(/[\n\t]/g, picture)
}

function picture(char: string): string {
  const code = char.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
