import path from 'node:path'
import {
  loadSession,
  type AgentOptions,
  type EffectKind,
  type LoggedEvent,
  type SessionStore,
} from '@harnext/core'
import { recordChanges, undoRun, type UndoOptions, type UndoResult } from '@harnext/tools/undo'

/** Has every run keep what it changes. `home`: harnext's; `hasHooks`: commands are run that it cannot follow. */
export function keepChanges(
  home: string,
  hasHooks: boolean,
): Required<Pick<AgentOptions, 'openWorkspace'>> {
  const folder = path.resolve(home)
  return {
    openWorkspace: (workspace, run) => recordChanges(workspace, { ...run, home: folder, hasHooks }),
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
    const result = await undoRun(home, session.id, options)
    const { events } = await loadSession(session.store, session.id)
    const unseen = unseenTools(events, result.run)
    if (!unseen.length) return result
    const note = `Tools ran that undo cannot follow: ${unseen.join(', ')}. What they changed stays.`
    return { ...result, notes: [...result.notes, note] }
  } finally {
    await lease.release()
  }
}

/**
 * The tools, as those of MCP servers, that may have changed files in a run and did not say which. A process of a call is one that the
 * workspace had begun, which undo follows. Sorted.
 */
function unseenTools(events: readonly LoggedEvent[], run: string): readonly string[] {
  const unseen = new Map<string, string>()
  let isRun = false
  for (const event of events) {
    const { agentPath = [] } = event
    if (event.type === 'run_start' && !agentPath.length) isRun = event.runId === run
    if (!isRun) continue
    if (event.type !== 'tool_start' && event.type !== 'tool_result' && event.type !== 'process')
      continue
    const key = [...agentPath, event.id].join('/')
    if (event.type === 'tool_start' && event.effects.some(({ kind }) => isUnseen(kind)))
      unseen.set(key, event.tool)
    if (event.type === 'process' || (event.type === 'tool_result' && event.changesComplete))
      unseen.delete(key)
  }
  return [...new Set(unseen.values())].toSorted()
}

/** What a tool writes itself by name passes through the workspace. */
function isUnseen(kind: EffectKind): boolean {
  return kind === 'execute' || kind === 'unknown'
}
