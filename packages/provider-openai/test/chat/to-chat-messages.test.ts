import type { AssistantPart, Message, ToolPart } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import type { ChatFlags } from '../../src/chat/chat-flags.ts'
import { chatDialect } from '../../src/chat/to-chat-messages.ts'
import { historyWriter } from '../../src/history-writer.ts'
import { user } from '../collect.ts'
import { conversation, random } from '../conversation.ts'
import { assistant, call, image, opaque, result, text } from '../messages.ts'
import type { Loose } from '../shared.ts'
import { textWriter } from '../text-writer.ts'

const api = 'vendor.chat'
const writer = (flags: ChatFlags = {}) =>
  textWriter(historyWriter(chatDialect('Vendor', api, flags)))
const wire = (messages: readonly Message[], flags?: ChatFlags): Loose[] =>
  JSON.parse(`[${writer(flags)(messages).text}]`)
const own = (...content: readonly AssistantPart[]) => assistant(api, content)

const said = (content: unknown) => ({ role: 'user', content })
const called = (...ids: readonly string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({
    id,
    type: 'function',
    function: { name: 'add', arguments: '{}' },
  })),
})
const answered = (id: string, content = 'ok') => ({ role: 'tool', tool_call_id: id, content })
const missing = (id: string) =>
  answered(
    id,
    'Error: there is no result: the call was interrupted before its outcome was recorded.',
  )
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } }

describe('messages', () => {
  it('stand in the order that the API wants', () => {
    expect(
      wire([
        user('q'),
        own(text('one'), call('a'), text('two'), call('b')),
        result('a'),
        user('wait'),
        result('b'),
        own(text('done')),
      ]),
    ).toEqual([
      said('q'),
      { ...called('a', 'b'), content: 'one\n\ntwo' },
      answered('a'),
      answered('b'),
      said('wait'),
      { role: 'assistant', content: 'done' },
    ])
  })

  it('close calls without a result, and leave out results without a call', () => {
    expect(wire([user('q'), own(call('a')), result('x'), own(call('b')), user('go')])).toEqual([
      said('q'),
      called('a'),
      missing('a'),
      called('b'),
      missing('b'),
      said('go'),
    ])
    expect(wire([user('q'), own(call('a'))])).toEqual([said('q'), called('a'), missing('a')])
  })

  it('without words are not sent', () => {
    expect(
      wire([
        user('a'),
        own(text(' ')),
        user('\n'),
        own({ type: 'thinking', text: 'x' }, { type: 'source', url: 'u' }),
      ]),
    ).toEqual([said('a')])
  })

  it('make ids of other vendors fit, the same in call and result', () => {
    const id = 'toolu_'.padEnd(60, '1')
    const [, answer, after] = wire([user('q'), assistant('other', [call(id)]), result(id)])
    const [sent] = ((answer ?? {})['tool_calls'] ?? []) as Loose[]
    expect(sent?.['id']).toMatch(/^[\w-]{1,40}$/)
    expect(after?.['tool_call_id']).toBe(sent?.['id'])
    const [, ownAnswer] = wire([user('q'), own(call(id)), result(id)])
    expect(ownAnswer).toEqual(called(id))
  })

  it('send arguments that are none as empty ones, and a name that fits', () => {
    const invalid = {
      type: 'tool_call',
      id: 'a',
      tool: 'x:y',
      args: '{"a":',
      invalid: 'no',
    } as const
    expect(wire([user('q'), own(invalid)])[1]).toMatchObject({
      tool_calls: [{ function: { name: 'x_y', arguments: '{}' } }],
    })
  })

  it('replace half a surrogate pair, in arguments too', () => {
    const raw = writer()([user('a\ud83c'), own(call('a', { x: 'b\ud83c' }))]).text
    expect(raw).not.toMatch(/\\ud[89a-f]/)
    expect(JSON.parse(`[${raw}]`)[0]).toEqual(said('a\ufffd'))
  })
})

describe('parts of the user', () => {
  const pdf = {
    type: 'file',
    mediaType: 'application/pdf',
    data: 'JVBERi0=',
    name: 'a.pdf',
  } as const

  it('are sent in the API’s words', () => {
    const content: ToolPart[] = [
      text('see'),
      image,
      { type: 'image', url: 'https://a.example/x' },
      pdf,
    ]
    expect(wire([{ role: 'user', content }], { files: true })).toEqual([
      said([
        { type: 'text', text: 'see' },
        picture,
        { type: 'image_url', image_url: { url: 'https://a.example/x' } },
        {
          type: 'file',
          file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
        },
      ]),
    ])
  })

  it('that the server does not take become a line, with a warning', () => {
    const write = writer({ images: false })
    const { text: sent, warnings } = write([{ role: 'user', content: [image, pdf] }])
    expect(JSON.parse(sent)).toEqual(
      said([
        { type: 'text', text: '[image (image/png) omitted]' },
        { type: 'text', text: '[file a.pdf (application/pdf) omitted]' },
      ]),
    )
    expect(warnings.map(({ code, message }) => [code, message.slice(0, 11)])).toEqual([
      ['unsupported_part', 'Vendor does'],
      ['unsupported_part', 'Vendor does'],
    ])
  })
})

