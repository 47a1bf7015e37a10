import type { AssistantPart, ModelEvent } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { GoogleFold } from '../src/from-google-stream.ts'

function fold(...chunks: readonly object[]): ModelEvent[] {
  let count = 0
  const answer = new GoogleFold({
    model: 'm',
    tools: new Set(['write', 'read']),
    newId: () => `made_${(count += 1)}`,
  })
  const out: ModelEvent[] = []
  for (const chunk of chunks) answer.take(chunk, out)
  expect(answer.isEnded).toBe(true)
  answer.finish(out)
  return out
}
const parts = (events: readonly ModelEvent[]): AssistantPart[] =>
  events.flatMap((event) => (event.type === 'part' ? [event.part] : []))
const finish = (events: readonly ModelEvent[]) => events.find(({ type }) => type === 'finish')
const warnings = (events: readonly ModelEvent[]) => events.filter(({ type }) => type === 'warning')
const opaque = (data: object) => ({ opaque: { by: 'google.generateContent', model: 'm', data } })

const said = (...given: readonly object[]) => ({ candidates: [{ content: { parts: given } }] })
const end = (finishReason = 'STOP', more: object = {}) => ({
  candidates: [{ finishReason, ...more }],
})
const text = (value: string, more: object = {}) => ({ text: value, ...more })
const call = (name: string, args: object = {}, more: object = {}) => ({
  functionCall: { name, args },
  ...more,
})
const signed = (thoughtSignature: string) => ({ thoughtSignature })

describe('texts', () => {
  it('joins what follows each other unsigned, and keeps what is signed alone and in its place', () => {
    const events = fold(
      said(text('a'), text('b')),
      said(text('c', signed('1'))),
      said(text('d')),
      said(text('e'), text('', signed('2'))),
      end(),
    )
    expect(parts(events)).toEqual([
      { type: 'text', text: 'ab' },
      { type: 'text', text: 'c', ...opaque(signed('1')) },
      { type: 'text', text: 'de' },
      { type: 'text', text: '', ...opaque(signed('2')) },
    ])
    expect(shownText(events, 'text')).toBe('abcde')
    const indices = events.flatMap((event) => (event.type === 'text' ? [event.index] : []))
    expect(indices).toEqual([0, 0, 1, 2, 2])
  })

  it('tells thinking from text, and keeps a signature on it', () => {
    const events = fold(
      said(text('hm', { thought: true }), text(' so', { thought: true }), text('x')),
      said(text('', { thought: true, ...signed('1') })),
      end(),
    )
    expect(parts(events)).toEqual([
      { type: 'thinking', text: 'hm so' },
      { type: 'text', text: 'x' },
      { type: 'thinking', text: '', ...opaque(signed('1')) },
    ])
    expect(shownText(events, 'thinking')).toBe('hm so')
  })

  it('leaves out empty ones and takes the first of several answers', () => {
    const events = fold(
      said(text('')),
      {
        candidates: [
          { index: 0, content: { parts: [text('a')] } },
          { index: 1, content: { parts: [text('b')] } },
        ],
      },
      {},
      { candidates: [{}] },
      { candidates: [{ content: {} }] },
      { promptFeedback: { safetyRatings: [] } },
      end(),
    )
    expect(parts(events)).toEqual([{ type: 'text', text: 'a' }])
  })

  it('gives the texts around the vendor’s own parts as separate ones', () => {
    const code = { executableCode: { code: '1' }, ...signed('1') }
    expect(parts(fold(said(text('a'), code, text('b')), end()))).toEqual([
      { type: 'text', text: 'a' },
      { type: 'provider', ...opaque(code) },
      { type: 'text', text: 'b' },
    ])
  })
})

