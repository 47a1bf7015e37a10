import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandleStorage } from '../context/session-cache.ts'
import { makeFolder } from './make-folder.ts'

/** Values of a `SessionCache` as files of a folder, which is made when the first one is written. */
export function fileHandles(folder: string): HandleStorage {
  const fileOf = (handle: string): string => join(folder, `${handle}.json`)
  return {
    async write(handle, text) {
      await makeFolder(folder, { mode: 0o700 })
      await writeFile(fileOf(handle), text, { mode: 0o600 })
    },
    read: (handle) => readFile(fileOf(handle), 'utf8'),
    remove: (handle) => rm(fileOf(handle), { force: true }),
  }
}
