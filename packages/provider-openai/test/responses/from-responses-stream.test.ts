import type { Json, ModelEvent } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { ResponsesFold } from '../../src/responses/from-responses-stream.ts'
import { inputs, partsOf } from '../collect.ts'

function fold(...events: readonly object[]): ModelEvent[] {
  const answer = new ResponsesFold('OpenAI', 'm')
  const out: ModelEvent[] = []
  for (const event of events) answer.take(event as Json, out)
  return out
}
const finish = (events: readonly ModelEvent[]) => events.find(({ type }) => type === 'finish')
const opaque = (data: object) => ({ opaque: { by: 'openai.responses', model: 'm', data } })

const added = (output_index: number, item: object) => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
const done = (output_index: number, item: object) => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
const delta = (type: string, output_index: number, text: string, more: object = {}) => ({
  type: `response.${type}.delta`,
  output_index,
  delta: text,
  ...more,
})
const completed = (more: object = {}) => ({
  type: 'response.completed',
  response: { status: 'completed', output: [], ...more },
})
const incomplete = (reason: string, output: readonly object[] = []) => ({
  type: 'response.incomplete',
  response: { status: 'incomplete', incomplete_details: { reason }, output },
})
const call = (id: string, args: string, more: object = {}) => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name: 'add',
  arguments: args,
  ...more,
})
const reasoning = (more: object = {}) => ({ type: 'reasoning', id: 'rs_1', summary: [], ...more })
const message = (...content: readonly object[]) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  phase: 'final_answer',
  content,
})
const outputText = (text: string, annotations: readonly object[] = []) => ({
  type: 'output_text',
  text,
  annotations,
})

