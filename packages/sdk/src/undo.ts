import path from 'node:path'
import type { AgentOptions, SessionStore } from '@harnext/core'
import { recordChanges, undoRun, type UndoOptions, type UndoResult } from '@harnext/tools/undo'

/** Has every run keep what it changes. `home`: harnext's. */
export function keepChanges(home: string): Required<Pick<AgentOptions, 'openWorkspace'>> {
  const folder = path.resolve(home)
  return {
    openWorkspace: (workspace, run) => recordChanges(workspace, { ...run, home: folder }),
  }
}

/** Undoes a run of a session that nobody works in meanwhile. Throws `SessionNotFound`, `SessionLocked`, and what `undoRun` does. */
export async function undoSession(
  session: { readonly id: string; readonly store: SessionStore; readonly home: string },
  options: UndoOptions = {},
): Promise<UndoResult> {
  const home = path.resolve(session.home)
  const lease = await session.store.lease(session.id, 'undo')
  try {
    return await undoRun(home, session.id, options)
  } finally {
    await lease.release()
  }
}
