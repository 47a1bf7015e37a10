import type { Json, ModelEvent } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { ChatFold } from '../../src/chat/from-chat-stream.ts'
import { inputs, partsOf } from '../collect.ts'

function newFold(): ChatFold {
  let count = 0
  const newId = () => `new_${(count += 1)}`
  return new ChatFold({ name: 'Vendor', api: 'vendor.chat', model: 'm', newId })
}

/** With the server's own mark at the end. */
function fold(...chunks: readonly object[]): ModelEvent[] {
  const answer = newFold()
  const out: ModelEvent[] = []
  for (const chunk of chunks) answer.take(chunk as Json, out)
  answer.end(true, out)
  return out
}
const finish = (events: readonly ModelEvent[]) => events.find(({ type }) => type === 'finish')
const opaque = (data: object) => ({ opaque: { by: 'vendor.chat', model: 'm', data } })

const delta = (given: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: given, finish_reason }],
})
const call = (piece: object) => delta({ tool_calls: [piece] })
const fn = (name: string | null, args: unknown) => ({
  function: { ...(name !== null && { name }), arguments: args },
})
const stop = delta({}, 'stop')
const calls = (events: readonly ModelEvent[]) =>
  partsOf(events).map((part) => part.type === 'tool_call' && [part.id, part.tool, part.args])

describe('an answer of the Chat Completions API', () => {
  it('gives what was thought, what was said and the calls, in this order', () => {
    const events = fold(
      delta({ role: 'assistant', content: null, reasoning_content: 'hm ' }),
      delta({ reasoning_content: 'hm' }),
      delta({ content: 'a' }),
      call({ index: 0, id: 'c1', type: 'function', ...fn('add', '{"x"') }),
      call({ index: 0, ...fn(null, ':1}') }),
      delta({ content: 'b' }),
      delta({}, 'tool_calls'),
    )
    expect(events).toEqual([
      { type: 'thinking', text: 'hm ', index: 0 },
      { type: 'thinking', text: 'hm', index: 0 },
      { type: 'text', text: 'a', index: 1 },
      { type: 'tool_input', id: 'c1', tool: 'add', delta: '{"x"' },
      { type: 'tool_input', id: 'c1', tool: 'add', delta: ':1}' },
      { type: 'text', text: 'b', index: 1 },
      {
        type: 'part',
        part: { type: 'thinking', text: 'hm hm', ...opaque({ field: 'reasoning_content' }) },
      },
      { type: 'part', part: { type: 'text', text: 'ab' } },
      { type: 'part', part: { type: 'tool_call', id: 'c1', tool: 'add', args: { x: 1 } } },
      { type: 'finish', stopReason: 'tool_calls', rawStopReason: 'tool_calls', usage: null },
    ])
  })

  it('takes the first of several choices', () => {
    const choices = (first: string, second: string) => ({
      choices: [
        { index: 1, delta: { content: second } },
        { index: 0, delta: { content: first } },
      ],
    })
    expect(shownText(fold(choices('a', 'x'), choices('b', 'y'), stop), 'text')).toBe('ab')
  })

  it('reads thinking under each of its names, once', () => {
    expect(partsOf(fold(delta({ reasoning: 'x' }), stop))).toEqual([
      { type: 'thinking', text: 'x', ...opaque({ field: 'reasoning' }) },
    ])
    const both = delta({ reasoning_content: 'x', reasoning: 'x' })
    expect(shownText(fold(both, both, stop), 'thinking')).toBe('xx')
    const list = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'so' },
    ]
    const events = fold(delta({ content: list }), stop)
    expect(partsOf(events)).toEqual([
      { type: 'thinking', text: 'hm' },
      { type: 'text', text: 'so' },
    ])
  })

  it('puts details of reasoning together as they must come back', () => {
    const piece = (detail: object, reasoning: string | null = null) =>
      delta({ reasoning, reasoning_details: [detail] })
    const text = (given: object) => ({ type: 'reasoning.text', index: 0, format: 'f', ...given })
    const secret = { type: 'reasoning.encrypted', index: 1, id: 'r', data: 'ZW5j' }
    const events = fold(
      piece(text({ text: 'a' }), 'a'),
      piece(text({ text: 'b', signature: null }), 'b'),
      piece(text({ signature: 'c2ln' })),
      delta({ content: 'x' }),
      piece(secret),
      stop,
    )
    const details = [text({ text: 'ab', signature: 'c2ln' }), secret]
    expect(partsOf(events)[0]).toEqual({
      type: 'thinking',
      text: 'ab',
      ...opaque({ reasoning_details: details }),
    })
    expect(shownText(events, 'thinking')).toBe('ab')
    const twice = fold(piece(text({ text: 'a' }), 'a'), piece({ ...secret, index: 0 }), stop)
    expect(partsOf(twice)[0]).toMatchObject({
      opaque: { data: { reasoning_details: [text({ text: 'a' }), { ...secret, index: 0 }] } },
    })
    expect(partsOf(fold(piece(secret), stop))[0]).toMatchObject({ text: '', redacted: true })
    expect(
      shownText(
        fold(piece({ type: 'reasoning.summary', summary: 's', index: 0 }), stop),
        'thinking',
      ),
    ).toBe('s')
  })

  it('cites each address once, however it is given', () => {
    const citation = (url: string) => ({ type: 'url_citation', url_citation: { url, title: 'T' } })
    const events = fold(
      delta({ annotations: [citation('https://a.example'), citation('https://a.example')] }),
      {
        ...stop,
        citations: ['https://b.example', 'https://a.example', 'no address'],
        search_results: [{ url: 'https://c.example', title: 'C' }],
      },
    )
    expect(partsOf(events)).toEqual([
      { type: 'source', url: 'https://a.example', title: 'T' },
      { type: 'source', url: 'https://c.example', title: 'C' },
      { type: 'source', url: 'https://b.example' },
    ])
  })

  it('takes a refusal for what was said', () => {
    const events = fold(delta({ content: null, refusal: 'N' }), delta({ refusal: 'o.' }), stop)
    expect(partsOf(events)).toEqual([{ type: 'text', text: 'No.' }])
    expect(finish(events)).toMatchObject({ stopReason: 'refused', rawStopReason: 'stop' })
  })
})

