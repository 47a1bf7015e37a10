import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a session keeps what it takes to undo its changes. */
export function undoFolder(home: string, sessionId: string): string {
  return join(home, 'undo', encodeURIComponent(sessionId).replaceAll('.', '%2E'))
}

/** Forgets what a session kept: its changes stay. */
export async function removeUndo(home: string, sessionId: string): Promise<void> {
  await rm(undoFolder(home, sessionId), { recursive: true, force: true })
}
