import type { AssistantPart, ModelEvent } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { OllamaFold } from '../src/from-ollama-stream.ts'

function fold(...lines: readonly object[]): ModelEvent[] {
  let count = 0
  const newId = () => `made_${(count += 1)}`
  const answer = new OllamaFold({ contextLength: undefined, newId })
  const out: ModelEvent[] = []
  for (const line of lines) answer.take(line, out)
  return out
}
const parts = (events: readonly ModelEvent[]): AssistantPart[] =>
  events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
const finish = (events: readonly ModelEvent[]) => events.find(({ type }) => type === 'finish')

const said = (message: object) => ({ message, done: false })
const done = (more: object = {}) => ({ message: { content: '' }, done: true, ...more })
const call = (name: string, args?: unknown, id?: string) => ({
  ...(id !== undefined && { id }),
  function: { name, ...(args !== undefined && { arguments: args }) },
})

describe('an answer', () => {
  it('joins what follows each other, and tells thinking from text', () => {
    const events = fold(
      said({ thinking: 'a' }),
      said({ thinking: 'b', content: 'c' }),
      said({ content: 'd' }),
      said({ tool_calls: [call('read', {}, 'x')] }),
      said({ content: 'e' }),
      done({ done_reason: 'stop' }),
    )
    expect(parts(events)).toEqual([
      { type: 'thinking', text: 'ab' },
      { type: 'text', text: 'cd' },
      { type: 'tool_call', id: 'x', tool: 'read', args: {} },
      { type: 'text', text: 'e' },
    ])
    expect(shownText(events, 'text')).toBe('cde')
    expect(events.flatMap((event) => ('index' in event ? [event.index] : []))).toEqual([
      0, 0, 1, 1, 3,
    ])
  })

  it('may end in the line that also says something', () => {
    const events = fold({ message: { content: 'a', tool_calls: null }, done: true })
    expect(parts(events)).toEqual([{ type: 'text', text: 'a' }])
    expect(finish(events)).toEqual({ type: 'finish', stopReason: 'stop', usage: null })
  })

  it('has calls with arguments of any form, and ids of ours where there is none', () => {
    const calls = [call('a', { x: 1 }, ''), call('b'), call('c', '{"y":2}'), call('d', 'no')]
    const events = fold(said({ tool_calls: calls }), done())
    expect(parts(events)).toEqual([
      { type: 'tool_call', id: 'made_1', tool: 'a', args: { x: 1 } },
      { type: 'tool_call', id: 'made_2', tool: 'b', args: {} },
      { type: 'tool_call', id: 'made_3', tool: 'c', args: { y: 2 } },
      {
        type: 'tool_call',
        id: 'made_4',
        tool: 'd',
        args: 'no',
        invalid: expect.stringContaining('not JSON'),
      },
    ])
    expect(events.flatMap((event) => (event.type === 'tool_input' ? [event.delta] : []))).toEqual([
      '{"x":1}',
      '{"y":2}',
      'no',
    ])
  })

  it('ignores what comes after its end', () => {
    const events = fold(done(), said({ content: 'x' }), done())
    expect(events.map(({ type }) => type)).toEqual(['finish'])
  })

  it.each([
    ['stop', 'stop', 'tool_calls'],
    ['length', 'length', 'length'],
    ['load', 'stop', 'tool_calls'],
    ['unload', 'stop', 'tool_calls'],
    ['brand_new', 'other', 'tool_calls'],
  ])('that ended by %s is %s, with calls %s', (raw, plain, calling) => {
    const reason = done({ done_reason: raw })
    expect(finish(fold(reason))).toMatchObject({ stopReason: plain, rawStopReason: raw })
    const withCall = said({ tool_calls: [call('read')] })
    expect(finish(fold(withCall, reason))).toMatchObject({ stopReason: calling })
  })

  it('counts what the server counts', () => {
    const usage = (counts: object) => finish(fold(done(counts)))
    expect(usage({ eval_count: 3 })).toMatchObject({
      usage: { inputTokens: 0, outputTokens: 3, costUsd: null },
    })
    expect(usage({ prompt_eval_count: 5, eval_count: 3 })).toMatchObject({
      usage: { inputTokens: 5, outputTokens: 3 },
    })
    expect(usage({})).toMatchObject({ usage: null })
  })
})
