import { realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  loadSession,
  nextStep,
  type LoadedSession,
  type RunState,
  type SessionStore,
} from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import type { SessionChoice } from './command.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage-error.ts'

/** Where the sessions of the person are: `$HARNEXT_HOME`, or `.harnext` in the home folder. */
export function openStore(io: Io): SessionStore {
  return jsonlStore({ home: homeOf(io), sync: true })
}

export function homeOf({ env, home, cwd }: Io): string {
  const given = env['HARNEXT_HOME']
  return given ? resolve(cwd, given) : join(home, '.harnext')
}

/** The real path of a folder, by which sessions are listed. Throws `UsageError` when there is none. */
export function folderAt(path: string, io: Io, option = '--cwd'): string {
  const absolute = resolve(io.cwd, path)
  const stats = statSync(absolute, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return realpathSync.native(absolute)
  throw new UsageError(`${option}: ${absolute} ${stats ? 'is not a folder' : 'does not exist'}.`)
}

/** The session that is gone on with; `undefined` for a new one. Throws `UsageError` or `SessionNotFound`. */
export async function chooseSession(
  choice: SessionChoice,
  store: SessionStore,
  cwd: string,
): Promise<LoadedSession | undefined> {
  switch (choice.kind) {
    case 'new':
      return undefined
    case 'id':
      return loadSession(store, choice.id)
    case 'newest': {
      const newest = await newestOf(store, cwd)
      if (newest) return newest
      throw new UsageError(`There is no session of ${cwd} to go on with.`)
    }
  }
}

/** One that nothing came of, as its servers could not be reached or its prompt was none, counts only where there is no other. */
async function newestOf(store: SessionStore, cwd: string): Promise<LoadedSession | undefined> {
  let empty: LoadedSession | undefined
  for (const { id } of await store.list({ cwd })) {
    const session = await loadSession(store, id)
    const { records, damaged, tornBytes } = session
    if (records.length > 0 || damaged || tornBytes !== undefined) return session
    empty ??= session
  }
  return empty
}

/** Whether the last run stands before its end: it was interrupted, cancelled or stopped by a limit, and goes on when it is resumed. */
export function hasOpenRun(state: RunState): boolean {
  const { messages, open, run } = state
  if (messages.length === 0) return false
  // A process that died before the task was on record has left nothing to do.
  if (open && run.from === messages.length) return false
  return open || nextStep(state).do !== 'end'
}

/** `provider/model` of the last run. */
export function modelOf({ events }: LoadedSession): string | undefined {
  const last = events.findLast(({ type }) => type === 'run_start' || type === 'run_resumed')
  if (last?.type !== 'run_start' && last?.type !== 'run_resumed') return undefined
  return `${last.provider}/${last.model}`
}
