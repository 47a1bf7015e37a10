import {
  memoryStore,
  toRecord,
  type LoggedEvent,
  type RunEvent,
  type SessionStore,
} from '@harnext/core'
import { expect, test } from 'vitest'
import { Channel } from '../src/channel.ts'
import { eventStream } from '../src/event-stream.ts'
import { gate } from './running.ts'

// A reader that comes at the worst moment: the log is ahead of what the run has told.

type Fact = Extract<RunEvent & LoggedEvent, { readonly type: 'warning' }>
const fact = (message: string): Fact => ({ type: 'warning', code: 'x', message })
const delta = (text: string): RunEvent => ({ type: 'text', text })

/** A session with a run under way, whose every step the test takes. */
async function underWay() {
  const store = memoryStore()
  const header = { type: 'session', version: 1, id: 's', cwd: '/', createdAt: '' } as const
  await store.create(header)
  const { fence } = await store.lease('s', 'test')
  const channel = new Channel()
  const recording = channel.recording(store)
  let seq = 0
  const reading = gate()
  const held: SessionStore = {
    ...store,
    async read(id, options) {
      await reading.opened
      return store.read(id, options)
    },
  }
  return {
    channel,
    store,
    record: (...events: readonly Fact[]) => {
      const expectedSeq = seq
      const records = events.map((event) => toRecord(event, ++seq, 0))
      return recording.append('s', records, { expectedSeq, fence })
    },
    /** What it is sent in the end, as ids and what is said. The log is read when it is released. */
    open(after = 0) {
      const stream = eventStream({ id: 's', store: held, channel, after, onLeave: () => {} })
      const release = async (then: () => Promise<void> | void = () => {}) => {
        reading.open()
        const seen = read(stream)
        // The log is read, and nothing else is left to wait for.
        await new Promise((resolve) => setImmediate(resolve))
        await then()
        channel.endReaders()
        return seen
      }
      return { release }
    },
  }
}

async function read(stream: ReadableStream<Uint8Array>): Promise<readonly string[]> {
  const text = await new Response(stream).text()
  return text.split('\n\n').flatMap((event) => {
    const data = /^data: (.*)$/m.exec(event)?.[1]
    if (data === undefined) return []
    const { message, text: said } = JSON.parse(data)
    return `${/^id: (.*)$/m.exec(event)?.[1] ?? ''} ${message ?? said}`
  })
}

test('what is on record and was not told yet comes after the deltas before it', async () => {
  const { channel, record, open } = await underWay()
  await record(fact('a'))
  channel.publish(fact('a'))
  await record(fact('b'))
  const { release } = open()
  const seen = await release(() => {
    channel.publish(delta('d'))
    channel.publish(fact('b'))
  })
  expect(seen).toEqual(['1 a', ' d', '2 b'])
})

test('what is told while the log is read comes once, in order', async () => {
  const { channel, record, open } = await underWay()
  await record(fact('a'))
  channel.publish(fact('a'))
  const { release } = open()
  channel.publish(delta('d'))
  await record(fact('b'), fact('c'))
  channel.publish(fact('b'))
  channel.publish(delta('e'))
  const seen = await release(async () => {
    channel.publish(fact('c'))
    await record(fact('d'))
    channel.publish(fact('d'))
  })
  expect(seen).toEqual(['1 a', ' d', '2 b', ' e', '3 c', '4 d'])
})

test('an event that is on no record takes the number of none', async () => {
  const { channel, record, open } = await underWay()
  const { release } = open()
  const seen = await release(async () => {
    await record(fact('b'))
    channel.publish(fact('torn'))
    channel.publish(fact('b'))
    channel.publish(fact('b'))
  })
  expect(seen).toEqual([' torn', '1 b', ' b'])
})

test('what the store refuses is on no record', async () => {
  const { channel, store, record, open } = await underWay()
  const { release } = open()
  const seen = await release(async () => {
    store.append = () => Promise.reject(new Error('full'))
    await expect(record(fact('a'))).rejects.toThrow('full')
    channel.publish(fact('a'))
  })
  expect(seen).toEqual([' a'])
})

test('a log that cannot be read ends the stream, and nobody is kept', async () => {
  const channel = new Channel()
  const stream = eventStream({
    id: 'gone',
    store: memoryStore(),
    channel,
    after: 0,
    onLeave: () => {},
  })
  await expect(new Response(stream).text()).rejects.toThrow('gone')
  expect(channel.isIdle).toBe(true)
})

test('a reader that leaves before the log was read is forgotten', async () => {
  const { channel, store } = await underWay()
  const stream = eventStream({ id: 's', store, channel, after: 0, onLeave: () => {} })
  expect(channel.isIdle).toBe(false)
  await stream.cancel()
  expect(channel.isIdle).toBe(true)
})
