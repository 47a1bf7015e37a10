import type { SessionRecord, SessionStore } from '@harnext/core'
import { store as goodStore } from './crash-store.ts'

/** It says that a record is safe, and writes it with the next one. */
export function store(folder: string): SessionStore {
  const good = goodStore(folder)
  let waiting: readonly SessionRecord[] = []
  return {
    ...good,
    async append(id, records, options) {
      const before = waiting
      waiting = records.at(-1)?.type === 'run_end' ? [] : records
      const batch = waiting.length ? before : [...before, ...records]
      if (batch.length)
        await good.append(id, batch, { ...options, expectedSeq: (batch[0]?.seq ?? 1) - 1 })
    },
  }
}
