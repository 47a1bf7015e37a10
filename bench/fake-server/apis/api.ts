/** How one vendor's API streams an answer, as text. */
export interface Api {
  /** Below the address of a script. */
  readonly path: RegExp
  readonly contentType: string
  /** An answer that calls the tool with `{ "i": turn }`. */
  call(turn: number, tool: string): readonly string[]
  /** An answer of text is what `begin` says, its deltas, and what `end` says. */
  begin(turn: number): readonly string[]
  delta(text: string): string
  end(turn: number, text: string): readonly string[]
}