describe('calls', () => {
  it('keep the vendor’s id and signature beside them, and get an id where there is none', () => {
    const events = fold(
      said(
        { functionCall: { name: 'write', args: { a: 1 }, id: 'v1' }, ...signed('1') },
        call('read', {}, { ...signed('2'), partMetadata: { x: 1 } }),
        { functionCall: { name: 'read' } },
      ),
      end(),
    )
    expect(parts(events)).toEqual([
      {
        type: 'tool_call',
        id: 'v1',
        tool: 'write',
        args: { a: 1 },
        ...opaque({ id: 'v1', ...signed('1') }),
      },
      {
        type: 'tool_call',
        id: 'made_1',
        tool: 'read',
        args: {},
        ...opaque({ ...signed('2'), partMetadata: { x: 1 } }),
      },
      { type: 'tool_call', id: 'made_2', tool: 'read', args: {} },
    ])
    expect(events.filter(({ type }) => type === 'tool_input')).toEqual([
      { type: 'tool_input', id: 'v1', tool: 'write', delta: '{"a":1}' },
    ])
    expect(finish(events)).toMatchObject({ stopReason: 'tool_calls', rawStopReason: 'STOP' })
  })

  const begin = (name: string) => ({ functionCall: { name, willContinue: true }, ...signed(name) })
  const piece = (...partialArgs: readonly object[]) => ({
    functionCall: { partialArgs, willContinue: true },
  })
  const done = { functionCall: {} }

  it('put streamed arguments together', () => {
    const events = fold(
      said(begin('write')),
      said(piece({ jsonPath: '$.path', stringValue: 'a/', willContinue: true })),
      said(piece({ jsonPath: '$.path', stringValue: 'b' }, { jsonPath: '$.size', numberValue: 2 })),
      said(piece({ jsonPath: '$.tags[0].name', stringValue: 'x' })),
      said(piece({ jsonPath: '$.tags[1].name', stringValue: 'y' })),
      said(piece({ jsonPath: "$['odd key'].deep", boolValue: true })),
      said(piece({ jsonPath: '$.nothing', nullValue: 'NULL_VALUE' })),
      said(done),
      said(begin('read')),
      said(done),
      end(),
    )
    expect(parts(events)).toEqual([
      {
        type: 'tool_call',
        id: 'made_1',
        tool: 'write',
        args: {
          path: 'a/b',
          size: 2,
          tags: [{ name: 'x' }, { name: 'y' }],
          'odd key': { deep: true },
          nothing: null,
        },
        ...opaque(signed('write')),
      },
      { type: 'tool_call', id: 'made_2', tool: 'read', args: {}, ...opaque(signed('read')) },
    ])
  })

  it('do not let an argument reach a prototype', () => {
    const events = fold(
      said(begin('write'), piece({ jsonPath: '$.__proto__.polluted', stringValue: 'x' }), done),
      end(),
    )
    expect(JSON.stringify(parts(events)[0])).toContain('{"__proto__":{"polluted":"x"}}')
    expect({}).not.toHaveProperty('polluted')
  })

  it('are marked as cut when their arguments did not end', () => {
    const cut = { type: 'tool_call', invalid: expect.stringContaining('cut') }
    const argument = piece({ jsonPath: '$.a', stringValue: 'x' })
    const events = fold(said(begin('write'), argument), end('MAX_TOKENS'))
    expect(parts(events)).toMatchObject([{ ...cut, args: { a: 'x' } }])
    expect(finish(events)).toMatchObject({ stopReason: 'length', rawStopReason: 'MAX_TOKENS' })
    expect(parts(fold(said(begin('write'), call('read')), end()))).toMatchObject([
      { ...cut, tool: 'write' },
      { tool: 'read', args: {} },
    ])
  })

  it('of the server go back as its own when their result is there', () => {
    const theirs = call('mcp_get', { x: 1 }, signed('1'))
    const response = { functionResponse: { name: 'mcp_get', response: { y: 2 } } }
    const events = fold(
      { ...said(theirs), usageMetadata: { promptTokenCount: 5 } },
      end(),
      said(response),
      said(text('a')),
      said(text('b'), call('read')),
      end(),
    )
    expect(parts(events)).toEqual([
      { type: 'provider', ...opaque(theirs) },
      { type: 'provider', ...opaque(response) },
      { type: 'text', text: 'ab' },
      { type: 'tool_call', id: 'made_2', tool: 'read', args: {} },
    ])
    expect(events.filter(({ type }) => type === 'tool_input')).toEqual([])
  })

  it('that nobody answered are ours, also those of a tool that we do not have', () => {
    const events = fold(
      said(call('unknown', { x: 1 }), call('write')),
      end('UNEXPECTED_TOOL_CALL', { finishMessage: 'undeclared function' }),
    )
    expect(parts(events)).toMatchObject([{ tool: 'unknown' }, { tool: 'write' }])
    expect(events.map(({ type }) => type)).toEqual(['tool_input', 'part', 'part', 'finish'])
    expect(finish(events)).toMatchObject({ stopReason: 'tool_calls' })
  })

  it('of the server are waited for when the vendor has said that it stopped', () => {
    const answer = new GoogleFold({ model: 'm', tools: new Set(), newId: () => 'x' })
    const take = (chunk: object) => answer.take(chunk, [])
    take(said(call('mcp_get')))
    take(end())
    expect(answer).toMatchObject({ isEnded: true, isWaiting: true })
    take(said({ functionResponse: { name: 'mcp_get' } }))
    expect(answer).toMatchObject({ isEnded: false, isWaiting: false })
  })
})

