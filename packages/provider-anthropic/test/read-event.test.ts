import { describe, expect, it } from 'vitest'
import { readEvent } from '../src/read-event.ts'

const delta = (text: string, spaces = ''): string =>
  `{"type":"content_block_delta","index":12,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}${spaces}}`

describe('readEvent', () => {
  it.each(['', 'Hello', 'ä 🌦️ 日本', '{"a":1}', 'a\nb', '\\', '"', '"}', '\u2028 \ud800', '} }'])(
    'reads the text %j as JSON does',
    (text) => {
      for (const spaces of ['', ' ', '        ']) {
        const data = delta(text, spaces)
        expect(readEvent(data)).toEqual(JSON.parse(data))
        expect(readEvent(data)).toMatchObject({ index: 12, delta: { text } })
      }
    },
  )

  it.each([
    '{"type":"ping"}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","more":1}}',
    '{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a"}}',
  ])('reads %s', (data) => {
    expect(readEvent(data)).toEqual(JSON.parse(data))
  })

  it.each(['', '{', `${delta('a')}}`, delta('\u0001').replace('\\u0001', '\u0001')])(
    'throws for %j',
    (data) => {
      expect(() => readEvent(data)).toThrow(SyntaxError)
    },
  )

  it('takes a text of any length', () => {
    const text = 'a'.repeat(5_000_000)
    expect(readEvent(delta(text))).toEqual({
      type: 'content_block_delta',
      index: 12,
      delta: { type: 'text_delta', text },
    })
  })
})
