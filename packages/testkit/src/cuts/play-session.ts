import { createHash } from 'node:crypto'
import { memoryStore, type RunEvent, type StoredSession } from '@harnext/core'
import { Random } from '../crash/random.ts'
import type { ReceivedRequest } from '../server/fixture-server.ts'
import type { WireScript } from '../wire/script.ts'
import { eventfulAgent } from './eventful-agent.ts'
import { randomAnswer } from './random-answer.ts'
import type { Vendors } from './vendors.ts'

export const SESSION = 'sess_cuts'
const RUNS = 3

/**
 * A session of several runs, each by one of the vendors: they think, call tools, give tasks to children; the person steers, answers later,
 * cancels; the context is shortened.
 */
export async function playSession(vendors: Vendors, seed: number): Promise<StoredSession> {
  const random = new Random(seed)
  const store = memoryStore()
  vendors.forget()
  vendors.answerWith((request) => answerTo(request, seed))
  for (let run = 0; run < RUNS; run++) {
    const vendor = random.oneIn(2) ? vendors.all[0] : random.pick(vendors.all)
    const onPermission = random.pick(['allow', 'deny', 'defer'])
    const agent = eventfulAgent(store, vendor, { onPermission: () => onPermission })
    const begun = agent.run([], `Part ${run}: look at everything.`, { session: SESSION })
    for await (const event of begun) {
      if (!isMoment(event)) continue
      if (random.oneIn(6)) begun.steer('And look behind it.')
      else if (random.oneIn(25)) begun.cancel()
    }
    const { stopReason } = await begun.result
    if (stopReason !== 'paused' && random.oneIn(4)) await agent.compact(SESSION)
  }
  return store.read(SESSION)
}

/** Where a person might say something. */
function isMoment({ type }: RunEvent): boolean {
  return type === 'tool_start' || type === 'tool_result' || type === 'turn_start'
}

/** Follows from the request, so that the order in which children ask does not matter. */
function answerTo({ body }: ReceivedRequest, seed: number): WireScript {
  const hash = createHash('sha256').update(`${seed}\0${body}`).digest()
  return randomAnswer(new Random(hash.readUInt32LE()), `call_${hash.toString('hex', 0, 8)}`)
}
