import type { Workspace } from '@harnext/core'
import type { PathPattern } from '../tree/path-pattern.ts'
import type { LeftOut } from '../tree/walk.ts'
import type { FoundFile } from './found.ts'
import type { SearchPattern } from './pattern.ts'

/** A search through a tree, whichever engine does it. */
export interface Search {
  readonly workspace: Workspace
  /** Absolute, real. */
  readonly folder: string
  readonly pattern: SearchPattern
  /** Of file names. */
  readonly glob?: PathPattern
  /** Lines before and after each match. */
  readonly context: number
  readonly signal: AbortSignal
}

/** Takes what is found, file by file in the order of the walk. */
export interface Results {
  readonly left: LeftOut
  begin(path: string): FoundFile
  /** Of a file without a match nothing is kept. False when there is no room for more. */
  add(file: FoundFile): boolean
}