describe('the end', () => {
  const withCall = said(call('read'))
  it.each([
    ['STOP', 'stop', 'tool_calls'],
    ['MAX_TOKENS', 'length', 'length'],
    ['SAFETY', 'refused', 'refused'],
    ['RECITATION', 'refused', 'refused'],
    ['MODEL_ARMOR', 'refused', 'refused'],
    ['CONTINUATION', 'pause', 'pause'],
    ['MALFORMED_FUNCTION_CALL', 'error', 'tool_calls'],
    ['OTHER', 'error', 'tool_calls'],
    ['FINISH_REASON_UNSPECIFIED', 'other', 'tool_calls'],
    ['BRAND_NEW', 'other', 'tool_calls'],
  ])('%s is %s, with calls %s', (raw, plain, calling) => {
    expect(finish(fold(end(raw)))).toMatchObject({ stopReason: plain, rawStopReason: raw })
    expect(finish(fold(withCall, end(raw)))).toMatchObject({ stopReason: calling })
  })

  it('says why the prompt was blocked, or the answer', () => {
    const blocked = { blockReason: 'SAFETY', blockReasonMessage: 'No.' }
    const events = fold({ promptFeedback: blocked, usageMetadata: { promptTokenCount: 3 } })
    expect(events).toEqual([
      { type: 'warning', code: 'refused', message: 'Google refused to answer (SAFETY): No.' },
      expect.objectContaining({
        type: 'finish',
        stopReason: 'refused',
        rawStopReason: 'SAFETY',
        usage: expect.objectContaining({ inputTokens: 3 }),
      }),
    ])
    const malformed = end('MALFORMED_FUNCTION_CALL', { finishMessage: 'print(x)' })
    expect(warnings(fold(malformed))).toEqual([
      {
        type: 'warning',
        code: 'answer_failed',
        message: 'Gemini could not answer (MALFORMED_FUNCTION_CALL): print(x)',
      },
    ])
  })

  it('keeps the token with which the vendor goes on', () => {
    const events = fold(
      said(text('a')),
      { candidates: [{ continuationToken: 'early' }] },
      end('CONTINUATION', { continuationToken: 'dG9r' }),
    )
    expect(parts(events)).toEqual([
      { type: 'text', text: 'a' },
      { type: 'provider', ...opaque({ continuationToken: 'dG9r' }) },
    ])
    expect(parts(fold(said(text('a')), end('STOP', { continuationToken: 'x' })))).toHaveLength(1)
  })

  it('counts by the last word on each number', () => {
    const usage = (usageMetadata: object) => ({ usageMetadata })
    const events = fold(
      usage({ promptTokenCount: 10, cachedContentTokenCount: 4 }),
      usage({ promptTokenCount: 12, candidatesTokenCount: 1 }),
      { ...end(), ...usage({ candidatesTokenCount: 3, thoughtsTokenCount: 5 }) },
      usage({ toolUsePromptTokenCount: 7 }),
    )
    expect(finish(events)).toMatchObject({
      usage: {
        inputTokens: 15,
        cacheReadTokens: 4,
        cacheWriteTokens: 0,
        outputTokens: 8,
        reasoningTokens: 5,
        costUsd: null,
      },
    })
    expect(finish(fold(usage({ trafficType: 'ON_DEMAND' }), end()))).toMatchObject({ usage: null })
    expect(finish(fold(end()))).toMatchObject({ usage: null })
  })
})
