import { expect, test } from 'vitest'
import type { Batch, RunEvent } from '../../src/events.ts'
import { merge, type Merge } from '../../src/tool/concurrency.ts'

const event = (turn: number): RunEvent => ({ type: 'turn_start', turn })
const progress = (id: string, update: number) => ({ type: 'tool_progress', id, update }) as const

async function all(events: Merge): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of events.drain()) batches.push(batch)
  return batches
}

test('an emit resolves when the consumer has come back for more, not before', async () => {
  const events = merge(() => {})
  const log: string[] = []
  events.add(events.emit(event(1)).then(() => void log.push('taken')))
  const batches = events.drain()
  expect((await batches.next()).value).toEqual([event(1)])
  await Promise.resolve()
  log.push('consumer')
  expect((await batches.next()).done).toBe(true)
  expect(log).toEqual(['consumer', 'taken'])
})

test('what several have to say at one moment is one batch, in order', async () => {
  const events = merge(() => {})
  for (const turn of [1, 2, 3]) events.add(events.emit(event(turn)))
  expect(await all(events)).toEqual([[event(1), event(2), event(3)]])
})

test('of the progress that nobody took, the newest of each call counts', async () => {
  const events = merge(() => {})
  for (let update = 0; update < 1000; update++) {
    events.emitLatest(progress('a', update))
    events.emitLatest(progress('b', update))
  }
  events.add(events.emit(event(1)))
  expect(await all(events)).toEqual([[progress('a', 999), progress('b', 999), event(1)]])
})

test('an update that somebody waits for is not replaced', async () => {
  const events = merge(() => {})
  events.add(events.emit({ ...progress('a', 1), agentPath: ['kid'] }))
  events.emitLatest(progress('a', 2))
  expect(await all(events)).toEqual([
    [{ ...progress('a', 1), agentPath: ['kid'] }, progress('a', 2)],
  ])
})

test('a consumer that leaves: the tasks are told and waited for, what is pending rejects, what comes later too', async () => {
  const told = Promise.withResolvers<void>()
  const events = merge(told.resolve)
  const log: string[] = []
  const pending = [events.emit(event(1)), events.emit(event(2))]
  events.add(told.promise.then(() => void log.push('task')))
  for await (const _ of events.drain()) break
  log.push('left')
  for (const emit of [...pending, events.emit(event(3))])
    await expect(emit).rejects.toThrow(/closed/)
  events.emitLatest(progress('a', 1))
  expect(log).toEqual(['task', 'left'])
})

test('nobody is told when all was done', async () => {
  const events = merge(() => {
    throw new Error('told')
  })
  events.add(events.emit(event(1)))
  await expect(all(events)).resolves.toHaveLength(1)
  await expect(events.emit(event(2))).rejects.toThrow(/closed/)
})

test('an emit that nobody looks at does not bring the process down', async () => {
  const seen: unknown[] = []
  const listener = (error: unknown): void => void seen.push(error)
  process.on('unhandledRejection', listener)
  const events = merge(() => {})
  await all(events)
  void events.emit(event(1))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', listener)
  expect(seen).toEqual([])
})
