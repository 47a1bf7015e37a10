import { appendFile, readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { SessionStore } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import { call } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { Channel } from '../src/channel.ts'
import { eventStream } from '../src/event-stream.ts'
import { all, each, gate, running, temporary, type ServerEvent } from './running.ts'

const write = (id: string) => call(id, 'write', { path: `${id}.txt`, content: id })
const facts = (events: readonly ServerEvent[]) => events.filter(({ id }) => id !== undefined)

test('from any number on, the rest comes without gap or repetition, and the same bytes', async () => {
  const api = await running([[write('1'), write('2')], [write('3')], 'done'])
  const id = await api.session()
  const live = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  const told = facts(await live.toRunEnd())
  expect(told.map((event) => event.id)).toEqual(told.map((_, index) => index + 1))
  const { records } = await api.store.read(id)
  expect(told.map(({ type }) => type)).toEqual(records.map(({ type }) => type))
  for (let last = 0; last < told.length; last++) {
    const again = await api.events(id, last)
    expect((await again.toRunEnd()).map(({ text }) => text)).toEqual(
      told.slice(last).map(({ text }) => text),
    )
  }
})

test('a reader that leaves in the middle cancels nothing, and goes on where it stopped', async () => {
  const { opened, open } = gate()
  const api = await running([[write('1')], async () => (await opened, [write('2')]), 'done'])
  const id = await api.session()
  const first = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  await first.next('tool_result')
  first.leave()
  const last = facts(first.seen).at(-1)?.id ?? 0
  const second = await api.events(id, last)
  open()
  await second.toRunEnd()
  const numbers = [...facts(first.seen), ...facts(second.seen)].map((event) => event.id)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  expect(second.seen.at(-1)?.data).toMatchObject({ stopReason: 'complete' })
  expect(await readFile(path.join(api.cwd, '2.txt'), 'utf8')).toBe('2')
})

test('what happens while the log is read is neither lost nor told twice, whenever that is', async () => {
  const store = jsonlStore({ home: await temporary() })
  const reads: (() => void)[] = []
  let isHeld = false
  const slow: SessionStore = {
    ...store,
    async read(id, options) {
      if (!isHeld || options?.afterSeq !== 0) return store.read(id, options)
      // Half of the readers see the log of before, half that of after.
      const isEarly = reads.length % 2 === 0
      const early = isEarly ? await store.read(id, options) : undefined
      await new Promise<void>((resolve) => reads.push(resolve))
      return early ?? store.read(id, options)
    },
  }
  const api = await running([[write('1')], [write('2')], [write('3')], 'done'], { store: slow })
  const id = await api.session()
  const watching = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  isHeld = true
  const readers = await Promise.all(Array.from({ length: 6 }, () => api.events(id, 0)))
  await watching.toRunEnd()
  await expect.poll(() => reads.length).toBe(6)
  isHeld = false
  for (const release of reads) release()
  const told = facts(watching.seen).map(({ text }) => text)
  for (const reader of readers)
    expect(facts(await reader.toRunEnd()).map(({ text }) => text)).toEqual(told)
})

test('deltas are told while they happen and have no number', async () => {
  const api = await running(['a text that comes in several pieces of sixteen letters'])
  const id = await api.session()
  const live = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  const deltas = (await live.toRunEnd()).filter(({ type }) => type === 'text')
  expect(deltas.length).toBeGreaterThan(2)
  expect(deltas.every((event) => event.id === undefined)).toBe(true)
  const late = await (await api.events(id)).toRunEnd()
  expect(late.some(({ type }) => type === 'text')).toBe(false)
  expect(late.filter(({ type }) => type === 'message').at(-1)?.data.message.content).toEqual([
    { type: 'text', text: deltas.map(({ data }) => data.text).join('') },
  ])
})

test('Last-Event-ID must be a number', async () => {
  const api = await running()
  const id = await api.session()
  const status = async (lastEventId: string) => {
    const headers = { authorization: `Bearer ${api.token}`, 'last-event-id': lastEventId }
    return (await fetch(`${api.url}/v1/sessions/${id}/events`, { headers })).status
  }
  const bad = ['x', '-1', '1.5', '']
  expect(await each(bad, status)).toEqual(all(bad, 400))
})

test('a log that cannot be written: the error and the end are told, without a number', async () => {
  const store = jsonlStore({ home: await temporary() })
  let appends = 0
  const full: SessionStore = {
    ...store,
    append: (...given) =>
      ++appends > 3 ? Promise.reject(new Error('disk full')) : store.append(...given),
  }
  const api = await running([[write('1')], 'done'], { store: full })
  const id = await api.session()
  const reader = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  const events = await reader.toRunEnd()
  const { records } = await store.read(id)
  expect(facts(events).map((event) => event.id)).toEqual(records.map(({ seq }) => seq))
  expect(events.slice(-2).map(({ id: number, type }) => [number, type])).toEqual([
    [undefined, 'error'],
    [undefined, 'run_end'],
  ])
  expect(events.at(-1)?.data).toMatchObject({ stopReason: 'error' })
})

test('a damaged log: what can be read, then the error', async () => {
  const api = await running(['done'])
  const id = await api.session()
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  const before = facts(await (await api.events(id)).toRunEnd())
  const [folder = ''] = await readdir(path.join(api.home, 'sessions'))
  const log = path.join(api.home, 'sessions', folder, `${id}.jsonl`)
  await appendFile(log, 'no record\n{"also":"none"}\n')
  const reader = await api.events(id)
  expect((await reader.next('error'))?.data.error).toMatchObject({ code: 'session_corrupt' })
  expect(facts(reader.seen).map(({ text }) => text)).toEqual(before.map(({ text }) => text))
  expect(await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'x' })).toMatchObject({
    status: 500,
    json: { error: { name: 'SessionCorrupt', code: 'session_corrupt' } },
  })
})

test('a reader that does not read is let go, and forgotten', async () => {
  const api = await running()
  const id = await api.session()
  const channel = new Channel()
  const { opened, open } = gate()
  const stream = eventStream({ id, store: api.store, channel, after: 0, onLeave: open })
  const reader = stream.getReader()
  await reader.read()
  channel.publish({ type: 'text', text: 'first' })
  // It comes when the log was read: what is sent from here on is not held back.
  await reader.read()
  for (let count = 0; !channel.isIdle && count < 50_000; count++)
    channel.publish({ type: 'text', text: 'x' })
  await opened
  expect(channel.isIdle).toBe(true)
  let read = 0
  while (!(await reader.read()).done) read++
  expect(read).toBeGreaterThan(1000)
  expect(read).toBeLessThan(50_000)
})
