import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** Where waiting for the disk costs nothing, for tests that do it thousands of times. */
export const memoryFolder: string = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Makes homes that are removed after each test of the file that calls it. */
export function temporaryHomes(parent: string = tmpdir()): () => string {
  const homes: string[] = []
  afterEach(() => {
    for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
  })
  return () => {
    const home = mkdtempSync(join(parent, 'harnext-store-'))
    homes.push(home)
    return home
  }
}
