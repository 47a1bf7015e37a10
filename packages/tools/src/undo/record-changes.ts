import { dirname, basename, join } from 'node:path'
import type { Exit, Workspace } from '@harnext/core'
import type { ChangeRecorder } from './recorder.ts'
import { undoFolder } from './undo-folder.ts'

/** A run that was cancelled is not held up by a look at a large tree. */
const hurryMs = 100

export interface RecordOptions {
  /** harnext's home folder: what is kept lies in `undo/` of it. */
  readonly home: string
  readonly sessionId: string
  readonly runId: string
  /** Of the run: when it aborts, what a command did is looked at only as long as nobody has to wait for it. */
  readonly signal: AbortSignal
  /** The run has hooks that are commands: they do not pass through this workspace, and undo says so. @default false */
  readonly hasHooks?: boolean
}

/**
 * The same workspace, and whatever is changed through it can be undone: what was there is on the disk before a write or a removal begins,
 * and all files of the roots that are not ignored and not larger than 1 MB before a command does. Its files must be of this machine.
 * Nothing is made, and nothing loaded, before the first change.
 */
export function recordChanges(workspace: Workspace, options: RecordOptions): Workspace {
  const { home, sessionId, runId: run, signal, hasHooks = false } = options
  let opening: Promise<ChangeRecorder> | undefined
  const recorder = (): Promise<ChangeRecorder> =>
    (opening ??= (async () => {
      const { openRecorder } = await import('./open-recorder.ts')
      return openRecorder({ folder: undoFolder(home, sessionId), workspace, run, home, hasHooks })
    })())
  return {
    roots: workspace.roots,
    ...(workspace.home !== undefined && { home: workspace.home }),
    platform: workspace.platform,
    // It may become one when the run's tools are opened.
    get sandboxed() {
      return workspace.sandboxed === true
    },
    tellsChanges: true,
    resolve: (path) => workspace.resolve(path),
    readFile: (path, readOptions) => workspace.readFile(path, readOptions),
    stat: (path) => workspace.stat(path),
    readDirectory: (path) => workspace.readDirectory(path),
    endProcess: (identity) => workspace.endProcess(identity),
    async writeFile(path, data, writeOptions) {
      const { path: real } = await workspace.resolve(path)
      await (await recorder()).beforeWrite(real, data)
      await workspace.writeFile(path, data, writeOptions)
    },
    async remove(path) {
      // The link itself goes, not what it leads to.
      const folder = await workspace.resolve(dirname(path))
      await (await recorder()).beforeRemove(join(folder.path, basename(path)))
      await workspace.remove(path)
    },
    async spawn(command, spawnOptions) {
      if (command.changesNothing) return workspace.spawn(command, spawnOptions)
      const ended = await (await recorder()).beforeCommand(spawnOptions.signal)
      let exit: Exit | undefined
      try {
        exit = await workspace.spawn(command, spawnOptions)
      } finally {
        const hurry = signal.aborted ? AbortSignal.timeout(hurryMs) : new AbortController().signal
        const changes = await ended(hurry).catch((error: unknown) => {
          // It stays under way in the journal: undo finds what it did.
          if (hurry.aborted) return null
          throw error
        })
        if (exit && changes) exit = { ...exit, changes }
      }
      return exit
    },
  }
}