describe('results', () => {
  const heading = { type: 'text', text: 'Attached to the result of add:' }

  it('hold text alone: pictures come behind all results of the turn', () => {
    expect(
      wire([
        user('q'),
        own(call('a'), call('b')),
        result('a', [text('see'), image]),
        result('b', [image]),
        user('go'),
      ]).slice(2),
    ).toEqual([
      answered('a', 'see\n[attached below]'),
      answered('b', '[attached below]'),
      said([heading, picture, heading, picture]),
      said('go'),
    ])
  })

  it('bring their pictures also where a result is missing', () => {
    const messages = [user('q'), own(call('a'), call('b')), result('a', [image])]
    const expected = [answered('a', '[attached below]'), missing('b'), said([heading, picture])]
    expect(wire(messages).slice(2)).toEqual(expected)
    expect(wire([...messages, user('go')]).slice(2)).toEqual([...expected, said('go')])
  })

  it('say that they failed, and say something always', () => {
    const sent = (content: readonly ToolPart[], status?: 'error' | 'denied') =>
      wire([user('q'), own(call('a')), result('a', content, status)])[2]?.['content']
    expect(sent([text('no')], 'error')).toBe('Error: no')
    expect(sent([text('Permission denied.')], 'denied')).toBe('Permission denied.')
    expect(sent([])).toBe('(no output)')
  })
})

describe('thinking', () => {
  const thinking = (field: string): AssistantPart => ({
    type: 'thinking',
    text: 'hm',
    ...opaque(api, { field }),
  })
  const details = [{ type: 'reasoning.text', text: 'hm', signature: 's' }]
  const detailed: AssistantPart = {
    type: 'thinking',
    text: 'hm',
    ...opaque(api, { reasoning_details: details }),
  }
  const sent = (part: AssistantPart, flags?: ChatFlags) =>
    wire([user('q'), own(part, text('a'))], flags)[1]

  it('goes back in the field in which it came, where the server wants it', () => {
    const plain = { role: 'assistant', content: 'a' }
    expect(sent(thinking('reasoning'), { replayThinking: true })).toEqual({
      ...plain,
      reasoning: 'hm',
    })
    expect(sent(thinking('reasoning_content'), { replayThinking: true })).toEqual({
      ...plain,
      reasoning_content: 'hm',
    })
    expect(sent(detailed, { replayThinking: true })).toEqual({
      ...plain,
      reasoning_details: details,
    })
    expect(sent(thinking('reasoning'))).toEqual(plain)
    expect(sent(detailed)).toEqual(plain)
  })

  it('of another vendor does not go', () => {
    const foreign: AssistantPart = {
      type: 'thinking',
      text: 'x',
      ...opaque('other.chat', { field: 'reasoning' }),
    }
    expect(sent(foreign, { replayThinking: true })).toEqual({ role: 'assistant', content: 'a' })
  })

  it('is empty where a server wants one and there is none', () => {
    const flags = { replayThinking: true, requireThinking: true }
    expect(sent({ type: 'thinking', text: 'x' }, flags)).toEqual({
      role: 'assistant',
      content: 'a',
      reasoning_content: '',
    })
    expect(sent(thinking('reasoning_content'), flags)).toMatchObject({ reasoning_content: 'hm' })
  })

  it('leaves what stood beside a call beside it', () => {
    const extra = { extra_content: { google: { thought_signature: 'c2ln' } } }
    const signed = (by: string) => ({ ...call('a'), ...opaque(by, extra) })
    expect(sent(signed(api))?.['tool_calls']).toMatchObject([{ id: 'a', ...extra }])
    expect(JSON.stringify(sent(signed('other.chat')))).not.toContain('extra_content')
  })
})

describe('a growing history', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'lets request n be a prefix of request n+1, and equals what is written anew (seed %d)',
    (seed) => {
      const flags = { replayThinking: true }
      const write = writer(flags)
      const history: Message[] = []
      let before = ''
      const speaker = { api, thinking: { field: 'reasoning' } }
      for (const turn of conversation(random(seed), 30, speaker)) {
        history.push(...turn)
        const { text: sent } = write(history)
        expect(sent).toBe(writer(flags)([...history]).text)
        expect(sent.startsWith(before)).toBe(true)
        before = sent
        expectAccepted(JSON.parse(`[${sent}]`))
      }
    },
  )
})

/** The API's own rules. */
function expectAccepted(messages: readonly Loose[]): void {
  let open: unknown[] = []
  const ids = new Set<unknown>()
  for (const { role, content, tool_calls: calls = [], tool_call_id: id } of messages) {
    if (role === 'tool') {
      expect(open).toContain(id)
      expect(content).not.toBe('')
      open = open.filter((other) => other !== id)
      continue
    }
    expect(open).toEqual([])
    open = (calls as Loose[]).map((one) => one['id'])
    for (const one of open) {
      expect(ids.has(one)).toBe(false)
      ids.add(one)
    }
    if (open.length === 0) expect(content).toBeTruthy()
  }
  expect(open).toEqual([])
}
