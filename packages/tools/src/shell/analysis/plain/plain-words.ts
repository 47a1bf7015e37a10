import { find, isAt, must, take, type Cursor } from './cursor.ts'

/** Reads the commands of a substitution. */
export type ReadList = (cursor: Cursor) => boolean

const character = /[\p{L}\p{N}_./:@%+,^~-]+/uy
/** Where a word begins or ends, an equals sign may be an assignment or an operator. */
const equals = /(?<=[\p{L}\p{N}_./:@%+,-])=(?=[\p{L}\p{N}_./:@%+,"'$~{*-])/uy
const emptyValue = /(?<=[ \t]-{1,2}\w[\w-]*)=(?=[ \t\n;|&)]|$)/y
const glob = /\*+|\?|\[[!^]?[\w.-]+\]/y
/** Choices; what Git has behind `@`; what xargs puts in. */
const braces =
  /\{[\w./@+-]*(?:,[\w./@+-]*)+\}|\{\d+\.\.\d+\}|(?<=@)\{(?:u|upstream|push|\d+)\}|(?<= -I)\{\}/y
/** Behind quotes and expansions a backslash is not seen by all. */
const escaped =
  /(?<=[ \t\p{L}\p{N}_./])\\[()[\]{}*?.+;|&!#^~<>-]|(?<=[\p{L}\p{N}_./])\\ (?=[\p{L}\p{N}_.])/uy
const singleQuoted = /'[^']*'/y
const codedText = /\$'(?:[^'\\]|\\[a-z0-9])*'/y
const lone = /(?:\{\}|!|-|=|\+)(?=[ \t\n;|&)]|$)/y
const end = /[ \t\n;|)]|&(?!>)|$/y

/** It ends something for some. */
const unseen = /esac(?![\w./-])/y
/** A dash at the end of a word is not seen by all where the next one begins with some marks. */
const unseenDash = /(?<=-)[ \t]+(?:[^\s\w./'";|&)-]|\d)/y

/** A word that ends where every shell grammar ends it. */
export function readWord(cursor: Cursor, readList: ReadList, start: number = cursor.at): boolean {
  const begin = cursor.at
  if (isAt(cursor, unseen)) return false
  if (!take(cursor, lone) && !readBackquoted(cursor, readList)) {
    while (take(cursor, character) || take(cursor, equals));
    // A second expansion may be read as the end of the first, and so may be marks before and behind it.
    if (readExpansion(cursor, readList)) {
      must(cursor, isEnd(cursor) || isAt(cursor, afterVariable))
      while (readText(cursor, readList));
    } else while (take(cursor, escaped) || readText(cursor, readList));
  }
  const isRead = isEnd(cursor) && !isAt(cursor, unseenDash)
  return cursor.at > begin && must(cursor, isRead) && find(cursor, start)
}

const afterVariable = /(?<!\$[0-9@*#?$!])[\w./:=@%+,~^-]/y

function isEnd(cursor: Cursor): boolean {
  return isAt(cursor, end) || (cursor.backquotes === 'open' && isAt(cursor, /`/y))
}

function readText(cursor: Cursor, readList: ReadList): boolean {
  return (
    take(cursor, character) ||
    take(cursor, singleQuoted) ||
    take(cursor, equals) ||
    take(cursor, emptyValue) ||
    take(cursor, glob) ||
    take(cursor, braces) ||
    take(cursor, codedText) ||
    readDoubleQuoted(cursor, readList)
  )
}

const quotedText = /[^"\\$`]+|\\[^\n]|\$(?=["|)])/y

function readDoubleQuoted(cursor: Cursor, readList: ReadList): boolean {
  if (!take(cursor, /"/y)) return false
  while (
    take(cursor, quotedText) ||
    readExpansion(cursor, readList) ||
    readBackquoted(cursor, readList)
  );
  return must(cursor, take(cursor, /"/y))
}

const plainOperand = /\*?[\w./-]+\*?|'[^']*'|\$(?:[A-Za-z_]\w*|[0-9?#])/y

/** What is compared. */
export function readOperand(cursor: Cursor, readList: ReadList): boolean {
  const start = cursor.at
  const isRead = take(cursor, plainOperand) || readDoubleQuoted(cursor, readList)
  return isRead && isAt(cursor, /[ \t]/y) && find(cursor, start)
}

const variable = /\$[A-Za-z_]\w*/y
const special = /\$[0-9@*#?$!]/y
const afterSpecial = /(?=[\s"',:.;|&)`]|$)/y
const parameter =
  /\$\{(?:#?(?:[A-Za-z_]\w*(?:\[(?:\d+|[@*])\])?|[0-9@*#])|[A-Za-z_]\w*(?::?[-+][\w./-]*|%%?[\w./*?-]+|##?[\w./*?-]+|\/\/?[\w.-]+\/[\w.-]*|:\d+(?::\d+)?|\^\^?|,,?|@[QULu]))\}/y
const sum = /\$\(\( ?\d+(?: ?(?:[-+/%]|\*\*?) ?\d+)* ?\)\)/y

function readExpansion(cursor: Cursor, readList: ReadList): boolean {
  return (
    take(cursor, variable) ||
    (take(cursor, special) && must(cursor, isAt(cursor, afterSpecial))) ||
    take(cursor, parameter) ||
    take(cursor, sum) ||
    readInside(cursor, readList, /\$\((?!\()/y, /\)/y)
  )
}

/** `<(…)`, as a word. */
export function readProcess(cursor: Cursor, readList: ReadList): boolean {
  const start = cursor.at
  return readInside(cursor, readList, /[<>]\(/y, /\)/y) && isEnd(cursor) && find(cursor, start)
}

function readInside(cursor: Cursor, readList: ReadList, open: RegExp, close: RegExp): boolean {
  const start = cursor.at
  return (
    take(cursor, open) &&
    must(cursor, readList(cursor) && take(cursor, close) && !hasCase(cursor, start))
  )
}

/** Its patterns end with a bracket that may be taken for the end of the substitution. */
function hasCase({ text, at }: Cursor, start: number): boolean {
  return /\bcase\b/.test(text.slice(start, at))
}

/** One command of plain words, once in a line: which of several belong together is not read in the same way everywhere. */
function readBackquoted(cursor: Cursor, readList: ReadList): boolean {
  if (cursor.backquotes !== 'none' || !isAt(cursor, /`[\w ./:@%+,-]+`/y)) return false
  cursor.backquotes = 'open'
  const isRead = readInside(cursor, readList, /`/y, /`/y)
  cursor.backquotes = 'read'
  return isRead
}
