import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isMissing, systemError } from './system-error.ts'

/**
 * The absolute path of the file that a command names, looked for in `PATH` when the name has no slash. Throws `ENOENT` when there is
 * none and `EACCES` when what is there cannot be executed.
 */
export async function findProgram(
  program: string,
  cwd: string,
  environment: { readonly [name: string]: string },
): Promise<string> {
  const path = environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'
  const named = program.includes('/')
  let refused = false
  for (const folder of named ? [''] : path.split(':')) {
    const candidate = resolve(cwd, folder, program)
    const found = await look(candidate)
    if (found === 'program') return candidate
    // A folder of PATH that may not be entered is passed over, as a shell does.
    refused ||= found === 'plain' || (found === 'hidden' && named)
  }
  if (refused) throw systemError('EACCES', 'it cannot be executed', program)
  throw systemError('ENOENT', 'there is no such program', program)
}

async function look(path: string): Promise<'program' | 'plain' | 'hidden' | 'nothing'> {
  try {
    if (!(await stat(path)).isFile()) return 'nothing'
  } catch (error) {
    return isMissing(error) ? 'nothing' : 'hidden'
  }
  return access(path, constants.X_OK).then(
    () => 'program',
    () => 'plain',
  )
}

/** Throws when a command cannot begin in `cwd`; the operating system would name the program instead. */
export async function requireFolder(cwd: string): Promise<void> {
  const stats = await stat(cwd).catch((error: unknown) => {
    if (isMissing(error)) throw systemError('ENOENT', 'there is no such working directory', cwd)
    throw error
  })
  if (!stats.isDirectory()) throw systemError('ENOTDIR', 'the working directory is a file', cwd)
}
