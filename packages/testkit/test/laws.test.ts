import { isBatch, type ModelEvent, type ProviderAdapter } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { acme } from '../examples/acme.ts'
import {
  formatOf,
  fuzzProvider,
  moveConversation,
  providerChecks,
  testProvider,
  type AdapterFactory,
  type Law,
} from '../src/index.ts'

const format = formatOf('ollama.chat')
const options = { ...(format && { format }), streams: 40 }

describe('an adapter of a third party', () => {
  for (const { law, name, run } of providerChecks(acme, options))
    it(`law ${law}: ${name}`, () => expect(run()).resolves.toBeUndefined(), 60_000)
})

type Stream = ProviderAdapter['stream']

/** The adapter with another `stream`, made of its own. */
function altered(change: (stream: Stream, url: string) => Stream): AdapterFactory {
  return (given) => {
    const adapter = acme(given)
    return { ...adapter, stream: change((...args) => adapter.stream(...args), given.baseURL) }
  }
}

/** The adapter whose events are changed one by one. */
function mapped(change: (event: ModelEvent) => readonly ModelEvent[]): AdapterFactory {
  return altered(
    (stream) =>
      async function* (request, context) {
        for await (const value of stream(request, context))
          yield (isBatch(value) ? value : [value]).flatMap(change)
      },
  )
}

const broken: readonly (readonly [Law, string, AdapterFactory])[] = [
  [
    1,
    'throws what it likes',
    altered(
      (stream) =>
        async function* (request, context) {
          try {
            yield* stream(request, context)
          } catch {
            throw new Error('something')
          }
        },
    ),
  ],
  [2, 'finishes twice', mapped((event) => (event.type === 'finish' ? [event, event] : [event]))],
  [
    2,
    'takes what was cut for an answer',
    altered(
      (stream) =>
        async function* (request, context) {
          try {
            yield* stream(request, context)
          } catch {
            yield { type: 'finish', stopReason: 'stop', usage: null }
          }
        },
    ),
  ],
  [3, 'shows no deltas', mapped((event) => (event.type === 'text' ? [] : [event]))],
  [
    3,
    'loses calls',
    mapped((event) => (event.type === 'part' && event.part.type === 'tool_call' ? [] : [event])),
  ],
  [
    3,
    'counts something else',
    mapped((event) => (event.type === 'finish' ? [{ ...event, usage: null }] : [event])),
  ],
  [4, 'warns of nothing', mapped((event) => (event.type === 'warning' ? [] : [event]))],
  [
    5,
    'does not hear an abort',
    altered((stream) => (request) => stream(request, { signal: new AbortController().signal })),
  ],
  [
    5,
    'leaves a listener',
    altered((stream) => (request, context) => {
      context.signal.addEventListener('abort', () => {})
      return stream(request, context)
    }),
  ],
  [
    6,
    'tries again',
    altered(
      (stream) =>
        async function* (request, context) {
          try {
            for await (const value of stream(request, context)) yield value
          } catch {
            yield* stream(request, context)
          }
        },
    ),
  ],
  [
    7,
    'reads the environment',
    altered((stream) => (request, context) => {
      const name = process.env['ACME_MODEL']
      return stream({ ...request, model: name ?? request.model }, context)
    }),
  ],
  [
    8,
    'changes the request',
    altered((stream) => (request, context) => {
      Object.assign(request, { model: 'another' })
      return stream(request, context)
    }),
  ],
  [
    9,
    'sends what another vendor gave',
    altered((stream) => (request, context) => {
      const params = { ...request.params, history: JSON.parse(JSON.stringify(request.messages)) }
      return stream({ ...request, params }, context)
    }),
  ],
  [
    9,
    'forgets results',
    altered((stream) => (request, context) => {
      const messages = [{ role: 'tool', tool_name: 'x', content: 'y' }]
      return stream({ ...request, params: { messages } }, context)
    }),
  ],
]

describe('an adapter that', () => {
  it.each(broken)(
    'law %i: %s',
    async (law, _what, factory) => {
      const checks = providerChecks(factory, { ...options, streams: 4 }).filter(
        (one) => one.law === law,
      )
      const outcomes = await Promise.allSettled(checks.map(({ run }) => run()))
      const failed = outcomes.filter(({ status }) => status === 'rejected')
      expect(failed.length).toBeGreaterThan(0)
    },
    60_000,
  )
})

describe('fuzzProvider', () => {
  it('finds nothing in an adapter that holds together', async () => {
    const { answers, errors, failures } = await fuzzProvider(acme, { ...options, count: 300 })
    expect(failures).toEqual([])
    expect(answers + errors).toBe(300)
    expect(Math.min(answers, errors)).toBeGreaterThan(30)
  }, 60_000)

  it('serves the same bodies for the same seed', async () => {
    const run = (seed: number) => fuzzProvider(acme, { ...options, count: 40, seed })
    expect(await run(3)).toEqual(await run(3))
    expect(await run(3)).not.toEqual(await run(4))
  }, 60_000)

  it('finds what is thrown and what is half', async () => {
    const throwing = broken.find(([, what]) => what === 'throws what it likes')?.[2] ?? acme
    const half = broken.find(([, what]) => what === 'shows no deltas')?.[2] ?? acme
    for (const factory of [throwing, half])
      expect((await fuzzProvider(factory, { ...options, count: 60 })).failures).not.toEqual([])
  }, 60_000)

  it('finds what nobody could catch', async () => {
    const stray = altered((stream) => (request, context) => {
      void Promise.reject(new Error('stray'))
      return stream(request, context)
    })
    const { failures } = await fuzzProvider(stray, { ...options, count: 3 })
    expect(failures.map(({ reason }) => reason)).toContain('nobody could catch stray')
  }, 60_000)
})

describe('moveConversation', () => {
  const stop = (factory: AdapterFactory) => ({ factory, ...(format && { format }) })

  it('goes on at every vendor', async () => {
    const history = await moveConversation([stop(acme), stop(acme)])
    expect(history.map(({ role }) => role).join(' ')).toBe(
      Array.from({ length: 2 }, () => 'user assistant tool tool assistant user').join(' '),
    )
  })

  it('ends where a vendor finds fault', async () => {
    const forgetful = broken.find(([, what]) => what === 'forgets results')?.[2] ?? acme
    await expect(moveConversation([stop(acme), stop(forgetful)])).rejects.toThrow(/^stop 2, acme/)
  })
})

describe('testProvider', () => {
  it('says what it knows no format of', async () => {
    const factory = (): ProviderAdapter => ({
      ...acme({ baseURL: 'http://127.0.0.1:1' }),
      api: 'x.y',
    })
    await expect(testProvider(factory)).rejects.toThrow('The kit knows no format of the API x.y')
  })
})
