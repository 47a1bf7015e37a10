import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, messageOf } from '../errors.ts'

// Where the files of a session are: `<home>/sessions/<hash of cwd>/<id>.jsonl`, and beside it its lock and its torn ends.

export interface SessionFiles {
  readonly folder: string
  readonly log: string
  /** An empty sqlite file. Nothing of ours may open it: closing any other handle on it would drop the lock. */
  readonly lock: string
  /** Who holds the lock, or held it last. */
  readonly lockInfo: string
}

export const logSuffix = '.jsonl'

export function sessionsFolder(home: string): string {
  return join(home, 'sessions')
}

export function folderOf(root: string, cwd: string): string {
  return join(root, createHash('sha256').update(cwd).digest('hex').slice(0, 12))
}

export function filesOf(folder: string, id: string): SessionFiles {
  const base = join(folder, id)
  return {
    folder,
    log: base + logSuffix,
    lock: `${base}.lock`,
    lockInfo: `${base}.lock.json`,
  }
}

/** The files of a session, whatever folder it was begun in. */
export function findSession(root: string, id: string): SessionFiles | null {
  // Synchronous: one look costs about a microsecond, a fortieth of what handing it to the thread pool does.
  for (const name of namesIn(root)) {
    const files = filesOf(join(root, name), id)
    if (isFile(files.log)) return files
  }
  return null
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Where the torn end that was found at `time` is kept. */
export function tornPath(files: SessionFiles, id: string, time: number): string {
  return join(files.folder, `${id}.torn-${time}`)
}

/** Only digits follow: `a.torn-1.jsonl` is the log of another session. */
export async function tornFiles(files: SessionFiles, id: string): Promise<readonly string[]> {
  const prefix = `${id}.torn-`
  const names = await readdir(files.folder)
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => join(files.folder, name))
}

/** Makes the names in a folder survive power loss. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** No such file, or a file where a folder was looked for. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** What a folder of sessions holds: nothing where there is none. Throws `ConfigError` where that cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw new ConfigError(
      `The sessions in ${folder} cannot be read: ${messageOf(error)}. Choose a home that can be read, as with HARNEXT_HOME.`,
      { cause: error },
    )
  }
}
