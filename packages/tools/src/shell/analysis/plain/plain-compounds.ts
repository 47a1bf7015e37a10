import { find, isAt, must, take, type Cursor } from './cursor.ts'
import { isMore, readRedirect } from './plain-simple.ts'
import { readBracket, readTest } from './plain-test.ts'
import { readWord, type ReadList } from './plain-words.ts'

export interface Readers {
  readonly list: ReadList
  /** What ends it is a keyword, so that the last command needs an end of its own. */
  readonly body: ReadList
}

type ReadCompound = (cursor: Cursor, readers: Readers) => boolean

/** A command that holds others, and its redirections. */
export function readCompound(cursor: Cursor, readers: Readers): boolean {
  const kind = kinds.find(([begin]) => isAt(cursor, begin))
  if (!kind) return false
  const [begin, read] = kind
  take(cursor, begin)
  if (!must(cursor, read(cursor, readers) && isAt(cursor, end))) return false
  while (isMore(cursor)) if (!must(cursor, readRedirect(cursor, readers.list))) return false
  return true
}

/** Not all read an operator right behind `esac`. */
const end = /[ \t\n;)]|$/y

/** By what they begin with. */
const kinds: readonly (readonly [RegExp, ReadCompound])[] = [
  [/\((?!\()/y, (cursor, { list }) => list(cursor) && take(cursor, /\)/y)],
  [
    /(?:(?!(?:if|for|while|until|case|select|function|time)\()[A-Za-z_]\w*\(\) )?\{(?=[ \t\n])/y,
    (cursor, { body }) => body(cursor) && take(cursor, /\}/y),
  ],
  [/if(?=[ \t\n])/y, readIf],
  [
    /(?:while|until)(?=[ \t\n])/y,
    (cursor, readers) => readers.body(cursor) && readLoopBody(cursor, readers),
  ],
  [/for[ \t]+[A-Za-z_]\w*[ \t]+in(?=[ \t])/y, readFor],
  [/case[ \t]+/y, readCase],
  [/\[\[(?=[ \t])/y, (cursor, { list }) => readTest(cursor, list)],
  [/\[(?=[ \t])/y, (cursor, { list }) => readBracket(cursor, list)],
]

function readIf(cursor: Cursor, readers: Readers): boolean {
  const { body } = readers
  do {
    if (!body(cursor) || !take(cursor, /then(?=[ \t\n])/y) || !body(cursor)) return false
  } while (take(cursor, /elif(?=[ \t\n])/y))
  return (!take(cursor, /else(?=[ \t\n])/y) || body(cursor)) && take(cursor, /fi/y)
}

function readLoopBody(cursor: Cursor, { body }: Readers): boolean {
  return take(cursor, /do(?=[ \t\n])/y) && body(cursor) && take(cursor, /done/y)
}

function readFor(cursor: Cursor, readers: Readers): boolean {
  do if (!isMore(cursor) || !readWord(cursor, readers.list)) return false
  while (isAt(cursor, /[ \t]+[^\s;]/y))
  return take(cursor, /[ \t]*[;\n][ \t\n]*/y) && readLoopBody(cursor, readers)
}

const pattern = /(?:[\w./*?-]+|\[[\w-]+\]|'[\w ./*?-]*'|"[\w ./*?-]*")+/y

function readCase(cursor: Cursor, { list }: Readers): boolean {
  if (!readWord(cursor, list) || !take(cursor, /[ \t]+in[ \t\n]+/y)) return false
  while (!isAt(cursor, /esac/y)) {
    do {
      const start = cursor.at
      if (!take(cursor, pattern)) return false
      find(cursor, start)
    } while (take(cursor, /[ \t]*\|[ \t]*/y))
    if (!take(cursor, /\)[ \t\n]+/y) || !list(cursor)) return false
    if (!take(cursor, /;;[ \t\n]*/y)) return false
  }
  return take(cursor, /esac/y)
}