describe('an answer of the Responses API', () => {
  it('gives the parts of a message, the item with the first', () => {
    const parts = [outputText('one '), outputText('two')]
    const events = fold(
      added(0, message()),
      delta('output_text', 0, 'one ', { content_index: 0 }),
      delta('output_text', 0, 'two', { content_index: 1 }),
      done(0, message(...parts)),
      completed(),
    )
    const { content: _content, ...item } = message()
    const part = { type: 'output_text', annotations: [] }
    expect(events).toEqual([
      { type: 'text', text: 'one ', index: 0 },
      { type: 'text', text: 'two', index: 1 },
      { type: 'part', part: { type: 'text', text: 'one ', ...opaque({ item, part }) } },
      { type: 'part', part: { type: 'text', text: 'two', ...opaque({ part }) } },
      { type: 'finish', stopReason: 'stop', rawStopReason: 'completed', usage: null },
    ])
  })

  it('shows summaries as paragraphs, and keeps their item whole', () => {
    const item = reasoning({
      summary: [
        { type: 'summary_text', text: 'First.' },
        { type: 'summary_text', text: 'Then.' },
      ],
      encrypted_content: 'ZW5j',
    })
    const events = fold(
      added(0, reasoning()),
      delta('reasoning_summary_text', 0, 'Fir', { summary_index: 0 }),
      delta('reasoning_summary_text', 0, 'st.', { summary_index: 0 }),
      delta('reasoning_summary_text', 0, 'Then.', { summary_index: 1 }),
      done(0, item),
      completed(),
    )
    expect(shownText(events, 'thinking')).toBe('First.\n\nThen.')
    expect(partsOf(events)).toEqual([
      { type: 'thinking', text: 'First.\n\nThen.', ...opaque(item) },
    ])
    // The same where nothing was streamed.
    expect(partsOf(fold(completed({ output: [item] })))).toEqual(partsOf(events))
    expect(shownText(fold(completed({ output: [item] })), 'thinking')).toBe('First.\n\nThen.')
  })

  it('keeps reasoning that cannot be read', () => {
    const item = reasoning({ encrypted_content: 'ZW5j' })
    expect(partsOf(fold(added(0, reasoning()), done(0, item), completed()))).toEqual([
      { type: 'thinking', text: '', redacted: true, ...opaque(item) },
    ])
  })

  it('takes the encrypted reasoning from the last event where it comes only there', () => {
    const item = reasoning({ encrypted_content: null })
    const output = [reasoning({ encrypted_content: 'ZW5j' })]
    expect(partsOf(fold(done(0, item), completed({ output })))[0]).toMatchObject(
      opaque({ encrypted_content: 'ZW5j' }),
    )
    // Not from another item that happens to stand there.
    const [part] = partsOf(fold(done(0, item), completed({ output: [call('a', '{}')] })))
    expect(part).toMatchObject(opaque(item))
  })

  it('shows the arguments of calls and keeps what is beside them', () => {
    const events = fold(
      added(0, call('a', '')),
      delta('function_call_arguments', 0, '{"x"'),
      added(1, call('b', '')),
      delta('function_call_arguments', 0, ':1}'),
      done(0, call('a', '{"x":1}', { namespace: 'n' })),
      done(1, call('b', '{ "y": 2 }')),
      completed(),
    )
    expect(inputs(events)).toEqual({ a: '{"x":1}', b: '{ "y": 2 }' })
    expect(partsOf(events)).toEqual([
      {
        type: 'tool_call',
        id: 'a',
        tool: 'add',
        args: { x: 1 },
        ...opaque({ id: 'fc_a', namespace: 'n' }),
      },
      {
        type: 'tool_call',
        id: 'b',
        tool: 'add',
        args: { y: 2 },
        ...opaque({ id: 'fc_b', arguments: '{ "y": 2 }' }),
      },
    ])
    expect(finish(events)).toMatchObject({ stopReason: 'tool_calls', rawStopReason: 'completed' })
  })

  it('tells items apart by their place, whatever their ids are', () => {
    const events = fold(
      added(1, { ...message(), id: 'x1' }),
      { ...delta('output_text', 1, 'b'), item_id: 'x2' },
      done(1, { ...message(outputText('b')), id: 'x3' }),
      { ...delta('output_text', 0, 'a'), item_id: 'x4' },
      done(0, { ...message(outputText('a')), id: 'x5' }),
      completed(),
    )
    expect(partsOf(events).map((part) => part.type === 'text' && part.text)).toEqual(['a', 'b'])
  })

  it('keeps whatever else there is, and ignores events that it does not know', () => {
    const item = {
      type: 'web_search_call',
      id: 'ws_1',
      status: 'completed',
      action: { query: 'q' },
    }
    const events = fold(
      { type: 'response.created', response: { model: 'other', output: [] } },
      added(0, { ...item, status: 'in_progress' }),
      { type: 'response.web_search_call.searching', output_index: 0 },
      { type: 'response.brand_new', delta: 'x' },
      done(0, item),
      completed(),
    )
    expect(partsOf(events)).toEqual([{ type: 'provider', ...opaque(item) }])
  })

  it('cites each address once', () => {
    const url = { type: 'url_citation', url: 'https://a.example', title: 'A' }
    const file = { type: 'file_citation', file_id: 'f' }
    const events = fold(completed({ output: [message(outputText('x', [url, file, url]))] }))
    expect(partsOf(events).slice(1)).toEqual([
      { type: 'source', url: 'https://a.example', title: 'A' },
    ])
    expect(partsOf(events)[0]).toMatchObject({
      opaque: { data: { part: { annotations: [url, file, url] } } },
    })
  })

  it('names the model as the answer does', () => {
    const events = fold(completed({ model: 'm-2026', output: [message(outputText('x'))] }))
    expect(partsOf(events)[0]).toMatchObject({ opaque: { model: 'm-2026' } })
  })

  it('says the rest of a text whose deltas were lost, and stays with what was shown where they differ', () => {
    const streamed = (text: string) =>
      fold(delta('output_text', 0, 'abc'), done(0, message(outputText(text))), completed())
    expect(shownText(streamed('abcde'), 'text')).toBe('abcde')
    expect(partsOf(streamed('abcde'))[0]).toMatchObject({ text: 'abcde' })
    expect(partsOf(streamed('xyz'))[0]).toMatchObject({ text: 'abc' })
  })

  it('completes an item from the last event only when it is the same kind', () => {
    const begun = added(0, call('a', ''))
    const same = fold(begun, completed({ output: [call('a', '{"x":1}')] }))
    expect(partsOf(same)[0]).toMatchObject({ type: 'tool_call', id: 'a', args: { x: 1 } })
    const other = fold(begun, completed({ output: [message(outputText('x'))] }))
    expect(partsOf(other)[0]).toMatchObject({ type: 'tool_call', id: 'a', args: {} })
  })

  it('trusts the stream where the last event counts otherwise', () => {
    const output = [message(outputText('a')), message(outputText('a'))]
    const events = fold(done(0, message(outputText('a'))), completed({ output }))
    expect(partsOf(events)).toHaveLength(1)
  })

  it('holds a call back whose name is not known, and shows it at the end', () => {
    const events = fold(
      delta('function_call_arguments', 0, '{"x"'),
      delta('function_call_arguments', 0, ':1}'),
      done(0, call('a', '{"x":1}')),
      completed(),
    )
    expect(inputs(events)).toEqual({ a: '{"x":1}' })
    expect(events.filter(({ type }) => type === 'tool_input')).toHaveLength(1)
  })
})

