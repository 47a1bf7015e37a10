import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { newAborter, onAbort, untilAborted } from '../src/abort.ts'

test('who follows an aborter is told once, and nobody who has left', () => {
  const { signal, abort } = newAborter()
  const told: string[] = []
  onAbort(signal, () => told.push('a'))
  const leave = onAbort(signal, () => told.push('b'))
  signal.addEventListener('abort', () => told.push('listener'))
  leave()
  abort('first')
  abort('second')
  expect(told.toSorted()).toEqual(['a', 'listener'])
  expect(signal.reason).toBe('first')
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
})

test('a signal that is somebody else’s is listened to, and not for longer than needed', () => {
  const foreign = new AbortController()
  const told: string[] = []
  const leave = onAbort(foreign.signal, () => told.push('left'))
  expect(getEventListeners(foreign.signal, 'abort')).toHaveLength(1)
  leave()
  expect(getEventListeners(foreign.signal, 'abort')).toHaveLength(0)
  onAbort(foreign.signal, () => told.push('stayed'))
  foreign.abort()
  expect(told).toEqual(['stayed'])
})

test('one that has aborted calls back at once', () => {
  const told: string[] = []
  onAbort(AbortSignal.abort(), () => told.push('foreign'))
  const { signal, abort } = newAborter(AbortSignal.abort('over'))
  onAbort(signal, () => told.push('own'))
  abort('later')
  expect(told).toEqual(['foreign', 'own'])
  expect(signal.reason).toBe('over')
})

test('an aborter follows another one for the same reason, until it stops', () => {
  const outer = newAborter()
  const inner = newAborter(outer.signal)
  const parted = newAborter(outer.signal)
  parted.unlink()
  outer.abort('because')
  expect([inner.signal.aborted, inner.signal.reason]).toEqual([true, 'because'])
  expect(parted.signal.aborted).toBe(false)
})

test('work that ends within its grace period counts, and what fails fails', async () => {
  const { signal, abort } = newAborter()
  const work = Promise.withResolvers<string>()
  const waited = untilAborted(work.promise, signal, 60_000)
  abort()
  work.resolve('done')
  expect(await waited).toBe('done')
  expect(await untilAborted(new Promise(() => {}), signal, 0)).toBeUndefined()
  await expect(untilAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken')
})
