import { find, isAt, take, type Cursor } from './cursor.ts'
import { readOperand, type ReadList } from './plain-words.ts'

const unary = /-[a-hknprstuwxzLSGO](?= )/y
const binary = /(?:=|==|!=|=~|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))(?= )/y

/** `[ … ]`, which is a command, so that all of it is words. */
export function readBracket(cursor: Cursor, readList: ReadList): boolean {
  cursor.found.push('[', ']')
  return readConditions(cursor, readList, takeWord, /-[ao](?= )/y) && take(cursor, /\]/y)
}

/** `[[ … ]]`, which has operators. */
export function readTest(cursor: Cursor, readList: ReadList): boolean {
  return readConditions(cursor, readList, take, /&&|\|\|/y) && take(cursor, /\]\]/y)
}

function takeWord(cursor: Cursor, pattern: RegExp): boolean {
  const start = cursor.at
  return take(cursor, pattern) && find(cursor, start)
}

function readConditions(
  cursor: Cursor,
  readList: ReadList,
  operator: typeof take,
  joining: RegExp,
): boolean {
  const blank = (): boolean => take(cursor, / /y)
  const operand = (): boolean => !isAt(cursor, /[!=-]/y) && readOperand(cursor, readList) && blank()
  do {
    if (!blank()) return false
    if (operator(cursor, /!(?= )/y)) blank()
    if (operator(cursor, unary) && !blank()) return false
    if (!operand()) return false
    if (operator(cursor, binary) && !(blank() && operand())) return false
  } while (operator(cursor, joining))
  return true
}
