import { isAt, must, take, type Cursor } from './cursor.ts'
import { readCompound, type Readers } from './plain-compounds.ts'
import { readSimple } from './plain-simple.ts'

/** The words that were found, or where the reading ended. */
export type PlainReading = { readonly words: readonly string[] } | { readonly stuckAt: number }

/**
 * A second reading of a line, by a grammar that knows nothing but the forms that every shell grammar reads in the same way: the words,
 * assignments and targets of redirections of all its commands, as they are written, in no order. It gets stuck at every other form.
 */
export function readPlainly(text: string): PlainReading {
  const cursor: Cursor = { text, at: 0, depth: 0, backquotes: 'none', failed: false, found: [] }
  take(cursor, lines)
  if (cursor.at < text.length) readList(cursor)
  const isRead = !cursor.failed && cursor.at === text.length
  return isRead ? { words: cursor.found } : { stuckAt: cursor.at }
}

const maximumDepth = 16
/** Blanks, line ends, comments on lines of their own and behind a command. */
const lines = /(?:[ \t\n]|(?<=^|[ \t\n])#[^\n]*(?=\n|$))*/y
/** What may stand behind an operator. */
const gap = /(?:[ \t\n]|(?<=[ \t])\\\n)*/y
const separator = /[ \t]*(?:;(?!;)|&(?![&>])|(?=\n)|(?=[ \t]#))/y
const closing = /$|[)}`]|;;|(?:done|fi|then|do|else|elif|esac)(?=[ \t\n;|&)]|$)/y

/** Commands one after another, up to what ends them, which is left. */
function readList(cursor: Cursor, isEndNeeded = false): boolean {
  if (++cursor.depth > maximumDepth) return must(cursor, false)
  take(cursor, lines)
  let isEnded = false
  do {
    if (!must(cursor, readChain(cursor))) return false
    isEnded = take(cursor, separator)
    take(cursor, lines)
  } while (isEnded && !isAt(cursor, closing))
  cursor.depth--
  return must(cursor, isEnded || !isEndNeeded)
}

function readChain(cursor: Cursor): boolean {
  do if (!must(cursor, readPipeline(cursor))) return false
  while (take(cursor, /[ \t]*(?:&&|\|\|)/y) && take(cursor, gap))
  return true
}

const negation = /![ \t]+(?=[\w./~'"([])(?!(?:if|for|while|until|case|time)[ \t\n]|\w+[(=])/y
const timing =
  /time[ \t]+(?:-p[ \t]+)?(?=[a-z]+(?:[ \t\n;|&)]|$))(?!(?:if|for|while|until|case|export|declare|typeset|local|readonly|unset)\b)/y

function readPipeline(cursor: Cursor): boolean {
  if (!take(cursor, negation)) take(cursor, timing)
  do if (!must(cursor, readCommand(cursor))) return false
  while (take(cursor, /[ \t]*(?:\|&|\|(?!\|))/y) && take(cursor, gap))
  return true
}

const readers: Readers = { list: readList, body: (cursor) => readList(cursor, true) }

function readCommand(cursor: Cursor): boolean {
  return readCompound(cursor, readers) || readSimple(cursor, readList)
}
