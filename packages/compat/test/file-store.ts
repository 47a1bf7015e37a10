import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Message } from '@harnext/core'
import type { SessionStore } from '../src/openharness.ts'

/** A file for each session. */
export function fileStore(folder: string): SessionStore {
  const file = (id: string) => path.join(folder, `${id}.json`)
  return {
    async load(id) {
      const text = await readFile(file(id), 'utf8').catch(() => null)
      return text === null ? null : (JSON.parse(text) as Message[])
    },
    async save(id, messages) {
      await mkdir(folder, { recursive: true })
      await writeFile(file(id), JSON.stringify(messages))
    },
  }
}
