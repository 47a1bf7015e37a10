import type { HarnextError, SessionStore } from '@harnext/core'
import { expectEqual, expectThat } from '../check.ts'
import {
  errorOf,
  expectCode,
  expectRecords,
  fill,
  records,
  type StorePromise,
} from './store-parts.ts'

/** A session has one writer at a time. */
export const writerPromises: readonly StorePromise[] = [
  { name: 'one writer: the second is told who, and since when', run: oneWriter },
  {
    name: 'of many that come at once, one gets the lease',
    async run(store) {
      await fill(store, 0)
      const tries = Array.from({ length: 8 }, (_, index) => store.lease('s', `number ${index}`))
      const errors = await Promise.all(tries.map(errorOf))
      const codes = errors.map((error) => (error as { code?: string } | null)?.code ?? 'lease')
      const wanted = ['lease', ...Array.from({ length: 7 }, () => 'session_locked')]
      expectEqual('the outcomes', wanted, codes.toSorted())
    },
  },
  { name: 'a lease that is over writes nothing, and ends no other', run: staleLease },
  {
    name: 'says that there is no such session',
    async run(store) {
      await fill(store, 0)
      const options = { expectedSeq: 0, fence: 1 }
      const append = store.append('t', records(1), options)
      await expectCode('append', 'session_not_found', append)
      await expectCode('read', 'session_not_found', store.read('t'))
      await expectCode('delete', 'session_not_found', store.delete('t'))
      await expectCode('lease', 'session_not_found', store.lease('t', 'me'))
    },
  },
]

async function oneWriter(store: SessionStore): Promise<void> {
  await fill(store, 0)
  const before = Date.now()
  const first = await store.lease('s', 'the first')
  const refused = await expectCode('a second lease', 'session_locked', store.lease('s', 'second'))
  const { owner, sessionId, since } = heldBy(refused)
  expectEqual('who holds it', ['the first', 's'], [owner, sessionId])
  const isNow = Date.parse(since) >= before && Date.parse(since) <= Date.now()
  expectThat(isNow, `expected since to be the time of the lease, got ${since}`)
  await expectCode('delete', 'session_locked', store.delete('s'))
  await first.release()
  const second = await store.lease('s', 'the second')
  expectThat(
    second.fence > first.fence,
    `expected a fence above ${first.fence}, got ${second.fence}`,
  )
  const third = await expectCode('a third lease', 'session_locked', store.lease('s', 'third'))
  expectEqual('who holds it', 'the second', heldBy(third).owner)
}

async function staleLease(store: SessionStore): Promise<void> {
  await fill(store, 1)
  const old = await store.lease('s', 'old')
  await old.release()
  const stale = () => store.append('s', records(1, 1), { expectedSeq: 1, fence: old.fence })
  await expectCode('an append without a lease', 'session_locked', stale())
  const current = await store.lease('s', 'current')
  const refused = await expectCode('an append by an old lease', 'session_locked', stale())
  expectEqual('who holds it', 'current', heldBy(refused).owner)
  await old.release()
  await expectCode('another lease', 'session_locked', store.lease('s', 'third'))
  await store.append('s', records(1, 1), { expectedSeq: 1, fence: current.fence })
  await expectRecords(store, records(2))
}

/** What `SessionLocked` says. */
function heldBy(error: HarnextError | null): Record<'owner' | 'sessionId' | 'since', string> {
  const { owner, sessionId, since } = error as unknown as Record<string, unknown>
  return { owner: String(owner), sessionId: String(sessionId), since: String(since) }
}