describe('the output limit', () => {
  it('marks the call that it cut, and no other', () => {
    for (const end of [[done(1, call('b', '{"a":"b', { status: 'incomplete' }))], []]) {
      const events = fold(
        added(0, call('a', '')),
        done(0, call('a', '{"x":1}')),
        added(1, call('b', '')),
        delta('function_call_arguments', 1, '{"a":"b'),
        ...end,
        incomplete('max_output_tokens'),
      )
      expect(partsOf(events)[0]).toMatchObject({ id: 'a', args: { x: 1 } })
      expect(partsOf(events)[0]).not.toHaveProperty('invalid')
      expect(partsOf(events)[1]).toMatchObject({
        id: 'b',
        invalid: expect.stringContaining('output limit'),
      })
      expect(finish(events)).toMatchObject({
        stopReason: 'length',
        rawStopReason: 'max_output_tokens',
      })
    }
  })

  it('leaves a last call alone that is complete', () => {
    const events = fold(done(0, call('a', '{"x":1}')), incomplete('max_output_tokens'))
    expect(partsOf(events)[0]).not.toHaveProperty('invalid')
    expect(finish(events)).toMatchObject({ stopReason: 'length' })
  })

  it('leaves what was said, though its item was never completed', () => {
    const events = fold(
      added(0, message()),
      delta('output_text', 0, 'so f'),
      incomplete('max_output_tokens'),
    )
    expect(partsOf(events)).toEqual([{ type: 'text', text: 'so f' }])
    const late = [{ ...message(outputText('so f')), status: 'incomplete' }]
    const { content: _content, ...item } = { ...message(), status: 'incomplete' }
    expect(
      partsOf(fold(delta('output_text', 0, 'so f'), incomplete('max_output_tokens', late)))[0],
    ).toMatchObject({ text: 'so f', opaque: { data: { item } } })
  })

  it('is not what broken arguments are called without it', () => {
    const events = fold(done(0, call('a', '{"x":')), completed())
    expect(partsOf(events)[0]).toMatchObject({
      args: '{"x":',
      invalid: expect.stringContaining('not JSON'),
    })
  })
})

describe('ends', () => {
  it('is refused by a word of the model or by the filter', () => {
    const no = message({ type: 'refusal', refusal: 'No.' })
    const events = fold(delta('refusal', 0, 'No.'), done(0, no), completed())
    expect(shownText(events, 'text')).toBe('No.')
    expect(finish(events)).toMatchObject({ stopReason: 'refused', rawStopReason: 'completed' })
    expect(fold(incomplete('content_filter'))).toEqual([
      expect.objectContaining({ type: 'warning', code: 'refused' }),
      expect.objectContaining({ type: 'finish', stopReason: 'refused' }),
    ])
  })

  it.each([
    ['queued', 'other'],
    ['cancelled', 'other'],
    ['completed', 'stop'],
  ])('with status %s it is %s', (status, stopReason) => {
    expect(finish(fold(completed({ status })))).toMatchObject({ stopReason, rawStopReason: status })
  })

  it.each([
    [{ code: 'server_error', message: 'x' }, 'server', true],
    [{ code: 'rate_limit_exceeded', message: 'x' }, 'rate_limit', true],
    [{ code: 'insufficient_quota', message: 'x' }, 'quota', false],
    [{ code: 'invalid_prompt', message: 'x' }, 'invalid_request', false],
    [{ code: 'invalid_image_url', message: 'x' }, 'invalid_request', false],
    [{ code: 'context_length_exceeded', message: 'x' }, 'overflow', false],
    [{ code: 'bio_policy', message: 'x' }, 'refused', false],
    [{ code: 'brand_new', message: 'x' }, 'server', true],
  ])('throws the error of a failed answer: %o', (error, kind, retryable) => {
    const failed = { type: 'response.failed', response: { status: 'failed', error } }
    const flat = { type: 'error', ...error, param: null }
    const nested = { type: 'error', error: { ...error, type: 'x' } }
    for (const event of [failed, flat, nested]) {
      let thrown: unknown
      try {
        fold(delta('output_text', 0, 'said'), event)
      } catch (caught) {
        thrown = caught
      }
      expect(thrown).toMatchObject({ kind, retryable, partial: 'said' })
    }
  })

  it('throws where an answer failed without a word', () => {
    const failed = { type: 'response.failed', response: { status: 'failed', error: null } }
    expect(() => fold(failed)).toThrow('OpenAI answered server_error')
  })

  it('counts what the cache held and what it keeps apart from the input', () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 15 },
      total_tokens: 120,
    }
    expect(finish(fold(completed({ usage })))).toMatchObject({
      usage: {
        inputTokens: 10,
        cacheReadTokens: 60,
        cacheWriteTokens: 30,
        outputTokens: 20,
        reasoningTokens: 15,
        costUsd: null,
      },
    })
  })
})
