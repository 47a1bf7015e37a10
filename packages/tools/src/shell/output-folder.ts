import { lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Output that nobody has written to for so long is removed: three days, in milliseconds. */
const keptMs = 3 * 24 * 60 * 60 * 1000

/**
 * The folder for what commands of a session said beyond what is shown. It belongs to the session: it is removed with it, and otherwise
 * when nothing was added for three days. Nobody else may look into it. Throws when it cannot be made.
 */
export function outputFolder(sessionId: string): string {
  const parent = parentFolder()
  mkdirSync(parent, { mode: 0o700, recursive: true })
  const stats = lstatSync(parent)
  const own = process.getuid?.() ?? stats.uid
  if (!stats.isDirectory() || stats.uid !== own || (stats.mode & 0o077) !== 0)
    throw new Error(`${parent} is not a folder of this user alone`)
  const folder = join(parent, safeName(sessionId))
  if (statSync(folder, { throwIfNoEntry: false })) return folder
  removeOld(parent)
  mkdirSync(folder, { mode: 0o700, recursive: true })
  return folder
}

/** Removes what commands of a session said. */
export function removeOutput(sessionId: string): void {
  rmSync(join(parentFolder(), safeName(sessionId)), { recursive: true, force: true })
}

/** In one folder a user, because the temporary folder belongs to all. */
function parentFolder(): string {
  return join(tmpdir(), `harnext-output-${process.getuid?.() ?? userInfo().username}`)
}

/** An id may be any text, and must not lead elsewhere. */
export function safeName(id: string): string {
  return id.replace(/[^\w-]/g, '_').slice(0, 100) || '_'
}

function removeOld(parent: string): void {
  const oldest = Date.now() - keptMs
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name)
    const files = [folder, ...readdirSync(folder).map((file) => join(folder, file))]
    // Another process may remove it at the same time.
    const isOld = files.every(
      (path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < oldest,
    )
    if (isOld) rmSync(folder, { recursive: true, force: true })
  }
}
