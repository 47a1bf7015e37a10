import { HarnextError } from '../errors.ts'
import type { Workspace } from '../tool/workspace.ts'

/**
 * A workspace that can only be looked at. The engine denies what would change something in plan mode; this holds for what a tool does
 * beside its effects too, as a search that would take a faster program for it.
 */
export function planWorkspace(workspace: Workspace): Workspace {
  return { ...workspace, writeFile: refuse, remove: refuse, spawn: refuse }
}

function refuse(): Promise<never> {
  return Promise.reject(
    new HarnextError('In plan mode nothing is changed and no program runs.', { code: 'plan_mode' }),
  )
}
