import { constants, type Stats } from 'node:fs'
import { lstat, open, readdir, rmdir, stat, unlink, type FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FileInfo, ReadFileOptions } from '../tool/workspace.ts'
import { isMissing, systemError } from './system-error.ts'

/** Reads a regular file, or the bytes from `start` to before `end`. A pipe or a device is refused: reading it may never end. */
export async function readLocalFile(path: string, options: ReadFileOptions): Promise<Uint8Array> {
  options.signal?.throwIfAborted()
  // Without O_NONBLOCK, opening a named pipe waits for somebody who writes.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat()
    if (stats.isDirectory()) throw systemError('EISDIR', 'it is a directory', path)
    if (!stats.isFile()) throw systemError('EINVAL', 'it is not a regular file', path)
    if (options.start === undefined && options.end === undefined)
      return await handle.readFile({ ...(options.signal && { signal: options.signal }) })
    return await readRange(handle, stats.size, options)
  } finally {
    await handle.close()
  }
}

async function readRange(
  handle: FileHandle,
  size: number,
  options: ReadFileOptions,
): Promise<Uint8Array> {
  const start = options.start ?? 0
  // Files of /proc have content and no size.
  const end = size === 0 ? (options.end ?? Infinity) : Math.min(options.end ?? size, size)
  const pieces: Uint8Array[] = []
  for (let at = start; at < end;) {
    options.signal?.throwIfAborted()
    const piece = new Uint8Array(size === 0 ? Math.min(end - at, 65_536) : end - at)
    const { bytesRead } = await handle.read(piece, 0, piece.length, at)
    if (bytesRead === 0) break
    pieces.push(piece.subarray(0, bytesRead))
    at += bytesRead
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
}

export async function statLocal(path: string): Promise<FileInfo | null> {
  try {
    return describe(basename(path), await stat(path))
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

export async function readLocalDirectory(path: string): Promise<readonly FileInfo[]> {
  const names = await readdir(path)
  const entries = await Promise.all(names.toSorted().map((name) => describeEntry(path, name)))
  return entries.filter((entry) => entry !== null)
}

/** `null` for what was removed since the folder was read. */
async function describeEntry(folder: string, name: string): Promise<FileInfo | null> {
  try {
    return describe(name, await lstat(join(folder, name)))
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function describe(name: string, stats: Stats): FileInfo {
  return {
    name,
    kind: kindOf(stats),
    size: stats.size,
    modified: stats.mtimeMs,
    mode: stats.mode & 0o7777,
  }
}

function kindOf(stats: Stats): FileInfo['kind'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'symlink' : 'other'
}

export async function removeLocal(path: string): Promise<void> {
  const stats = await lstat(path)
  await (stats.isDirectory() ? rmdir(path) : unlink(path))
}
