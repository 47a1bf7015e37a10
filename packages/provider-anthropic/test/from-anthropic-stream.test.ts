import type { ModelEvent } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import type { WireEvent } from '../src/anthropic-api.ts'
import { AnthropicFold } from '../src/from-anthropic-stream.ts'

function fold(...events: readonly object[]): ModelEvent[] {
  const answer = new AnthropicFold('m')
  const out: ModelEvent[] = []
  for (const event of events) answer.take(event as WireEvent, out)
  return out
}
const parts = (events: readonly ModelEvent[]) =>
  events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
const finish = (events: readonly ModelEvent[]) => events.find(({ type }) => type === 'finish')

const begin = { type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } }
const stop = { type: 'message_stop' }
const reason = (stop_reason: string | null, more: object = {}) => ({
  type: 'message_delta',
  delta: { stop_reason, ...more },
})
const open = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
})
const close = (index: number) => ({ type: 'content_block_stop', index })
const json = (index: number, partial_json: string) => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'input_json_delta', partial_json },
})
const said = (index: number, text: string) => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'text_delta', text },
})
const call = (index: number, id: string) =>
  open(index, { type: 'tool_use', id, name: 'write', input: {} })

describe('a call at the output limit', () => {
  it('is marked as cut, closed or not, and the complete ones before it are not', () => {
    for (const end of [[close(1)], []])
      for (const text of ['{"a":"b', '', '{"a":1}'].slice(0, end.length ? 2 : 3)) {
        const events = fold(
          begin,
          call(0, 'a'),
          json(0, '{"x":1}'),
          close(0),
          call(1, 'b'),
          json(1, text),
          ...end,
          reason('max_tokens'),
          stop,
        )
        expect(parts(events)[0]).toEqual({
          type: 'tool_call',
          id: 'a',
          tool: 'write',
          args: { x: 1 },
        })
        expect(parts(events)[1]).toMatchObject({
          id: 'b',
          invalid: expect.stringContaining('output limit'),
        })
        expect(finish(events)).toMatchObject({ stopReason: 'length', rawStopReason: 'max_tokens' })
      }
  })

  it('is complete when its text is', () => {
    const events = fold(
      begin,
      call(0, 'a'),
      json(0, '{"x":1}'),
      close(0),
      reason('max_tokens'),
      stop,
    )
    expect(parts(events)).toEqual([{ type: 'tool_call', id: 'a', tool: 'write', args: { x: 1 } }])
  })

  it('is not what broken arguments are called without it', () => {
    const events = fold(begin, call(0, 'a'), json(0, '{"x":'), close(0), reason('tool_use'), stop)
    expect(parts(events)[0]).toMatchObject({
      args: '{"x":',
      invalid: expect.stringContaining('not JSON'),
    })
    expect(finish(events)).toMatchObject({ stopReason: 'tool_calls' })
  })

  it('keeps the order of what waited with it', () => {
    const events = fold(
      begin,
      call(0, 'a'),
      close(0),
      open(1, { type: 'text', text: '' }),
      said(1, 'x'),
      close(1),
      call(2, 'b'),
      json(2, '{}'),
      close(2),
      reason('tool_use'),
      stop,
    )
    expect(parts(events)).toEqual([
      { type: 'tool_call', id: 'a', tool: 'write', args: {} },
      { type: 'text', text: 'x' },
      { type: 'tool_call', id: 'b', tool: 'write', args: {} },
    ])
  })
})

describe('oddities', () => {
  it('takes an answer that begins twice', () => {
    const text = [open(0, { type: 'text', text: '' }), said(0, 'x'), close(0)]
    const events = fold(begin, begin, ...text, reason('end_turn'), stop)
    expect(parts(events)).toEqual([{ type: 'text', text: 'x' }])
    expect(events.some(({ type }) => type === 'warning')).toBe(false)
  })

  it('drops what was under way when an answer begins again, and warns', () => {
    const events = fold(
      begin,
      call(0, 'a'),
      json(0, '{"x'),
      call(1, 'held'),
      close(1),
      begin,
      call(0, 'b'),
      json(0, '{}'),
      close(0),
      reason('tool_use'),
      stop,
    )
    expect(parts(events)).toEqual([{ type: 'tool_call', id: 'b', tool: 'write', args: {} }])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'answer_restarted' }),
    )
  })

  it('closes blocks that the vendor left open', () => {
    const events = fold(
      begin,
      open(0, { type: 'text', text: 'a' }),
      said(0, 'b'),
      reason('end_turn'),
      stop,
    )
    expect(parts(events)).toEqual([{ type: 'text', text: 'ab' }])
    expect(shownText(events, 'text')).toBe('ab')
  })

  it('gives thinking without a signature no opaque data', () => {
    const block = open(0, { type: 'thinking', thinking: 'hm', signature: '' })
    expect(parts(fold(begin, block, close(0), reason('end_turn'), stop))).toEqual([
      { type: 'thinking', text: 'hm' },
    ])
  })

  it('keeps who called, when it was not the model directly', () => {
    const block = (caller: object) =>
      open(0, { type: 'tool_use', id: 'a', name: 'write', input: { x: 1 }, caller })
    const caller = { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' }
    expect(parts(fold(begin, block(caller), close(0), reason('tool_use'), stop))).toEqual([
      {
        type: 'tool_call',
        id: 'a',
        tool: 'write',
        args: { x: 1 },
        opaque: { by: 'anthropic.messages', model: 'm', data: { caller } },
      },
    ])
  })

  it('leaves out empty text and half a call to a tool of the vendor', () => {
    const server = open(1, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} })
    const text = open(0, { type: 'text', text: '' })
    const events = fold(
      begin,
      text,
      close(0),
      server,
      json(1, '{"query'),
      close(1),
      reason('max_tokens'),
      stop,
    )
    expect(parts(events)).toEqual([])
  })

  it('ignores what comes after the end', () => {
    const events = fold(begin, reason('end_turn'), stop, stop, begin, reason('max_tokens'), stop)
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1)
  })

  it('explains a refusal', () => {
    const details = { stop_details: { type: 'refusal', category: 'cyber', explanation: 'No.' } }
    const events = fold(begin, reason('refusal', details), stop)
    expect(events).toEqual([
      { type: 'warning', code: 'refused', message: 'Anthropic refused to answer (cyber: No.).' },
      expect.objectContaining({ type: 'finish', stopReason: 'refused', rawStopReason: 'refusal' }),
    ])
  })

  it('has no usage where the vendor counted nothing', () => {
    expect(finish(fold({ type: 'message_start', message: {} }, stop))).toEqual({
      type: 'finish',
      stopReason: 'other',
      usage: null,
    })
  })
})

describe('stop reasons', () => {
  const withCall = [call(0, 'a'), json(0, '{}'), close(0)]
  it.each([
    ['end_turn', 'stop', 'tool_calls'],
    ['stop_sequence', 'stop', 'tool_calls'],
    ['tool_use', 'other', 'tool_calls'],
    ['max_tokens', 'length', 'length'],
    ['model_context_window_exceeded', 'length', 'length'],
    ['pause_turn', 'pause', 'pause'],
    ['refusal', 'refused', 'refused'],
    ['brand_new', 'other', 'tool_calls'],
  ])('%s is %s, with calls %s', (raw, plain, calling) => {
    expect(finish(fold(begin, reason(raw), stop))).toMatchObject({
      stopReason: plain,
      rawStopReason: raw,
    })
    expect(finish(fold(begin, ...withCall, reason(raw), stop))).toMatchObject({
      stopReason: calling,
    })
  })
})
