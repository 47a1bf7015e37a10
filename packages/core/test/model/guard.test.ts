import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { ProviderError } from '../../src/errors.ts'
import type { AssistantPart, Message } from '../../src/messages.ts'
import type { ModelEvent, ModelRequest, ProviderAdapter } from '../../src/model/adapter.ts'
import { guarded, type GuardOptions } from '../../src/model/guard.ts'
import { collect } from '../../src/testing.ts'
import { zeroUsage } from '../../src/usage.ts'

type Chunk = ModelEvent | readonly ModelEvent[]

const never = (): Promise<never> => new Promise(() => {})
const finish: ModelEvent = { type: 'finish', stopReason: 'stop', usage: null }
const text = (value: string): ModelEvent => ({ type: 'text', text: value })
const calling = (id: string): ModelEvent => ({
  type: 'part',
  part: Object.freeze({ type: 'tool_call', id, tool: 't', args: {} }),
})
/** When the signal aborts, or has. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

const request = { model: 'm', messages: [] }

function adapterOf(stream: ProviderAdapter['stream']): ProviderAdapter {
  return { id: 'x', api: 'x.y', stream }
}

/** Yields the chunks, one a turn of the event loop. */
function saying(...chunks: readonly Chunk[]): ProviderAdapter {
  return adapterOf(async function* () {
    for (const chunk of chunks) {
      await setImmediate()
      yield chunk
    }
  })
}

function streamOf(
  adapter: ProviderAdapter,
  options: Partial<GuardOptions> = {},
  signal: AbortSignal = new AbortController().signal,
): AsyncIterable<Chunk> {
  return guarded(adapter, { timeoutMs: 60_000, idleMs: 60_000, price: null, ...options }).stream(
    request,
    {
      signal,
    },
  )
}

/** What was yielded until the error, and the error. */
async function failing(stream: AsyncIterable<Chunk>) {
  const chunks: Chunk[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
  } catch (error) {
    if (error instanceof ProviderError) return { chunks, error }
    throw error
  }
  throw new Error('it did not fail')
}

test('what keeps the laws passes untouched, as the very objects', async () => {
  const chunks = [text('a'), [text('b'), calling('1')], finish]
  const seen = await collect(streamOf(saying(...chunks)))
  expect(seen).toHaveLength(3)
  for (const [index, chunk] of chunks.entries()) expect(seen[index]).toBe(chunk)
})

test('whatever an adapter throws is a ProviderError with the partial text', async () => {
  const broken = adapterOf(async function* () {
    yield [text('half '), text('a word')]
    throw new TypeError('x is not a function')
  })
  const { error } = await failing(streamOf(broken))
  expect(error).toMatchObject({ kind: 'protocol', retryable: false, partial: 'half a word' })
  expect(error.message).toBe("The provider's adapter failed: x is not a function")
  expect(error.cause).toBeInstanceOf(TypeError)
})

test('an error of its own kind stays the same object, also of another copy of the package', async () => {
  const copy: typeof import('../../src/errors.ts') = await import(
    /* @vite-ignore */ new URL('../../src/errors.ts?copy', import.meta.url).href
  )
  for (const Type of [ProviderError, copy.ProviderError]) {
    const thrown = new Type('busy', { kind: 'overloaded', retryable: true })
    const stream = streamOf(
      adapterOf(async function* () {
        yield text('abc')
        throw thrown
      }),
    )
    await expect(collect(stream)).rejects.toBe(thrown)
    expect(thrown).toMatchObject({ partial: 'abc', retryable: true })
  }
})

test('an adapter that throws before it has a stream, or has none', async () => {
  const throws = adapterOf(() => {
    throw new Error('no such model')
  })
  expect((await failing(streamOf(throws))).error.message).toContain('no such model')
  const none = adapterOf(() => [finish] as unknown as AsyncIterable<ModelEvent>)
  expect((await failing(streamOf(none))).error.kind).toBe('protocol')
})

test('a stream without finish was cut off', async () => {
  const { error } = await failing(streamOf(saying(text('a'))))
  expect(error).toMatchObject({ kind: 'stream_truncated', retryable: true, partial: 'a' })
  expect((await failing(streamOf(saying()))).error.kind).toBe('stream_truncated')
})

test('going on after finish is against the protocol, in the same chunk and in a later one', async () => {
  for (const chunks of [[[finish, text('more')]], [finish, text('more')], [finish, finish]])
    expect((await failing(streamOf(saying(...(chunks as Chunk[]))))).error.kind).toBe('protocol')
})

test('a provider that falls silent is given up, before its first byte and after it', async () => {
  const silent = adapterOf(() => ({ [Symbol.asyncIterator]: () => ({ next: never }) }))
  const stuck = adapterOf(async function* (_, { signal }) {
    yield text('abc')
    await aborted(signal)
  })
  for (const [adapter, partial] of [
    [silent, ''],
    [stuck, 'abc'],
  ] as const) {
    const { error } = await failing(streamOf(adapter, { idleMs: 20 }))
    expect(error).toMatchObject({ kind: 'timeout', retryable: true, partial })
    expect(error.message).toBe('The provider sent nothing for 20 ms.')
  }
})

