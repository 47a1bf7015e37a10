import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode, isMissing, systemError } from './system-error.ts'

/**
 * Makes a folder of an absolute path, with those above it that are missing. Resolves to the uppermost that it made; `undefined` where the
 * folder was there. Not Node's own: that never ends where the system says of a folder below one that exists that it is missing, as
 * `/proc` does. Throws `ENOTDIR` where a file is in the way.
 */
export async function makeFolder(
  path: string,
  options: { readonly mode?: number } = {},
): Promise<string | undefined> {
  if (await isFolder(path)) return undefined
  const parent = dirname(path)
  const first = parent === path ? undefined : await makeFolder(parent, options)
  try {
    await mkdir(path, options)
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (errorCode(error) === 'EEXIST' && (await isFolder(path))) return first
    throw error
  }
  return first ?? path
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
  throw systemError('ENOTDIR', 'a file is in the place of the folder', path)
}
