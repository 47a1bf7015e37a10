import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { agentLoops } from './agent-loops.mjs'

/**
 * An agent whose session is on record before anything follows from it.
 * @param {import('./adapters.mjs').MakeAdapter} makeAdapter
 */
export async function load(makeAdapter) {
  const { jsonlStore } = await import('@harnext/core/node')
  return agentLoops(makeAdapter, () => {
    const home = mkdtempSync(path.join(tmpdir(), 'harnext-bench-'))
    return {
      store: jsonlStore({ home }),
      remove: () => rmSync(home, { recursive: true, force: true }),
    }
  })
}
