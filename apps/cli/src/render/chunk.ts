/** Something to print: the model's words go to standard output, everything else to standard error. */
export interface Chunk {
  readonly to: 'stdout' | 'stderr'
  readonly text: string
}