test('what holds no event is no silence, and neither is a reader that takes its time', async () => {
  vi.useFakeTimers()
  try {
    const pinging = adapterOf(async function* () {
      for (let count = 0; count < 5; count++) {
        await vi.advanceTimersByTimeAsync(15)
        yield []
      }
      yield finish
    })
    const chunks: Chunk[] = []
    for await (const chunk of streamOf(pinging, { idleMs: 20 })) {
      await vi.advanceTimersByTimeAsync(100)
      chunks.push(chunk)
    }
    expect(chunks).toHaveLength(6)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('no room for an answer is an overflow, when the input fills the window', async () => {
  const usage = {
    ...zeroUsage,
    inputTokens: 60,
    cacheReadTokens: 40,
    outputTokens: 1,
    costUsd: null,
  }
  const ended = { type: 'finish', stopReason: 'length', usage } as const
  const thought = { type: 'thinking', text: 'Hm' } as const
  const said = { type: 'text', text: 'Hm' } as const
  const within = (contextWindow: number, ...chunks: readonly Chunk[]) =>
    collect(streamOf({ ...saying(...chunks, ended), capabilities: () => ({ contextWindow }) }))
  await expect(within(100)).rejects.toMatchObject({ kind: 'overflow', retryable: false })
  await expect(within(100, { type: 'part', part: thought })).rejects.toMatchObject({
    kind: 'overflow',
  })
  expect(await within(101)).toHaveLength(1)
  expect(await within(100, { type: 'part', part: said })).toHaveLength(2)
})

test.each(['error', 'cancelled'] as const)(
  'a finish that says %s is an error',
  async (stopReason) => {
    const { error } = await failing(
      streamOf(saying({ type: 'finish', usage: null, stopReason, rawStopReason: 'oops' })),
    )
    expect(error).toMatchObject({
      kind: 'server',
      retryable: stopReason === 'error',
      message: expect.stringContaining('oops'),
    })
  },
)

test('every call has an id of its own', async () => {
  const chunks = await collect(
    streamOf(
      saying(calling('a'), [calling('a'), calling('')], calling(''), calling('a_2'), finish),
    ),
  )
  const ids = chunks
    .flat()
    .flatMap((event) =>
      'part' in event ? [(event.part as Extract<AssistantPart, { type: 'tool_call' }>).id] : [],
    )
  expect(ids).toEqual(['a', 'a_2', 'call', 'call_2', 'a_2_2'])
  for (const event of chunks.flat())
    if ('part' in event) expect(Object.isFrozen(event.part)).toBe(true)
})

test('the cost is added where a price is known and the adapter does not know it', async () => {
  const price = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 }
  const usage = { ...zeroUsage, inputTokens: 1_000_000, costUsd: null }
  const costs = async (given: typeof usage | { costUsd: number }, known: typeof price | null) =>
    (await collect(streamOf(saying({ ...finish, usage: given } as ModelEvent), { price: known })))
      .flat()
      .map((event) => event.type === 'finish' && event.usage?.costUsd)
  expect(await costs(usage, price)).toEqual([1])
  expect(await costs(usage, null)).toEqual([null])
  expect(await costs({ ...usage, costUsd: 0.5 }, price)).toEqual([0.5])
})

test('a call that takes too long is a timeout that may be tried again, whatever the adapter does', async () => {
  const deaf = adapterOf(() => ({ [Symbol.asyncIterator]: () => ({ next: never }) }))
  const noisy = adapterOf(async function* () {
    for (;;) {
      await setImmediate()
      yield []
    }
  })
  const polite = adapterOf(async function* (_, { signal }) {
    yield text('abc')
    await aborted(signal)
    throw new Error('closed')
  })
  for (const adapter of [deaf, noisy, polite]) {
    const { error } = await failing(streamOf(adapter, { timeoutMs: 20 }))
    expect(error).toMatchObject({ kind: 'timeout', retryable: true })
    expect(error.message).toContain('20 ms')
  }
})

test('cancelled: the kind is `cancelled`, whatever the adapter throws, or when it ends silently', async () => {
  const ways: ProviderAdapter['stream'][] = [
    async function* (_, { signal }) {
      yield text('a')
      await aborted(signal)
      throw new TypeError('socket')
    },
    async function* (_, { signal }) {
      yield text('a')
      await aborted(signal)
    },
    async function* () {
      yield text('a')
      await never()
    },
  ]
  for (const stream of ways) {
    const aborter = new AbortController()
    const guardedStream = streamOf(adapterOf(stream), {}, aborter.signal)
    const chunks: Chunk[] = []
    const reading = (async () => {
      for await (const chunk of guardedStream) {
        chunks.push(chunk)
        aborter.abort()
      }
    })()
    await expect(reading).rejects.toMatchObject({
      kind: 'cancelled',
      retryable: false,
      partial: 'a',
    })
    expect(chunks).toHaveLength(1)
  }
})

test('a deaf adapter is given up also when the reader was away while the grace period passed', async () => {
  vi.useFakeTimers()
  try {
    const aborter = new AbortController()
    const deaf = adapterOf(async function* () {
      yield text('a')
      await never()
    })
    const iterator = streamOf(deaf, {}, aborter.signal)[Symbol.asyncIterator]()
    await iterator.next()
    aborter.abort()
    vi.runAllTimers()
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'cancelled' })
  } finally {
    vi.useRealTimers()
  }
})

