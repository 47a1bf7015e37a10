import { take, type Cursor } from './cursor.ts'
import { readWord, type ReadList } from './plain-words.ts'

const delimiter = /([\w-]+)|'([\w.-]+)'|"([\w.-]+)"/y

/** What stands behind `<<`: its text begins on the next line; a file and other commands may stand before that. */
export function readHereDocument(
  cursor: Cursor,
  readList: ReadList,
  readCommand: (cursor: Cursor, readList: ReadList, takesText: boolean) => boolean,
): boolean {
  delimiter.lastIndex = cursor.at
  const found = delimiter.exec(cursor.text)
  if (!found) return false
  cursor.at = delimiter.lastIndex
  const [, open, ...quoted] = found
  const name = open ?? quoted.find((each) => each !== undefined) ?? ''
  const start = cursor.at
  const isKept = take(cursor, /[ \t]+>>?[ \t]*/y)
  if (isKept && !readWord(cursor, readList)) return false
  // Not all read a pipe behind a file, nor an operator that follows the name at once as one.
  const operator = isKept ? /[ \t]+(?:&&|\|\|)[ \t]+/y : /[ \t]+(?:&&|\|\|?)[ \t]+/y
  while (take(cursor, operator)) if (!readCommand(cursor, readList, false)) return false
  // Which of several lines are its own is not the same everywhere.
  if (cursor.text.slice(start, cursor.at).includes('\n') || !take(cursor, /[ \t]*\n/y)) return false
  const close = new RegExp(`${name.replaceAll('.', '\\.')}(?=\\n|$)`, 'y')
  while (!take(cursor, close)) {
    const line = cursor.at
    if (!take(cursor, open ? openLine : quotedLine)) return false
    // A line that holds the name is taken for the last one by some.
    if (cursor.text.slice(line, cursor.at).includes(name)) return false
  }
  return true
}

/** Not all take a line for text that begins with a backslash. */
const quotedLine = /(?!\\)[^\n]*\n/y

/** A line in which variables are replaced. Which commands are in it is not seen by all. */
const openLine = /(?:[^\\$`\n]|\\\$(?=[A-Za-z_])|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*\n/y
