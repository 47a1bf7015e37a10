import { writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { HarnextError, SessionLocked } from '../../src/errors.ts'
import { jsonlStore } from '../../src/session/jsonl-store.ts'
import type { SessionLease } from '../../src/session/store.ts'

// A process of its own for the tests beside it: `node child.ts <home> <command> <arguments>`. What it has done it says in lines,
// each written before anything else happens.

const [, , home = '', command = '', ...args] = process.argv
const store = jsonlStore({ home, sync: args.includes('sync') })

switch (command) {
  case 'append':
    await append()
    break
  case 'hold':
    await hold()
    break
  case 'take-turns':
    await takeTurns(args[0] ?? '', Number(args[1]))
    break
  case 'create':
    await create(Number(args[0]))
    break
  case 'fill':
    await fill()
    break
  default:
    throw new Error(`There is no command ${command}.`)
}

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

/** Appends until it is killed, and says the number of each record that was acknowledged. */
async function append(): Promise<void> {
  const { fence } = await store.lease('s', 'the child')
  let { length: last } = (await store.read('s')).records
  say('ready')
  for (;;) {
    const count = 1 + (last % 3)
    const batch = Array.from({ length: count }, (_, index) => {
      const seq = last + 1 + index
      return { seq, time: seq, type: 'kept', text: 'ä'.repeat((seq * 37) % 4_000) }
    })
    await store.append('s', batch, { expectedSeq: last, fence, barrier: last % 5 === 0 })
    last += count
    say(String(last))
  }
}

/** Waits for the word, so that two begin at the same moment. */
async function go(): Promise<void> {
  say('ready')
  await new Promise((resolve) => process.stdin.once('data', resolve))
  process.stdin.destroy()
}

async function hold(): Promise<void> {
  const lease = await store.lease('s', `process ${process.pid}`)
  say('ready')
  process.stdin.resume()
  process.stdin.on('end', () => void lease.release())
}

/** Appends one record a lease, as often as it is told to, beside others that do the same. */
async function takeTurns(name: string, turns: number): Promise<void> {
  await go()
  for (let done = 0; done < turns;) {
    const lease = await leaseUnlessLocked(name)
    if (!lease) continue
    const last = (await store.read('s')).records.length
    const record = { seq: last + 1, time: 1, type: 'turn', name, fence: lease.fence }
    await store.append('s', [record], { expectedSeq: last, fence: lease.fence })
    // While somebody else wants it.
    await turn()
    await lease.release()
    done++
  }
}

async function leaseUnlessLocked(owner: string): Promise<SessionLease | null> {
  try {
    return await store.lease('s', owner)
  } catch (error) {
    if (error instanceof SessionLocked) return null
    throw error
  }
}

/** Creates the sessions 0 to `count`, and says which it got and which not. */
async function create(count: number): Promise<void> {
  await go()
  for (let index = 0; index < count; index++) {
    const createdAt = new Date(0).toISOString()
    const id = String(index)
    const outcome = await store
      .create({
        type: 'session',
        version: 1,
        id,
        cwd: '/c',
        createdAt,
        metadata: { by: process.pid },
      })
      .then(
        () => `${process.pid}`,
        (error: unknown) => (HarnextError.is(error) ? error.code : String(error)),
      )
    say(`${index} ${outcome}`)
  }
}

/** Appends until the disk refuses, tries again, and says what it was told. */
async function fill(): Promise<void> {
  await store.create({ type: 'session', version: 1, id: 's', cwd: '/c', createdAt: 'now' })
  let lease = await store.lease('s', 'the child')
  const errors: unknown[] = []
  let last = 0
  const attempt = async (size: number): Promise<boolean> => {
    const record = { seq: last + 1, time: 1, type: 'fill', text: 'x'.repeat(size) }
    return store
      .append('s', [record], { expectedSeq: last, fence: lease.fence, barrier: true })
      .then(
        () => true,
        (error: unknown) => {
          errors.push(
            HarnextError.is(error) ? { code: error.code, message: error.message } : String(error),
          )
          return false
        },
      )
  }
  while (await attempt(700)) last++
  // Small enough to fit, had the first failure been forgotten.
  await attempt(1)
  const tornBytes = (await store.read('s')).tornBytes ?? 0
  await lease.release()
  try {
    lease = await store.lease('s', 'again')
  } catch (error) {
    errors.push(
      HarnextError.is(error) ? { code: error.code, message: error.message } : String(error),
    )
  }
  say(JSON.stringify({ last, errors, tornBytes }))
}
