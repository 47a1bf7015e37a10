import type { Workspace } from '@harnext/core'
import { displayPath } from '../file/target.ts'
import type { LeftOut } from './walk.ts'

/** What a search did not look at, for the model. */
export function leftOutNotes(left: LeftOut, workspace: Workspace): readonly string[] {
  const notes: string[] = []
  if (left.sensitive > 0)
    notes.push(`${files(left.sensitive)} that may hold secrets left out; name one to read it`)
  const { unreadable } = left
  if (unreadable.length > 0) {
    const some = unreadable
      .toSorted()
      .slice(0, 3)
      .map((path) => displayPath(path, workspace))
    const more = unreadable.length > some.length ? ', …' : ''
    notes.push(`no permission to read ${unreadable.length}: ${some.join(', ')}${more}`)
  }
  if (left.truncated) notes.push('the folder is too large to see all of it; take one inside it')
  return notes
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
