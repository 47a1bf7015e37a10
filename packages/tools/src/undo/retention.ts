import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Of all sessions together; bytes. */
const maxStored = 1024 ** 3
/** Milliseconds. */
const maxAge = 30 * 24 * 60 * 60 * 1000

interface StoredSession {
  readonly folder: string
  readonly size: number
  readonly changed: number
}

/**
 * Makes room for another session: what is older than 30 days goes, then the oldest until all together have no more than a gigabyte.
 * Only what undo keeps is touched, never a session.
 */
export async function prune(
  root: string,
  limits: { readonly maxStored: number; readonly maxAge: number; readonly now: number } = {
    maxStored,
    maxAge,
    now: Date.now(),
  },
): Promise<void> {
  const sessions = await storedSessions(root)
  let total = 0
  for (const { folder, size, changed } of sessions.toSorted((a, b) => b.changed - a.changed)) {
    total += size
    if (total > limits.maxStored || limits.now - changed > limits.maxAge)
      await rm(folder, { recursive: true, force: true })
  }
}

async function storedSessions(root: string): Promise<readonly StoredSession[]> {
  const names = await orMissing(readdir(root))
  const found = await Promise.all(
    (names ?? []).map(async (name) => {
      const folder = join(root, name)
      const [journal, contents] = await Promise.all(
        ['journal.jsonl', 'contents'].map((file) => orMissing(stat(join(folder, file)))),
      )
      if (!journal) return []
      const size = journal.size + (contents?.size ?? 0)
      return [{ folder, size, changed: journal.mtimeMs }]
    }),
  )
  return found.flat()
}

async function orMissing<T>(looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
