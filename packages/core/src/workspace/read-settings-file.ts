import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { systemError } from './system-error.ts'

/**
 * The text of a small file that is read because of where it stands: settings, a skill, an agent. Synchronous. Throws an error like those of
 * Node's file system for what cannot be read, for a pipe or a device (a link in a project can lead to one, and reading it may never end), and
 * for a file of more than `maxBytes`.
 */
export function readSettingsFile(path: string, maxBytes = 1_000_000): string {
  // Without O_NONBLOCK, opening a named pipe waits for somebody who writes.
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(handle)
    if (stats.isDirectory()) throw systemError('EISDIR', 'it is a directory', path)
    if (!stats.isFile()) throw systemError('EINVAL', 'it is not a regular file', path)
    if (stats.size > maxBytes) {
      const sizes = `it has ${stats.size} bytes; expected at most ${maxBytes}`
      throw systemError('EFBIG', sizes, path)
    }
    return readFileSync(handle, 'utf8')
  } finally {
    closeSync(handle)
  }
}
