import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, link, open, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { WriteFileOptions } from '../tool/workspace.ts'
import { makeFolder } from './make-folder.ts'
import { realPath } from './real-path.ts'
import { errorCode, isMissing, systemError } from './system-error.ts'

/**
 * Replaces a file as a whole: a temporary file beside it is written, brought to the disk, and renamed. Through a symbolic link the
 * link's target is written. Mode and owner of a file that is there stay; its other hard links keep the old content.
 */
export async function writeLocalFile(
  path: string,
  data: Uint8Array,
  options: WriteFileOptions,
): Promise<void> {
  const target = await realPath(path)
  const old = await existing(target)
  if (old && options.exclusive) throw systemError('EEXIST', 'the file exists', target)
  const folder = dirname(target)
  await makeFolder(folder)
  // The name does not hold the file's own, which may be as long as a name can be.
  const temporary = join(folder, `.harnext-${randomBytes(6).toString('hex')}.tmp`)
  const handle = await open(temporary, 'wx', options.mode ?? 0o666)
  try {
    await fill(handle, data, old, options.mode)
    if (options.exclusive) await putExclusively(temporary, target)
    else await rename(temporary, target)
  } catch (error) {
    await unlink(temporary).catch(ignoreMissing)
    throw error
  }
  await syncFolder(folder)
}

async function existing(target: string): Promise<Stats | null> {
  let stats: Stats
  try {
    stats = await stat(target)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  if (stats.isDirectory()) throw systemError('EISDIR', 'it is a directory', target)
  if (!stats.isFile()) throw systemError('EINVAL', 'it is not a regular file', target)
  // A rename asks for no right on the file itself.
  await access(target, constants.W_OK)
  return stats
}

async function fill(
  handle: FileHandle,
  data: Uint8Array,
  old: Stats | null,
  mode: number | undefined,
): Promise<void> {
  try {
    await handle.writeFile(data)
    if (old) await keepOwner(handle, old)
    const bits = old ? old.mode & 0o7777 : mode
    if (bits !== undefined) await handle.chmod(bits)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function keepOwner(handle: FileHandle, old: Stats): Promise<void> {
  const now = await handle.stat()
  if (now.uid === old.uid && now.gid === old.gid) return
  try {
    await handle.chown(old.uid, old.gid)
  } catch (error) {
    // Only root gives files away; a file of somebody else that we may write becomes ours.
    if (errorCode(error) !== 'EPERM') throw error
  }
}

/** A link is the only way to put a finished file in place that fails when something is there. */
async function putExclusively(temporary: string, target: string): Promise<void> {
  await link(temporary, target)
  await unlink(temporary)
}

/** Makes the rename itself survive a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems cannot sync a folder.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(errorCode(error) ?? '')) throw error
  } finally {
    await handle.close()
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error
}
