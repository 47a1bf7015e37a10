import type { SessionStore } from '@harnext/core'
import { expectEqual } from '../check.ts'
import {
  expectCode,
  expectRecords,
  fill,
  header,
  records,
  said,
  type StorePromise,
} from './store-parts.ts'

/** Which sessions there are, and what they are called. */
export const listPromises: readonly StorePromise[] = [
  { name: 'takes any string that can name a file as an id, and no other', run: ids },
  {
    name: 'an id is taken once, in whatever folder',
    async run(store) {
      await fill(store, 2)
      await expectCode('the same id', 'config', store.create(header('s')))
      const elsewhere = store.create(header('s', { cwd: '/elsewhere' }))
      await expectCode('the same id elsewhere', 'config', elsewhere)
      await expectRecords(store, records(2))
    },
  },
  { name: 'lists newest first, all or of one folder', run: lists },
  { name: "its title is the person's first words, on one line", run: titles },
  {
    name: 'deletes when asked, and the id is free again',
    async run(store) {
      await fill(store, 3)
      await (await store.lease('s', 'me')).release()
      await store.delete('s')
      await expectCode('read', 'session_not_found', store.read('s'))
      expectEqual('the list', [], await store.list())
      await store.create(header('s'))
      await expectRecords(store, [])
    },
  },
]

async function ids(store: SessionStore): Promise<void> {
  const bad = ['', '.', '..', 'a/b', 'a\\b', 'a\0b', '\uD800', 'x'.repeat(201), 'ä'.repeat(101)]
  for (const id of bad) {
    const what = (verb: string): string => `${verb} ${JSON.stringify(id)}`
    await expectCode(what('create'), 'config', store.create(header(id)))
    await expectCode(what('read'), 'config', store.read(id))
    await expectCode(what('lease'), 'config', store.lease(id, 'me'))
    await expectCode(what('delete'), 'config', store.delete(id))
  }
  const good = ['sess_0123456789ab', 'x'.repeat(200), 'ä'.repeat(100), ' ', '-rf', '..a', 'a:b\n']
  for (const id of good) {
    await store.create(header(id))
    expectEqual('the id', id, (await store.read(id)).header.id)
  }
  const listed = (await store.list()).map(({ id }) => id)
  expectEqual('the ids', good.toSorted(), listed.toSorted())
}

async function lists(store: SessionStore): Promise<void> {
  const add = async (id: string, cwd: string, updatedAt: number): Promise<object> => {
    const made = header(id, { cwd, metadata: { of: id } })
    await store.create(made)
    const { fence, release } = await store.lease(id, 'me')
    const first = { seq: 1, time: updatedAt, type: 'message', message: said(`to ${id}`) }
    await store.append(id, [first], { expectedSeq: 0, fence })
    await release()
    const { createdAt } = made
    return { id, cwd, createdAt, updatedAt, title: `to ${id}`, metadata: { of: id } }
  }
  const b = await add('b', '/two', 300)
  const a = await add('a', '/one', 100)
  const c = await add('c', '/one', 200)
  expectEqual('all', [b, c, a], await store.list())
  expectEqual('those of a folder', [c, a], await store.list({ cwd: '/one' }))
  expectEqual('those of an empty folder', [], await store.list({ cwd: '/none' }))
}

async function titles(store: SessionStore): Promise<void> {
  const title = async (id: string, ...events: readonly object[]): Promise<string | undefined> => {
    await store.create(header(id))
    const { fence, release } = await store.lease(id, 'me')
    const message = (event: object, index: number) => ({
      seq: index + 1,
      time: 1,
      type: 'message',
      ...event,
    })
    await store.append(id, events.map(message), { expectedSeq: 0, fence })
    await release()
    return (await store.list()).find((summary) => summary.id === id)?.title
  }
  expectEqual('the title of nothing', '', await title('none'))
  const found = await title(
    'person',
    { message: said('not me', 'reminder') },
    { message: said('nor a child', 'user'), agentPath: ['child'] },
    { message: { role: 'user', content: [{ type: 'image', url: 'https://127.0.0.1/' }] } },
    { message: { ...said('nor the model'), role: 'assistant' } },
    { message: said('  fix\n\tthe   test ', 'user') },
    { message: said('later') },
  )
  expectEqual('the title', 'fix the test', found)
  const long = await title('long', { message: said('\u{1F600}'.repeat(500)) })
  expectEqual('a long title', '\u{1F600}'.repeat(200), long)
}
