import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { errorCode, isMissing, systemError } from './system-error.ts'

const maxLinks = 40

/**
 * The real path of an absolute path, also of what does not exist: its deepest existing ancestor with every link resolved, and the
 * rest appended. `link/..` is the parent of the link's target, as it is for the operating system. A link whose target is missing
 * counts as that target, because a write through it would create the target.
 */
export async function realPath(path: string, links: number = maxLinks): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const parent = await realPath(dirname(path), links)
  const name = basename(path)
  if (name === '..') return dirname(parent)
  if (name === '.' || name === '') return parent
  const target = await linkTarget(join(parent, name))
  if (target === null) return join(parent, name)
  if (links === 0) throw systemError('ELOOP', 'too many symbolic links', path)
  return realPath(isAbsolute(target) ? target : `${parent}/${target}`, links - 1)
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return await readlink(path)
  } catch (error) {
    if (isMissing(error) || errorCode(error) === 'EINVAL') return null
    throw error
  }
}
