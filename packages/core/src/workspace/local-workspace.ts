import { realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute } from 'node:path'
import { ConfigError, messageOf } from '../errors.ts'
import { isBelow } from '../tool/concurrency.ts'
import type { ProcessIdentity, Workspace } from '../tool/workspace.ts'
import { childEnvironment } from './child-environment.ts'
import { readLocalDirectory, readLocalFile, removeLocal, statLocal } from './file-access.ts'
import { endEarlier } from './process-group.ts'
import { processTable } from './process-table.ts'
import { runProcess } from './process.ts'
import { realPath } from './real-path.ts'
import { systemError } from './system-error.ts'
import { writeLocalFile } from './write-file.ts'

export interface LocalWorkspaceOptions {
  /** Folders that tools may work in; the first is the working directory. */
  readonly roots: readonly string[]
  /** What `~` stands for. @default the home folder of the user who runs this process */
  readonly home?: string
  /**
   * The whole environment of child processes.
   * @default that of this process when the child starts, less what `childEnvironment` leaves out
   */
  readonly environment?: { readonly [name: string]: string }
}

/**
 * The files and processes of this machine. Paths may be absolute, relative to the first root, or begin with `~/`. Throws
 * `ConfigError` when a root is not a folder. Reading refuses what is not a regular file.
 */
export function localWorkspace(options: LocalWorkspaceOptions): Workspace {
  const roots = options.roots.map(rootFolder)
  const [cwd] = roots
  if (cwd === undefined) throw new ConfigError('A workspace needs at least one root; got none.')
  const home = realHome(options.home ?? homedir())
  const table = processTable()
  const host = {
    cwd,
    table,
    environment: () => options.environment ?? childEnvironment(process.env),
  }
  const absolute = (path: string): string => absolutePath(path, cwd, home)
  return {
    roots,
    home,
    platform: process.platform,
    async resolve(path) {
      const real = await realPath(absolute(path))
      return { path: real, inside: roots.some((root) => real === root || isBelow(real, root)) }
    },
    readFile: async (path, readOptions = {}) => readLocalFile(absolute(path), readOptions),
    writeFile: async (path, data, writeOptions = {}) =>
      writeLocalFile(absolute(path), data, writeOptions),
    stat: async (path) => statLocal(absolute(path)),
    readDirectory: async (path) => readLocalDirectory(absolute(path)),
    remove: async (path) => removeLocal(absolute(path)),
    spawn: (command, spawnOptions) =>
      runProcess(
        command.cwd === undefined ? command : { ...command, cwd: absolute(command.cwd) },
        spawnOptions,
        host,
      ),
    endProcess: (identity: ProcessIdentity) => endEarlier(identity, table),
  }
}

function rootFolder(path: string): string {
  let real: string
  try {
    real = realpathSync.native(path)
  } catch (error) {
    throw new ConfigError(`The root ${path} cannot be used: ${messageOf(error)}`, { cause: error })
  }
  if (statSync(real).isDirectory()) return real
  throw new ConfigError(`A root must be a folder; ${path} is not.`)
}

/** A home that does not exist, as in some containers, is taken as it is. */
function realHome(home: string): string {
  try {
    return realpathSync.native(home)
  } catch {
    return home
  }
}

function absolutePath(path: string, cwd: string, home: string): string {
  if (path.includes('\0')) throw systemError('EINVAL', 'a path cannot hold a zero byte', path)
  if (path === '~' || path.startsWith('~/')) return `${home}${path.slice(1)}`
  // Not `join`: what `..` behind a symbolic link means is for the file system to say.
  return isAbsolute(path) ? path : `${cwd}/${path}`
}
