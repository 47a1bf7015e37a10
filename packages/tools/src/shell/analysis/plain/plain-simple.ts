import { find, isAt, must, take, type Cursor } from './cursor.ts'
import { readHereDocument } from './plain-texts.ts'
import { readProcess, readWord, type ReadList } from './plain-words.ts'

const keyword =
  /(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|in|function|select|time|coproc)(?![\w./~+-])/y
const programName =
  /(?:[A-Za-z_./~][\w./~+-]*|:|'[\w./ +-]+'|"[\w./ +-]+")(?=[ \t\n;|)`]|&(?!>)|$)/y
const assignment = /[A-Za-z_]\w*=/y
const declaring = /(?:export|declare|typeset|local|readonly|unset)(?=[ \t\n;|&)`]|$)/y
const declared = /(?:-[A-Za-z]+|(?!esac)[A-Za-z_]\w*)(?=[ \t\n;|&)`]|$)/y

/** Assignments, a program, its arguments, and then redirections. */
export function readSimple(cursor: Cursor, readList: ReadList, takesText = true): boolean {
  let [start, count] = [cursor.at, 0]
  while (take(cursor, assignment)) {
    if (!must(cursor, readWord(cursor, readList, start))) return false
    count++
    // Several that stand alone are not ended in the same way everywhere.
    if (!isMore(cursor)) return must(cursor, count === 1)
    start = cursor.at
  }
  const isDeclaration = isAt(cursor, declaring)
  if (isAt(cursor, keyword) || !take(cursor, programName)) return false
  find(cursor, start)
  while (isMore(cursor) && !isAt(cursor, redirection)) {
    const isRead = isDeclaration ? readDeclared(cursor, readList) : readArgument(cursor, readList)
    if (!must(cursor, isRead)) return false
  }
  if (isDeclaration && isAt(cursor, /<</y)) return must(cursor, false)
  if (take(cursor, /<<<[ \t]*/y)) return must(cursor, readWord(cursor, readList))
  while (isAt(cursor, redirection) || isMore(cursor)) {
    if (takesText && take(cursor, /<<[ \t]*(?=[\w'"])/y))
      return must(cursor, readHereDocument(cursor, readList, readSimple))
    if (!must(cursor, readRedirect(cursor, readList))) return false
  }
  return true
}

function readArgument(cursor: Cursor, readList: ReadList): boolean {
  return readProcess(cursor, readList) || readWord(cursor, readList)
}

function readDeclared(cursor: Cursor, readList: ReadList): boolean {
  const start = cursor.at
  if (take(cursor, assignment)) return readWord(cursor, readList, start)
  return take(cursor, declared) && find(cursor, start)
}

const redirection = /[12]?(?:<(?!\()|>(?!\())|&>/y
/** With a line end that a backslash takes back, where a blank stands before it. */
const blanks = /(?:[ \t]|(?<=[ \t])\\\n)+/y
const another = /(?:[ \t]|(?<=[ \t])\\\n)+(?!$|[ \t\n;|)#]|&(?!>)|\\\n)/y

/** Another word behind blanks, which are read. */
export function isMore(cursor: Cursor): boolean {
  const isNone = cursor.backquotes === 'open' && isAt(cursor, /[ \t]+`/y)
  return !isNone && isAt(cursor, another) && must(cursor, take(cursor, blanks))
}

export function readRedirect(cursor: Cursor, readList: ReadList): boolean {
  if (take(cursor, /[12]?>&/y)) {
    const start = cursor.at
    return take(cursor, /[12](?=[ \t\n;|)`]|$|&(?!>))/y) && find(cursor, start)
  }
  if (!take(cursor, /(?:[12]?(?:>>|>\||>(?![>&|(])|<(?![<&>(]))|&>>?)[ \t]*/y)) return false
  return readArgument(cursor, readList)
}
