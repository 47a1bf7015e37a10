import { afterEach } from 'vitest'
import { HarnextError } from '../../src/errors.ts'
import type {
  SessionHeader,
  SessionLease,
  SessionRecord,
  SessionStore,
} from '../../src/session/store.ts'

export function header(id: string, more: Partial<SessionHeader> = {}): SessionHeader {
  return {
    type: 'session',
    version: 1,
    id,
    cwd: '/home/me/project',
    createdAt: '2026-11-21T10:00:00.000Z',
    ...more,
  }
}

/** `count` records that follow `last`, each of another size. */
export function records(count: number, last = 0): readonly SessionRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const seq = last + 1 + index
    return {
      seq,
      time: 1_000 + seq,
      type: 'message',
      message: said(`größe ${'x'.repeat(seq % 7)}`),
    }
  })
}

export function said(text: string, origin?: string): object {
  return { role: 'user', content: [{ type: 'text', text }], ...(origin && { origin }) }
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  return HarnextError.is(error) ? error.code : `no error of ours: ${String(error)}`
}

/** Gives the leases back that a test of the file has left open. */
export function releasingLeases(): (store: SessionStore) => SessionStore {
  const open: SessionLease[] = []
  afterEach(async () => {
    for (const lease of open.splice(0)) await lease.release()
  })
  return (store) => ({
    ...store,
    async lease(id, owner) {
      const lease = await store.lease(id, owner)
      open.push(lease)
      return lease
    },
  })
}