describe('calls', () => {
  it('are told apart by their place', () => {
    const events = fold(
      call({ index: 0, id: 'a', ...fn('add', '') }),
      call({ index: 1, id: 'b', ...fn('add', '{"x":') }),
      call({ index: 0, ...fn(null, '{}') }),
      call({ index: 1, id: '', ...fn('', '1}') }),
      call({ index: 1, id: 'b', ...fn('add', '') }),
      stop,
    )
    expect(calls(events)).toEqual([
      ['a', 'add', {}],
      ['b', 'add', { x: 1 }],
    ])
    expect(finish(events)).toMatchObject({ stopReason: 'tool_calls', rawStopReason: 'stop' })
  })

  it('are two where one place has two ids', () => {
    const events = fold(
      call({ index: 0, id: 'a', ...fn('add', '{"x":1}') }),
      call({ index: 0, id: 'b', ...fn('add', '{"x":2}') }),
      call({ index: 0, ...fn(null, ' ') }),
      stop,
    )
    expect(inputs(events)).toEqual({ a: '{"x":1}', b: '{"x":2} ' })
    expect(calls(events)).toEqual([
      ['a', 'add', { x: 1 }],
      ['b', 'add', { x: 2 }],
    ])
  })

  it('without a place are told apart by ids, else by names', () => {
    expect(
      calls(
        fold(
          call({ id: 'a', ...fn('add', '{"x"') }),
          call({ id: 'b', ...fn('sub', '{}') }),
          call({ id: 'a', ...fn(null, ':1}') }),
          stop,
        ),
      ),
    ).toEqual([
      ['a', 'add', { x: 1 }],
      ['b', 'sub', {}],
    ])
    expect(
      calls(
        fold(call(fn('add', '{"x"')), call(fn(null, ':1}')), call(fn('add', { y: [2] })), stop),
      ),
    ).toEqual([
      ['new_1', 'add', { x: 1 }],
      ['new_2', 'add', { y: [2] }],
    ])
  })

  it('get an id where the server gives none, and keep it when one comes late', () => {
    const events = fold(
      call({ index: 0, ...fn('add', '{"x"') }),
      call({ index: 0, id: 'late', ...fn(null, ':1}') }),
      stop,
    )
    expect(inputs(events)).toEqual({ new_1: '{"x":1}' })
    expect(calls(events)).toEqual([['new_1', 'add', { x: 1 }]])
  })

  it('are held back until their name is known', () => {
    const events = fold(
      call({ index: 0, id: 'a', function: { arguments: '{"x"' } }),
      call({ index: 0, ...fn('add', ':1}') }),
      stop,
    )
    expect(events.filter(({ type }) => type === 'tool_input')).toEqual([
      { type: 'tool_input', id: 'a', tool: 'add', delta: '{"x":1}' },
    ])
  })

  it('keep what a vendor puts beside them', () => {
    const extra = { extra_content: { google: { thought_signature: 'c2ln' } } }
    const events = fold(
      call({ index: 0, id: 'a', type: 'function', ...fn('add', '{}'), ...extra }),
      call({ index: 0, ...fn(null, ''), extra_content: null }),
      stop,
    )
    expect(partsOf(events)).toEqual([
      { type: 'tool_call', id: 'a', tool: 'add', args: {}, ...opaque(extra) },
    ])
  })

  it('are marked where the output limit cut them', () => {
    for (const text of ['{"x":"y', '']) {
      const events = fold(
        call({ index: 0, id: 'a', ...fn('add', '{"x":1}') }),
        call({ index: 1, id: 'b', ...fn('add', text) }),
        delta({}, 'length'),
      )
      expect(partsOf(events)[0]).not.toHaveProperty('invalid')
      expect(partsOf(events)[1]).toMatchObject({ invalid: expect.stringContaining('output limit') })
      expect(finish(events)).toMatchObject({ stopReason: 'length' })
    }
    const whole = fold(call({ index: 0, id: 'a', ...fn('add', '{"x":1}') }), delta({}, 'length'))
    expect(partsOf(whole)[0]).not.toHaveProperty('invalid')
  })

  it('of the old kind are calls too', () => {
    const events = fold(
      delta({ function_call: { name: 'add', arguments: '{"x"' } }),
      delta({ function_call: { arguments: ':1}' } }),
      delta({}, 'function_call'),
    )
    expect(calls(events)).toEqual([['new_1', 'add', { x: 1 }]])
    expect(finish(events)).toMatchObject({ stopReason: 'tool_calls' })
  })
})

