import { codeOf } from '../file/failure.ts'
import { walkTree } from '../tree/walk.ts'
import type { FoundFile } from './found.ts'
import { lineMatcher, type LineMatcher } from './line-matcher.ts'
import type { Results, Search } from './search.ts'
import { lineBlocks } from './text-blocks.ts'

/** The search without ripgrep, for any workspace. */
export async function scanTree(search: Search, results: Results): Promise<void> {
  const { workspace, folder, glob, signal } = search
  const match = lineMatcher(search.pattern)
  const walk = { workspace, folder, signal, ...(glob && { pattern: glob }) }
  for await (const { path } of walkTree(walk, results.left)) {
    const found = results.begin(path)
    try {
      if (!(await scanFile(found, match, search))) continue
    } catch (error) {
      if (signal.aborted || error instanceof RangeError) throw error
      // It was removed meanwhile.
      if (codeOf(error) !== 'ENOENT') results.left.unreadable.push(path)
      continue
    }
    if (!results.add(found)) return
  }
}

/** Searches one file. False when it is binary. */
export async function scanFile(
  found: FoundFile,
  match: LineMatcher,
  { workspace, context, signal }: Pick<Search, 'workspace' | 'context' | 'signal'>,
): Promise<boolean> {
  let number = 0
  // Lines that have not been shown and may become the context of a match.
  const before: string[] = []
  // Lines after the last match that are its context.
  let after = 0
  for await (const lines of lineBlocks(found.path, workspace, signal)) {
    if (lines === null) return false
    for (const [index, place] of match(lines).entries()) {
      const text = lines[index] ?? ''
      number++
      if (place >= 0) {
        for (const [position, line] of before.entries())
          found.add(number - before.length + position, line, null)
        before.length = 0
        found.add(number, text, place)
        after = context
        if (found.isOver()) return true
      } else if (after > 0) {
        found.add(number, text, null)
        after--
      } else if (context > 0) {
        before.push(text)
        if (before.length > context) before.shift()
      }
    }
  }
  return true
}
