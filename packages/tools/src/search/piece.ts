/** A piece of a pattern: what it is in both spellings, and how much of the text it took. */
export interface Piece {
  readonly javascript: string
  readonly rust: string | null
  readonly length: number
}

/** Both engines spell it the same. */
export function same(source: string, length: number): Piece {
  return { javascript: source, rust: source, length }
}
