import { afterEach, describe, expect, test } from 'vitest'
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

/** What every store promises. `newStore` gives an empty one. */
export function testSessionStore(name: string, newStore: () => SessionStore): void {
  describe(`the promises of ${name}`, () => {
    const releasing = releasingLeases()
    const makeStore = () => releasing(newStore())

    test('gives back what was appended, in order, however it was batched', async () => {
      const store = makeStore()
      const made = header('s', { parent: { id: 'p', seq: 3 }, metadata: { a: [1, null] } })
      await store.create(made)
      const { fence, release } = await store.lease('s', 'me')
      await store.append('s', records(3), { expectedSeq: 0, fence })
      await store.append('s', [], { expectedSeq: 3, fence, barrier: true })
      await store.append('s', records(1, 3), { expectedSeq: 3, fence, barrier: true })
      expect(await store.read('s')).toEqual({ header: made, records: records(4) })
      await release()
      expect(await store.read('s')).toEqual({ header: made, records: records(4) })
    })

    test('reads what follows a record', async () => {
      const store = await filled(makeStore, 5)
      for (const afterSeq of [0, 1, 4, 5, 9])
        expect((await store.read('s', { afterSeq })).records).toEqual(records(5).slice(afterSeq))
    })

    test('keeps what JSON keeps, and shares nothing with its caller', async () => {
      const store = await filled(makeStore, 0)
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
      expect(first).toEqual(JSON.parse(JSON.stringify({ ...strange, list: ['before'] })))
      expect(Object.keys(first ?? {})).not.toContain('absent')
      const again = await store.read('s')
      expect(again.records[0]).toEqual(first)
      expect(again.records[0]).not.toBe(first)
    })

    test('appends all records of a batch or none', async () => {
      const store = await filled(makeStore, 1)
      const { fence } = await store.lease('s', 'me')
      const cycle: { self?: unknown } = {}
      cycle.self = cycle
      const batch = [...records(1, 1), { seq: 3, time: 1, type: 'cyclic', cycle }]
      expect(await codeOf(store.append('s', batch, { expectedSeq: 1, fence }))).toBe('config')
      expect((await store.read('s')).records).toEqual(records(1))
      await store.append('s', records(1, 1), { expectedSeq: 1, fence })
      expect((await store.read('s')).records).toEqual(records(2))
    })

    test('refuses records that do not continue the log', async () => {
      const store = await filled(makeStore, 2)
      const { fence } = await store.lease('s', 'me')
      const append = (batch: readonly SessionRecord[], expectedSeq: number) =>
        codeOf(store.append('s', batch, { expectedSeq, fence }))
      expect(await append(records(1, 1), 1)).toBe('session_locked')
      expect(await append(records(1, 3), 3)).toBe('session_locked')
      expect(await append(records(1, 3), 2)).toBe('config')
      expect(await append([...records(1, 2), ...records(1, 2)], 2)).toBe('config')
      expect((await store.read('s')).records).toEqual(records(2))
    })

    test('keeps the order of appends that do not wait for each other', async () => {
      const store = await filled(makeStore, 0)
      const { fence } = await store.lease('s', 'me')
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          store.append('s', records(1, index), {
            expectedSeq: index,
            fence,
            barrier: index % 3 === 0,
          }),
        ),
      )
      expect((await store.read('s')).records).toEqual(records(50))
    })

    test('takes any string that can name a file as an id, and no other', async () => {
      const store = makeStore()
      const bad = ['', '.', '..', 'a/b', 'a\\b', 'a\0b', '\uD800', 'x'.repeat(201), 'ä'.repeat(101)]
      for (const id of bad) {
        expect(await codeOf(store.create(header(id)))).toBe('config')
        expect(await codeOf(store.read(id))).toBe('config')
        expect(await codeOf(store.lease(id, 'me'))).toBe('config')
        expect(await codeOf(store.delete(id))).toBe('config')
      }
      const good = [
        'sess_0123456789ab',
        'x'.repeat(200),
        'ä'.repeat(100),
        ' ',
        '-rf',
        '..a',
        'a:b\n',
      ]
      for (const id of good) {
        await store.create(header(id))
        expect((await store.read(id)).header.id).toBe(id)
      }
      expect((await store.list()).map(({ id }) => id).toSorted()).toEqual(good.toSorted())
    })

    test('an id is taken once, in whatever folder', async () => {
      const store = await filled(makeStore, 2)
      expect(await codeOf(store.create(header('s')))).toBe('config')
      expect(await codeOf(store.create(header('s', { cwd: '/elsewhere' })))).toBe('config')
      expect((await store.read('s')).records).toEqual(records(2))
    })

    test('says that there is no such session', async () => {
      const store = await filled(makeStore, 0)
      for (const attempt of [
        store.read('t'),
        store.delete('t'),
        store.lease('t', 'me'),
        store.append('t', records(1), { expectedSeq: 0, fence: 1 }),
      ])
        expect(await codeOf(attempt)).toBe('session_not_found')
    })

    test('one writer: the second is told who, and since when', async () => {
      const store = await filled(makeStore, 0)
      const before = Date.now()
      const first = await store.lease('s', 'the first')
      const refused = await store.lease('s', 'the second').catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'session_locked', owner: 'the first', sessionId: 's' })
      const since = Date.parse((refused as { since: string }).since)
      expect(since).toBeGreaterThanOrEqual(before)
      expect(since).toBeLessThanOrEqual(Date.now())
      expect(await codeOf(store.delete('s'))).toBe('session_locked')
      await first.release()
      const second = await store.lease('s', 'the second')
      expect(second.fence).toBeGreaterThan(first.fence)
      expect(await store.lease('s', 'x').catch((error: unknown) => error)).toMatchObject({
        owner: 'the second',
      })
    })

    test('of many that come at once, one gets the lease', async () => {
      const store = await filled(makeStore, 0)
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, index) => codeOf(store.lease('s', `number ${index}`))),
      )
      expect(outcomes.filter((code) => code === 'session_locked')).toHaveLength(7)
    })

    test('a lease that is over writes nothing, and ends no other', async () => {
      const store = await filled(makeStore, 1)
      const old = await store.lease('s', 'old')
      await old.release()
      const stale = () => store.append('s', records(1, 1), { expectedSeq: 1, fence: old.fence })
      expect(await codeOf(stale())).toBe('session_locked')
      const current = await store.lease('s', 'current')
      await expect(stale()).rejects.toMatchObject({ code: 'session_locked', owner: 'current' })
      await old.release()
      expect(await codeOf(store.lease('s', 'third'))).toBe('session_locked')
      await store.append('s', records(1, 1), { expectedSeq: 1, fence: current.fence })
      expect((await store.read('s')).records).toEqual(records(2))
    })

    test('lists newest first, all or of one folder', async () => {
      const store = makeStore()
      const add = async (id: string, cwd: string, time: number) => {
        await store.create(header(id, { cwd, metadata: { of: id } }))
        const { fence, release } = await store.lease(id, 'me')
        const first = { seq: 1, time, type: 'message', message: said(`to ${id}`) }
        await store.append(id, [first], { expectedSeq: 0, fence })
        await release()
      }
      await add('b', '/two', 300)
      await add('a', '/one', 100)
      await add('c', '/one', 200)
      const summary = (id: string, cwd: string, updatedAt: number) => ({
        id,
        cwd,
        updatedAt,
        title: `to ${id}`,
        createdAt: header(id).createdAt,
        metadata: { of: id },
      })
      const [b, c, a] = [
        summary('b', '/two', 300),
        summary('c', '/one', 200),
        summary('a', '/one', 100),
      ]
      expect(await store.list()).toEqual([b, c, a])
      expect(await store.list({ cwd: '/one' })).toEqual([c, a])
      expect(await store.list({ cwd: '/none' })).toEqual([])
    })

    test("its title is the person's first words, on one line", async () => {
      const store = makeStore()
      const title = async (id: string, ...events: readonly object[]) => {
        await store.create(header(id))
        const { fence, release } = await store.lease(id, 'me')
        const batch = events.map((event, index) => ({
          seq: index + 1,
          time: 1,
          type: 'message',
          ...event,
        }))
        await store.append(id, batch, { expectedSeq: 0, fence })
        await release()
        return (await store.list()).find((summary) => summary.id === id)?.title
      }
      const image = { role: 'user', content: [{ type: 'image', url: 'https://a.test' }] }
      expect(await title('none')).toBe('')
      expect(
        await title(
          'person',
          { message: said('not me', 'reminder') },
          { message: said('nor a child', 'user'), agentPath: ['child'] },
          { message: image },
          { message: { ...said('nor the model'), role: 'assistant' } },
          { message: said('  fix\n\tthe   test ', 'user') },
          { message: said('later') },
        ),
      ).toBe('fix the test')
      expect(await title('long', { message: said('\u{1F600}'.repeat(500)) })).toBe(
        '\u{1F600}'.repeat(200),
      )
    })

    test('deletes when asked, and the id is free again', async () => {
      const store = await filled(makeStore, 3)
      const { release } = await store.lease('s', 'me')
      await release()
      await store.delete('s')
      expect(await codeOf(store.read('s'))).toBe('session_not_found')
      expect(await store.list()).toEqual([])
      await store.create(header('s'))
      expect((await store.read('s')).records).toEqual([])
    })

    test('keeps a hundred sessions apart that are written at once', async () => {
      const store = makeStore()
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const id = `s${index}`
          await store.create(header(id, { cwd: `/project ${index % 7}` }))
          const { fence, release } = await store.lease(id, 'me')
          for (let seq = 1; seq <= 5; seq++) {
            const record = { seq, time: seq, type: 'of', id }
            await store.append(id, [record], { expectedSeq: seq - 1, fence, barrier: seq === 5 })
          }
          await release()
        }),
      )
      for (let index = 0; index < 100; index++) {
        const { records: found } = await store.read(`s${index}`)
        expect(found.map(({ seq, id }) => [id, seq])).toEqual(
          [1, 2, 3, 4, 5].map((seq) => [`s${index}`, seq]),
        )
      }
    })
  })
}

/** A store with a session `s` of `count` records. */
async function filled(makeStore: () => SessionStore, count: number): Promise<SessionStore> {
  const store = makeStore()
  await store.create(header('s'))
  const { fence, release } = await store.lease('s', 'setup')
  await store.append('s', records(count), { expectedSeq: 0, fence })
  await release()
  return store
}