test('cancelled before it began', async () => {
  const deaf = adapterOf(() => ({ [Symbol.asyncIterator]: () => ({ next: never }) }))
  expect((await failing(streamOf(deaf, {}, AbortSignal.abort()))).error.kind).toBe('cancelled')
})

test('an answer that is whole counts although the call was cancelled before the adapter had ended', async () => {
  const aborter = new AbortController()
  const chunks: Chunk[] = []
  const stream = streamOf(
    adapterOf(async function* () {
      yield [text('a'), finish]
      await never()
    }),
    {},
    aborter.signal,
  )
  for await (const chunk of stream) {
    chunks.push(chunk)
    aborter.abort()
  }
  expect(chunks).toHaveLength(1)
})

test('the adapter is told when the reader leaves, and nobody waits for it', async () => {
  let returned = 0
  let signal: AbortSignal | undefined
  const adapter = adapterOf((_, context) => {
    signal = context.signal
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: text('a') }),
        return: () => (returned++, never()),
      }),
    }
  })
  for await (const _ of streamOf(adapter)) break
  await Promise.resolve()
  expect([returned, signal?.aborted]).toEqual([1, true])
})

test('an adapter that fails when it is told to end changes nothing', async () => {
  const adapter = adapterOf(() => ({
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: text('a') }),
      return: () => {
        throw new Error('cannot')
      },
    }),
  }))
  const seen: Chunk[] = []
  for await (const chunk of streamOf(adapter)) {
    seen.push(chunk)
    break
  }
  await setImmediate()
  expect(seen).toHaveLength(1)
})

test('a call that came to its end is not aborted afterwards: its connection may be used again', async () => {
  let signal: AbortSignal | undefined
  const adapter = adapterOf(async function* (_, context) {
    signal = context.signal
    yield finish
  })
  await collect(streamOf(adapter))
  expect(signal?.aborted).toBe(false)
})

test('1,000 calls leave no listener on a long-lived signal, and no timer', async () => {
  const { signal } = new AbortController()
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  await collect(streamOf(saying(text('a')), {}, AbortSignal.abort())).catch(() => {})
  const kinds = [
    saying(finish),
    saying(text('a')),
    adapterOf(() => {
      throw new Error('x')
    }),
  ]
  for (let count = 0; count < 1000; count++)
    await collect(streamOf(kinds[count % 3] ?? saying(finish), {}, signal)).catch(() => {})
  for await (const _ of streamOf(saying(text('a'), finish), {}, signal)) break
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  expect(
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  ).toBeLessThanOrEqual(timers)
})

test('what else an adapter can do stays', async () => {
  const adapter: ProviderAdapter = {
    ...saying(finish),
    capabilities() {
      return { contextWindow: this.id.length }
    },
  }
  const same = guarded(adapter, { timeoutMs: 1, idleMs: 1, price: null })
  expect([same.id, same.api, same.capabilities?.('m')]).toEqual(['x', 'x.y', { contextWindow: 1 }])
  expect('countTokens' in same).toBe(false)
})

test('a model that sees no images gets a text in their place, and the reader is told once', async () => {
  const asked: ModelRequest[] = []
  const blind: ProviderAdapter = {
    ...adapterOf(async function* (given) {
      asked.push(given)
      yield finish
    }),
    capabilities: (model) => ({ images: model === 'sees' }),
  }
  const image = { type: 'image', mediaType: 'image/png', data: 'AA==' } as const
  const messages: Message[] = [
    { role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] },
  ]
  const adapter = guarded(blind, { timeoutMs: 60_000, idleMs: 60_000, price: null })
  const ask = (model: string) =>
    collect(adapter.stream({ model, messages }, { signal: new AbortController().signal }))
  const omitted = { type: 'text', text: '[image (image/png) omitted: this model takes none]' }

  expect((await ask('blind')).flat()).toMatchObject([
    { type: 'warning', code: 'unsupported_part', message: expect.stringContaining('1 message') },
    finish,
  ])
  const shown = asked[0]?.messages
  expect(shown?.[0]?.content[1]).toEqual(omitted)
  messages.push({ role: 'user', content: [{ type: 'text', text: 'Well?' }] })
  expect((await ask('blind')).flat()).toEqual([finish])
  expect(asked[1]?.messages).toBe(shown)
  expect(shown).toHaveLength(2)
  expect((await ask('sees')).flat()).toEqual([finish])
  expect(asked[2]?.messages).toBe(messages)
})
