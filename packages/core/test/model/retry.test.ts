import { expect, test } from 'vitest'
import { ProviderError, type ProviderErrorOptions } from '../../src/errors.ts'
import type { ModelEvent, ProviderAdapter } from '../../src/model/adapter.ts'
import { retryDelay, retrying as wrapped, type RetryOptions } from '../../src/model/retry.ts'
import { sleep } from '../../src/model/sleep.ts'
import { collect } from '../../src/testing.ts'

type Chunk = ModelEvent | readonly ModelEvent[]

const finish: ModelEvent = { type: 'finish', stopReason: 'stop', usage: null }
const busy = (options: Partial<ProviderErrorOptions> = {}): ProviderError =>
  new ProviderError('busy', { kind: 'overloaded', retryable: true, ...options })

/** Each try yields its chunks, or throws its error after those that came before it. */
function tries(...scripts: readonly (readonly (Chunk | Error)[])[]) {
  let count = 0
  const returned: number[] = []
  const adapter: ProviderAdapter = {
    id: 'x',
    api: 'x',
    async *stream() {
      const mine = count++
      try {
        for (const step of scripts[mine] ?? [finish]) {
          if (step instanceof Error) throw step
          yield step
        }
      } finally {
        returned.push(mine)
      }
    },
  }
  return { adapter, returned, count: () => count }
}

function retrying(
  adapter: ProviderAdapter,
  options: Partial<RetryOptions> = {},
  signal?: AbortSignal,
) {
  const slept: number[] = []
  const stream = wrapped(adapter, {
    maxRetries: 3,
    withinMs: 600_000,
    clock: () => 0,
    random: () => 0,
    sleep: async (ms) => void slept.push(ms),
    ...options,
  }).stream({ model: 'm', messages: [] }, { signal: signal ?? new AbortController().signal })
  return { stream, slept }
}

test('what may pass is tried again, after a longer wait each time; the reader sees why and how long', async () => {
  const first = busy()
  const { adapter, count } = tries([first], [busy()], [busy()], [finish])
  const { stream, slept } = retrying(adapter)
  const seen = await collect(stream)
  expect(seen.slice(0, 3)).toMatchObject([
    { type: 'retry', attempt: 1, delayMs: 500 },
    { type: 'retry', attempt: 2, delayMs: 1000 },
    { type: 'retry', attempt: 3, delayMs: 2000 },
  ])
  expect(seen[0]).toHaveProperty('error', first)
  expect(seen[3]).toBe(finish)
  expect([slept, count()]).toEqual([[500, 1000, 2000], 4])
})

test('the last error is thrown when the tries are used up; 0 means none', async () => {
  const last = busy()
  const { adapter, count } = tries([busy()], [busy()], [last])
  await expect(collect(retrying(adapter, { maxRetries: 2 }).stream)).rejects.toBe(last)
  expect(count()).toBe(3)
  const once = tries([last])
  await expect(collect(retrying(once.adapter, { maxRetries: 0 }).stream)).rejects.toBe(last)
  expect(once.count()).toBe(1)
})

test('what will not pass is not tried again', async () => {
  const error = busy({ retryable: false })
  const { adapter, count } = tries([error])
  await expect(collect(retrying(adapter).stream)).rejects.toBe(error)
  expect(count()).toBe(1)
})

test('nothing is repeated once something of the answer was passed on', async () => {
  for (const said of [
    { type: 'text', text: 'a' },
    [{ type: 'tool_input', id: '1', tool: 't', delta: '{' }],
    { type: 'part', part: { type: 'text', text: 'a' } },
  ] as const) {
    const error = busy()
    const { adapter, count } = tries([said, error])
    await expect(collect(retrying(adapter).stream)).rejects.toBe(error)
    expect(count()).toBe(1)
  }
})

test('a warning about the request is no part of the answer, alone or in a chunk', async () => {
  const warning = { type: 'warning', code: 'unsupported', message: 'effort' } as const
  const { adapter, count } = tries([warning, busy()], [[warning], [], busy()], [[warning, finish]])
  const seen = (await collect(retrying(adapter).stream)).flat()
  expect(seen.map(({ type }) => type)).toEqual([
    'warning',
    'retry',
    'warning',
    'retry',
    'warning',
    'finish',
  ])
  expect(count()).toBe(3)
})

test('an adapter that throws before it has a stream is tried again too', async () => {
  let count = 0
  const { adapter } = tries([finish])
  const throws: ProviderAdapter = {
    ...adapter,
    stream(request, context) {
      if (count++ === 0) throw busy()
      return adapter.stream(request, context)
    },
  }
  expect(await collect(retrying(throws).stream)).toHaveLength(2)
})

test('cancelled during the wait: the call is not made again', async () => {
  const aborter = new AbortController()
  const error = busy({ retryAfterMs: 50_000 })
  const { adapter, count } = tries([error])
  const { stream } = retrying(adapter, { sleep }, aborter.signal)
  const reading = (async () => {
    for await (const _ of stream) setTimeout(() => aborter.abort(), 1)
  })()
  await expect(reading).rejects.toBe(error)
  expect(count()).toBe(1)
})

test('cancelled before the failure: no wait at all', async () => {
  const { adapter } = tries([busy()])
  await expect(collect(retrying(adapter, {}, AbortSignal.abort()).stream)).rejects.toThrow('busy')
})

test('after the first event the inner iterator is used as it is, and left when the reader leaves', async () => {
  const { adapter, returned } = tries([busy()], [{ type: 'text', text: 'a' }, finish])
  for await (const chunk of retrying(adapter).stream)
    if ((chunk as ModelEvent).type === 'text') break
  expect(returned).toEqual([0, 1])
})

test('left before anything was asked', async () => {
  const { adapter, count } = tries([finish])
  const iterator = retrying(adapter).stream[Symbol.asyncIterator]()
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
  expect(count()).toBe(0)
})

test('the delay: doubled up to 8 s, less up to a quarter by chance; what the vendor asks for up to a minute', () => {
  const delays = [0, 1, 2, 3, 4, 5, 60].map((attempt) => retryDelay(busy(), attempt, () => 0))
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000])
  expect(retryDelay(busy(), 0, () => 1)).toBe(375)
  expect(retryDelay(busy({ retryAfterMs: 60_000 }), 0, () => 1)).toBe(60_000)
  expect(retryDelay(busy({ retryAfterMs: 60_001 }), 0, () => 1)).toBeNull()
  expect(retryDelay(busy({ partial: 'half' }), 0, () => 1)).toBeNull()
  expect(retryDelay(new Error('x'), 0, () => 1)).toBeNull()
})

test('no try begins after the time that a call may take', async () => {
  let now = 0
  const last = busy()
  const { adapter, count } = tries([busy()], [last])
  const { stream } = retrying(adapter, {
    withinMs: 1000,
    clock: () => now,
    sleep: async (ms) => void (now += ms),
  })
  await expect(collect(stream)).rejects.toBe(last)
  expect([count(), now]).toEqual([2, 500])
})
