/** A text whose line ends were made `\n`, and where each place of it stood before. */
export interface PlainText {
  readonly text: string
  /** What most lines of the original end with. */
  readonly lineEnd: '\n' | '\r\n'
  readonly original: string
  /** Places in `text` of each `\n` that was `\r\n`, ascending. */
  readonly dropped: readonly number[]
}

export interface Place {
  readonly start: number
  readonly end: number
}

export function plainText(original: string): PlainText {
  const dropped: number[] = []
  for (let at = original.indexOf('\r\n'); at >= 0; at = original.indexOf('\r\n', at + 2))
    dropped.push(at - dropped.length)
  const text = dropped.length ? original.replaceAll('\r\n', '\n') : original
  const lines = countOf(text, '\n')
  return { text, original, dropped, lineEnd: dropped.length * 2 > lines ? '\r\n' : '\n' }
}

/** All places in the plain text, from the front, none overlapping another. */
export function findAll(text: string, wanted: string): readonly Place[] {
  const places: Place[] = []
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length))
    places.push({ start: at, end: at + wanted.length })
  return places
}

/** The original with other text at these places. Line ends outside stay as they are, those inside are the ones of the file. */
export function replaceAt(plain: PlainText, places: readonly Place[], replacement: string): string {
  const inserted = plain.lineEnd === '\r\n' ? replacement.replaceAll('\n', '\r\n') : replacement
  const toOriginal = originalPlaces(plain.dropped)
  let result = ''
  let copied = 0
  for (const { start, end } of places) {
    result += plain.original.slice(copied, toOriginal(start)) + inserted
    copied = toOriginal(end)
  }
  return result + plain.original.slice(copied)
}

/** To be asked in ascending order. */
function originalPlaces(dropped: readonly number[]): (place: number) => number {
  let before = 0
  return (place) => {
    while (before < dropped.length && (dropped[before] ?? 0) < place) before++
    return place + before
  }
}

/** The number of the line, counted from 1, that a place lies in. */
export function lineAt(text: string, place: number): number {
  return countOf(text.slice(0, place), '\n') + 1
}

function countOf(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}
