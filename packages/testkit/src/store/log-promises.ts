import type { SessionRecord, SessionStore } from '@harnext/core'
import { expectEqual, expectThat } from '../check.ts'
import {
  expectCode,
  expectRecords,
  fill,
  header,
  records,
  type StorePromise,
} from './store-parts.ts'

/** What is appended is what is read. */
export const logPromises: readonly StorePromise[] = [
  {
    name: 'gives back what was appended, in order, however it was batched',
    async run(store) {
      const made = header('s', { parent: { id: 'p', seq: 3 }, metadata: { a: [1, null] } })
      await store.create(made)
      const { fence, release } = await store.lease('s', 'me')
      await store.append('s', records(3), { expectedSeq: 0, fence })
      await store.append('s', [], { expectedSeq: 3, fence, barrier: true })
      await store.append('s', records(1, 3), { expectedSeq: 3, fence, barrier: true })
      expectEqual('the session', { header: made, records: records(4) }, await store.read('s'))
      await release()
      expectEqual('the session', { header: made, records: records(4) }, await store.read('s'))
    },
  },
  {
    name: 'reads what follows a record',
    async run(store) {
      await fill(store, 5)
      for (const afterSeq of [0, 1, 4, 5, 9]) {
        const read = await store.read('s', { afterSeq })
        expectEqual(`after ${afterSeq}`, records(5).slice(afterSeq), read.records)
      }
    },
  },
  { name: 'keeps what JSON keeps, and shares nothing with its caller', run: keepsJson },
  { name: 'appends all records of a batch or none', run: allOrNone },
  { name: 'refuses records that do not continue the log', run: refusesGaps },
  {
    name: 'keeps the order of appends that do not wait for each other',
    async run(store) {
      await fill(store, 0)
      const { fence } = await store.lease('s', 'me')
      const append = (index: number): Promise<void> => {
        const options = { expectedSeq: index, fence, barrier: index % 3 === 0 }
        return store.append('s', records(1, index), options)
      }
      await Promise.all(Array.from({ length: 50 }, (_, index) => append(index)))
      await expectRecords(store, records(50))
    },
  },
  { name: 'keeps a hundred sessions apart that are written at once', run: apart },
]

async function keepsJson(store: SessionStore): Promise<void> {
  await fill(store, 0)
  const { fence } = await store.lease('s', 'me')
  const list = ['before']
  const strange = {
    seq: 1,
    time: 1,
    type: 'of_another_release',
    crc: 'mine',
    absent: undefined,
    list,
    text: '\u{1F600} \uD800 \u2028 \u0000 "\\" \r\n',
    nested: { toJSON: () => ({ instead: true }) },
    long: 'ä'.repeat(1_000_000),
  }
  await store.append('s', [strange], { expectedSeq: 0, fence })
  list.push('after')
  const [first] = (await store.read('s')).records
  const wanted: unknown = JSON.parse(JSON.stringify({ ...strange, list: ['before'] }))
  expectEqual('the record', wanted, first)
  const [again] = (await store.read('s')).records
  expectEqual('the record, read again', wanted, again)
  expectThat(again !== first, 'two readers share an object')
}

async function allOrNone(store: SessionStore): Promise<void> {
  await fill(store, 1)
  const { fence } = await store.lease('s', 'me')
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const batch = [...records(1, 1), { seq: 3, time: 1, type: 'cyclic', cycle }]
  const options = { expectedSeq: 1, fence }
  await expectCode('what is no JSON', 'config', store.append('s', batch, options))
  await expectRecords(store, records(1))
  await store.append('s', records(1, 1), options)
  await expectRecords(store, records(2))
}

async function refusesGaps(store: SessionStore): Promise<void> {
  await fill(store, 2)
  const { fence } = await store.lease('s', 'me')
  const refused = (code: string, batch: readonly SessionRecord[], expectedSeq: number) =>
    expectCode(`expectedSeq ${expectedSeq}`, code, store.append('s', batch, { expectedSeq, fence }))
  await refused('session_locked', records(1, 1), 1)
  await refused('session_locked', records(1, 3), 3)
  await refused('config', records(1, 3), 2)
  await refused('config', [...records(1, 2), ...records(1, 2)], 2)
  await expectRecords(store, records(2))
}

async function apart(store: SessionStore): Promise<void> {
  const ids = Array.from({ length: 100 }, (_, index) => `s${index}`)
  const write = async (id: string, index: number): Promise<void> => {
    await store.create(header(id, { cwd: `/project ${index % 7}` }))
    const { fence, release } = await store.lease(id, 'me')
    for (let seq = 1; seq <= 5; seq++) {
      const options = { expectedSeq: seq - 1, fence, barrier: seq === 5 }
      await store.append(id, [{ seq, time: seq, type: 'of', id }], options)
    }
    await release()
  }
  await Promise.all(ids.map(write))
  for (const id of ids) {
    const found = (await store.read(id)).records.map((record) => [record['id'], record.seq])
    expectEqual(
      `the records of ${id}`,
      [1, 2, 3, 4, 5].map((seq) => [id, seq]),
      found,
    )
  }
}