describe('the end', () => {
  it('is a reason to stop, with or without a mark', () => {
    const answer = newFold()
    const out: ModelEvent[] = []
    answer.take(delta({ content: 'x' }) as Json, out)
    answer.end(false, out)
    expect(answer.isFinished).toBe(false)
    answer.take(stop as Json, out)
    answer.end(false, out)
    expect(answer.isFinished).toBe(true)
    answer.end(true, out)
    expect(out.filter(({ type }) => type === 'finish')).toHaveLength(1)
  })

  it('is a mark behind an answer, but not behind nothing', () => {
    expect(finish(fold(delta({ content: 'x' })))).toEqual({
      type: 'finish',
      stopReason: 'other',
      usage: null,
    })
    expect(fold(delta({ content: '' }))).toEqual([])
  })

  it('takes usage wherever it comes', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    const expected = { inputTokens: 3, outputTokens: 2 }
    for (const chunks of [
      [stop, { choices: [], usage }],
      [{ ...stop, usage }],
      [stop, { ...stop, usage }, { choices: [], usage: null }],
      [{ choices: [{ ...stop.choices[0], usage }] }],
      [{ usage }, stop],
    ])
      expect(finish(fold(delta({ content: 'x' }), ...chunks))).toMatchObject({ usage: expected })
  })

  it.each([
    ['all of it', {}, [10, 0, 0, 5]],
    ['what the cache held', { prompt_tokens_details: { cached_tokens: 4 } }, [6, 4, 0, 5]],
    ['what DeepSeek’s cache held', { prompt_cache_hit_tokens: 4 }, [6, 4, 0, 5]],
    [
      'what the cache keeps',
      { prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 5 } },
      [1, 4, 5, 5],
    ],
    [
      'what is counted twice',
      { prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 8 } },
      [0, 8, 2, 5],
    ],
    [
      'reasoning inside of the completion',
      { completion_tokens_details: { reasoning_tokens: 3 } },
      [10, 0, 0, 5],
    ],
    [
      'reasoning beside the completion',
      { completion_tokens_details: { reasoning_tokens: 3 }, total_tokens: 18 },
      [10, 0, 0, 8],
    ],
  ])('counts %s', (_name, more, [input, read, write, output]) => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, ...more }
    expect(finish(fold({ ...stop, usage }))).toMatchObject({
      usage: {
        inputTokens: input,
        cacheReadTokens: read,
        cacheWriteTokens: write,
        outputTokens: output,
        costUsd: null,
      },
    })
  })

  const withCall = call({ index: 0, id: 'a', ...fn('add', '{}') })
  it.each([
    ['stop', 'stop', 'tool_calls'],
    ['eos', 'stop', 'tool_calls'],
    ['tool_calls', 'other', 'tool_calls'],
    ['function_call', 'other', 'tool_calls'],
    ['length', 'length', 'length'],
    ['model_length', 'length', 'length'],
    ['content_filter', 'refused', 'refused'],
    ['insufficient_system_resource', 'error', 'error'],
    ['brand_new', 'other', 'tool_calls'],
  ])('%s is %s, with calls %s', (raw, plain, calling) => {
    expect(finish(fold(delta({ content: 'x' }, raw)))).toMatchObject({
      stopReason: plain,
      rawStopReason: raw,
    })
    expect(finish(fold(withCall, delta({}, raw)))).toMatchObject({ stopReason: calling })
  })

  it.each([
    [{ code: 502, message: 'x' }, 'server', true],
    [{ code: 429, message: 'x' }, 'rate_limit', true],
    [{ code: 400, message: 'x' }, 'invalid_request', false],
    ['out of memory', 'server', true],
    [{ message: 'x', type: 'invalid_request_error', code: 'tool_use_failed' }, 'server', true],
    [{ message: 'x', code: 'content_filter' }, 'refused', false],
  ])('is an error in a chunk: %o', (error, kind, retryable) => {
    let thrown: unknown
    try {
      fold(delta({ content: 'said' }), { error })
    } catch (caught) {
      thrown = caught
    }
    expect(thrown).toMatchObject({ kind, retryable, partial: 'said' })
  })
})
