import {
  HarnextError,
  type SessionHeader,
  type SessionRecord,
  type SessionStore,
} from '@harnext/core'
import { expectEqual } from '../check.ts'

/** One thing that every store promises. `store` is an empty one; its leases are given back afterwards. */
export interface StorePromise {
  readonly name: string
  run(store: SessionStore): Promise<void>
}

export function header(id: string, more: Partial<SessionHeader> = {}): SessionHeader {
  const createdAt = '2026-01-02T10:00:00.000Z'
  return { type: 'session', version: 1, id, cwd: '/home/me/project', createdAt, ...more }
}

/** `count` records that follow `last`, each of another size. */
export function records(count: number, last = 0): readonly SessionRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const seq = last + 1 + index
    const message = said(`größe ${'x'.repeat(seq % 7)}`)
    return { seq, time: 1_000 + seq, type: 'message', message }
  })
}

export function said(text: string, origin?: string): object {
  return { role: 'user', content: [{ type: 'text', text }], ...(origin && { origin }) }
}

/** Makes a session `s` of `count` records, which nobody holds. */
export async function fill(store: SessionStore, count: number): Promise<void> {
  await store.create(header('s'))
  const { fence, release } = await store.lease('s', 'setup')
  await store.append('s', records(count), { expectedSeq: 0, fence })
  await release()
}

export async function expectRecords(
  store: SessionStore,
  wanted: readonly SessionRecord[],
): Promise<void> {
  expectEqual('the records', wanted, (await store.read('s')).records)
}

/** That it rejects with an error of ours of that code. */
export async function expectCode(
  what: string,
  code: string,
  attempt: Promise<unknown>,
): Promise<HarnextError | null> {
  const error = await errorOf(attempt)
  const got = HarnextError.is(error) ? error.code : `no error of harnext: ${String(error)}`
  expectEqual(what, code, got)
  return HarnextError.is(error) ? error : null
}

/** What it rejects with; `null` when it does not. */
export async function errorOf(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt
    return null
  } catch (error) {
    return error
  }
}
