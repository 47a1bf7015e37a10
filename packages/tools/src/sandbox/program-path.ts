import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { isBelow } from '@harnext/core'

/** From the search path, but not from a root: what an agent can write must not be what holds it. */
export function programPath(
  name: string,
  searchPath: string,
  roots: readonly string[],
): string | null {
  for (const folder of searchPath.split(delimiter)) {
    const program = join(folder, name)
    if (!isAbsolute(program) || !isProgram(program)) continue
    const real = realpathSync(program)
    if (!roots.some((root) => isBelow(real, root))) return real
  }
  return null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there, or not to be run: the next folder.
    return false
  }
}
