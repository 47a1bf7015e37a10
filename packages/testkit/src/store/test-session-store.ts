import { messageOf, type SessionLease, type SessionStore } from '@harnext/core'
import { within } from '../check.ts'
import { listPromises } from './list-promises.ts'
import { logPromises } from './log-promises.ts'
import type { StorePromise } from './store-parts.ts'
import { writerPromises } from './writer-promises.ts'

export interface SessionStoreCheck {
  readonly name: string
  /** Rejects with `CheckFailed`, which says what was expected and what came. */
  run(): Promise<void>
}

export interface SessionStoreResult {
  readonly name: string
  readonly status: 'passed' | 'failed'
  /** Why it failed. */
  readonly reason?: string
}

/** What every store promises, for a test runner. `newStore` gives an empty one for each check, and whoever calls removes it. */
export function sessionStoreChecks(
  newStore: () => SessionStore | Promise<SessionStore>,
): SessionStoreCheck[] {
  const promises: readonly StorePromise[] = [...logPromises, ...writerPromises, ...listPromises]
  return promises.map(({ name, run }) => ({
    name,
    async run() {
      const { store, release } = releasing(await newStore())
      try {
        await within(HANG_MS, 'the check', run(store))
      } finally {
        await release()
      }
    },
  }))
}

/** Runs all checks, whichever fail. */
export async function testSessionStore(
  newStore: () => SessionStore | Promise<SessionStore>,
): Promise<readonly SessionStoreResult[]> {
  const results: SessionStoreResult[] = []
  for (const { name, run } of sessionStoreChecks(newStore))
    try {
      await run()
      results.push({ name, status: 'passed' })
    } catch (error) {
      results.push({ name, status: 'failed', reason: messageOf(error) })
    }
  return results
}

const HANG_MS = 60_000

/** The store, which remembers its leases. */
function releasing(inner: SessionStore): {
  readonly store: SessionStore
  release(): Promise<void>
} {
  const leases: SessionLease[] = []
  const store: SessionStore = {
    location: inner.location,
    create: (header) => inner.create(header),
    append: (id, records, options) => inner.append(id, records, options),
    read: (id, options) => inner.read(id, options),
    list: (options) => inner.list(options),
    delete: (id) => inner.delete(id),
    async lease(id, owner) {
      const lease = await inner.lease(id, owner)
      leases.push(lease)
      return lease
    },
  }
  return {
    store,
    async release() {
      for (const lease of leases) await lease.release()
    },
  }
}
