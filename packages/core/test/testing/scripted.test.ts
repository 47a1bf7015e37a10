import { expect, test } from 'vitest'
import { ProviderError, type ModelEvent } from '../../src/index.ts'
import { call, collect, scripted, type ScriptedStep } from '../../src/testing.ts'

const { signal } = new AbortController()
const play = (steps: readonly ScriptedStep[], options = {}) => {
  const adapter = scripted(steps, options)
  const ask = (given = signal) =>
    collect(adapter.stream({ model: 'm', messages: [] }, { signal: given })) as Promise<
      ModelEvent[]
    >
  return { adapter, ask }
}

test('a text comes as deltas that equal its part, then finish', async () => {
  const { ask } = play(['a longer answer'], { deltaLength: 6 })
  expect(await ask()).toEqual([
    { type: 'text', text: 'a long', index: 0 },
    { type: 'text', text: 'er ans', index: 0 },
    { type: 'text', text: 'wer', index: 0 },
    { type: 'part', part: { type: 'text', text: 'a longer answer' } },
    {
      type: 'finish',
      stopReason: 'stop',
      usage: expect.objectContaining({ inputTokens: 10, outputTokens: 5, costUsd: null }),
    },
  ])
})

test('calls stop for tools; what is spelled out is taken; usage may be unknown', async () => {
  const { ask } = play([
    [{ type: 'thinking', text: 'hm' }, call('1', 't', { a: 1 })],
    { content: [], stopReason: 'length', usage: { outputTokens: 7 } },
    { content: [], usage: null },
  ])
  const first = await ask()
  expect(first.map(({ type }) => type)).toEqual([
    'thinking',
    'part',
    'tool_input',
    'part',
    'finish',
  ])
  expect(first[2]).toMatchObject({ id: '1', tool: 't', delta: '{"a":1}' })
  expect(first.at(-1)).toMatchObject({ stopReason: 'tool_calls' })
  expect(await ask()).toMatchObject([
    { stopReason: 'length', usage: { inputTokens: 10, outputTokens: 7 } },
  ])
  expect(await ask()).toMatchObject([{ stopReason: 'stop', usage: null }])
})

test('errors are thrown, after the deltas where it says so; a step may look at the request', async () => {
  const error = new ProviderError('busy', { kind: 'overloaded' })
  const { ask, adapter } = play([
    error,
    { content: [{ type: 'text', text: 'half' }], error },
    ({ model }) => `I am ${model}`,
  ])
  await expect(ask()).rejects.toBe(error)
  await expect(ask()).rejects.toBe(error)
  expect((await ask())[0]).toMatchObject({ text: 'I am m' })
  expect(adapter.requests).toHaveLength(3)
})

test('asking for more than the script has, and for less, both fail', async () => {
  const { ask, adapter } = play(['one'])
  expect(() => adapter.assertDone()).toThrow(/1 steps; only 0/)
  await ask()
  adapter.assertDone()
  await expect(ask()).rejects.toThrow(/asked for another one/)
  expect(() => {
    using model = scripted(['one'])
    void model
  }).toThrow(/only 0/)
})

test('it stops when it is cancelled', async () => {
  const { ask } = play(['a text'])
  await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' })
})

test('what it was sent stays as it was at that time', async () => {
  const { adapter } = play(['one'])
  const messages = [{ role: 'user', content: [] } as const]
  await collect(adapter.stream({ model: 'm', messages }, { signal }))
  messages.length = 0
  expect(adapter.requests[0]?.messages).toHaveLength(1)
})
