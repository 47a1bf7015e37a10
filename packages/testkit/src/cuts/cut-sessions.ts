import {
  loadSession,
  memoryStore,
  type RunResult,
  type SessionStore,
  type StoredSession,
} from '@harnext/core'
import { Random } from '../crash/random.ts'
import type { AdapterFactory } from '../provider/factory.ts'
import { eventfulAgent } from './eventful-agent.ts'
import { SESSION, playSession } from './play-session.ts'
import { startVendors, type Vendor, type Vendors } from './vendors.ts'

export interface CutSessionsOptions {
  /** The vendors that play, and that have to take what is left. */
  readonly adapters: readonly [AdapterFactory, ...AdapterFactory[]]
  /** Sessions. @default 10 */
  readonly count?: number
  /** @default 1 */
  readonly seed?: number
  /** How many cuts of each session are gone on with, chosen by the seed. @default all */
  readonly cuts?: number
}

export interface CutSessionsResult {
  readonly sessions: number
  /** Logs that were gone on with, each by every adapter. */
  readonly cuts: number
  /** How often a model was asked. */
  readonly requests: number
  /** How often a type of record was the last one before a cut. */
  readonly cutAfter: Readonly<Record<string, number>>
  /** With the seed of the session, which as `seed` with a `count` of 1 gives it again, and how many records were left. */
  readonly problems: readonly CutProblem[]
}

export interface CutProblem {
  readonly seed: number
  readonly records: number
  readonly problem: string
}

/**
 * Records sessions with all that can happen to one, cuts their logs after each record, and goes on with what is left by each of the
 * adapters: whatever was lost, no vendor may refuse the request that comes of it, though it knows its own signatures and looks at
 * every call, result and block.
 */
export async function cutSessions(options: CutSessionsOptions): Promise<CutSessionsResult> {
  const { adapters, count = 10, seed = 1, cuts: wanted = Infinity } = options
  const problems: CutProblem[] = []
  const cutAfter: Record<string, number> = {}
  let cuts = 0
  const vendors = await startVendors(adapters)
  try {
    for (let own = seed; own < seed + count; own++) {
      const whole = await playSession(vendors, own)
      const found = (records: number, problem: string): unknown =>
        problems.push({ seed: own, records, problem })
      for (const problem of vendors.takeComplaints()) found(whole.records.length, problem)
      vendors.answerWith(() => ({ text: 'Good.' }))
      for (const length of cutsOf(whole, wanted, new Random(own))) {
        cuts += 1
        const last = whole.records[length - 1]?.type ?? 'session'
        cutAfter[last] = (cutAfter[last] ?? 0) + 1
        for (const problem of await problemsOf(whole, length, vendors)) found(length, problem)
      }
    }
    return { sessions: count, cuts, requests: vendors.requests(), cutAfter, problems }
  } finally {
    await vendors.close()
  }
}

/** How many records are left, in order. */
function cutsOf({ records }: StoredSession, wanted: number, random: Random): readonly number[] {
  const all = Array.from({ length: records.length + 1 }, (_, length) => length)
  while (all.length > wanted) all.splice(random.below(all.length), 1)
  return all
}

async function problemsOf(
  whole: StoredSession,
  length: number,
  vendors: Vendors,
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const vendor of vendors.all) {
    const results = await goOn(await cutStore(whole, length), vendor)
    const refused = vendors.takeComplaints()
    const failed = results.flatMap(({ error }) => (error ? [error.message] : []))
    // What was refused is why it failed.
    const found = refused.length > 0 ? refused : failed
    problems.push(...found.map((problem) => `${vendor.adapter.api} goes on: ${problem}`))
  }
  return problems
}

/** A run that was left open goes on first; then something is said, so that the model is asked in any case. */
async function goOn(store: SessionStore, vendor: Vendor): Promise<readonly RunResult<unknown>[]> {
  const { state } = await loadSession(store, SESSION)
  const agent = eventfulAgent(store, vendor, { onPermission: () => 'deny', maxTurns: 100 })
  const canResume = state.open && state.messages.length > 0
  const resumed = canResume ? [await agent.resume(SESSION).result] : []
  return [...resumed, await agent.run([], 'Thank you.', { session: SESSION }).result]
}

async function cutStore({ header, records }: StoredSession, length: number): Promise<SessionStore> {
  const store = memoryStore()
  await store.create(header)
  const lease = await store.lease(header.id, 'the cut')
  await store.append(header.id, records.slice(0, length), { expectedSeq: 0, fence: lease.fence })
  await lease.release()
  return store
}
