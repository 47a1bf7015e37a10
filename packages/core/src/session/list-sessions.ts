import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { folderOf, logSuffix, namesIn } from './session-files.ts'
import { keyOf, SessionIndex, type LogFile } from './session-index.ts'
import { summarize } from './session-summary.ts'
import type { SessionSummary } from './store.ts'

/** How many logs are looked at side by side: more would only wait for the thread pool, and hold handles. */
const openedAtOnce = 16
/** Fewer logs are read sooner than an index is opened. */
const leastIndexed = 100

/** All sessions, or those of one working directory, newest first. */
export async function listSessions(root: string, cwd?: string): Promise<readonly SessionSummary[]> {
  const folders = cwd === undefined ? namesIn(root) : [basename(folderOf(root, cwd))]
  const files = folders.flatMap((folder) => logsIn(root, folder))
  const summaries =
    files.length < leastIndexed
      ? (await readLogs(root, files)).map(({ summary }) => summary)
      : await listByIndex(root, folders, files)
  return summaries.toSorted((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
}

async function listByIndex(
  root: string,
  folders: readonly string[],
  files: readonly LogFile[],
): Promise<readonly SessionSummary[]> {
  const index = new SessionIndex(root)
  try {
    const known = new Map(index.read(folders))
    const summaries: SessionSummary[] = []
    const changed: LogFile[] = []
    for (const file of files) {
      const entry = known.get(keyOf(file))
      known.delete(keyOf(file))
      if (entry?.size === file.size && entry.mtimeMs === file.mtimeMs) summaries.push(entry.summary)
      else changed.push(file)
    }
    const found = await readLogs(root, changed)
    const gone = [...known.keys()].map((key) => {
      const end = key.indexOf('/')
      return { folder: key.slice(0, end), name: key.slice(end + 1) }
    })
    index.write(found, gone)
    return [...summaries, ...found.map(({ summary }) => summary)]
  } finally {
    index.close()
  }
}

async function readLogs(
  root: string,
  files: readonly LogFile[],
): Promise<readonly { readonly file: LogFile; readonly summary: SessionSummary }[]> {
  const found: { readonly file: LogFile; readonly summary: SessionSummary }[] = []
  const next = files.values()
  const reader = async (): Promise<void> => {
    for (const file of next) {
      const { folder, name } = file
      const summary = await summarize(join(root, folder, name), basename(name, logSuffix))
      if (summary) found.push({ file, summary })
    }
  }
  await Promise.all(Array.from({ length: openedAtOnce }, reader))
  return found
}

/** Synchronous: one look costs some microseconds, a tenth of what handing it to the thread pool does. */
function logsIn(root: string, folder: string): readonly LogFile[] {
  const path = join(root, folder)
  const files: LogFile[] = []
  for (const name of namesIn(path)) {
    if (!name.endsWith(logSuffix)) continue
    // Not `join`, which takes as long as the look itself.
    const stats = statSync(`${path}/${name}`, { throwIfNoEntry: false })
    if (stats?.isFile()) files.push({ folder, name, size: stats.size, mtimeMs: stats.mtimeMs })
  }
  return files
}
