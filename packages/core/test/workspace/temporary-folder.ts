import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A real folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'harnext-workspace-')))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
