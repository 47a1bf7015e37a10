import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolMessage,
  ToolPart,
} from '@harnext/core/provider'
import { randomConversation } from '@harnext/testkit'
import { describe, expect, it, test } from 'vitest'
import { messagesWriter } from '../src/to-ollama-messages.ts'
import { user } from './collect.ts'
import { textWriter } from './text-writer.ts'

const speaker = { provider: 'ollama', api: 'ollama.chat' }

type Wire = Readonly<Record<string, unknown>>
const parse = (text: string): Wire[] => JSON.parse(`[${text}]`)
const wire = (messages: readonly Message[], takesImages = true): Wire[] =>
  parse(textWriter(messagesWriter())(messages, takesImages).text)

const assistant = (
  content: readonly AssistantPart[],
  more: Partial<AssistantMessage> = {},
): AssistantMessage => ({
  role: 'assistant',
  content,
  provider: 'ollama',
  api: 'ollama.chat',
  model: 'm',
  stopReason: 'stop',
  ...more,
})
const text = (value: string) => ({ type: 'text', text: value }) as const
const call = (id: string, args: object = {}): AssistantPart =>
  ({ type: 'tool_call', id, tool: 'add', args }) as AssistantPart
const result = (
  id: string,
  content: readonly ToolPart[] = [text('ok')],
  status: ToolMessage['status'] = 'ok',
): ToolMessage => ({ role: 'tool', id, tool: 'add', status, content })

const said = (content: string) => ({ role: 'user', content })
const answered = (content: string, ...ids: string[]) => ({
  role: 'assistant',
  content,
  ...(ids.length > 0 && {
    tool_calls: ids.map((id) => ({
      id,
      type: 'function',
      function: { name: 'add', arguments: {} },
    })),
  }),
})
const returned = (id: string, content = 'ok') => ({
  role: 'tool',
  content,
  tool_name: 'add',
  tool_call_id: id,
})
const missing = (id: string) =>
  returned(
    id,
    'Error: There is no result: the call was interrupted before its outcome was recorded.',
  )

describe('messages', () => {
  it('are sent one by one, results before what the user says next to them', () => {
    expect(
      wire([
        user('q'),
        assistant([text('a'), text('b'), call('x'), call('y')]),
        result('x'),
        user('wait'),
        result('y', [text('1'), text('2')]),
        user('go'),
      ]),
    ).toEqual([
      said('q'),
      answered('ab', 'x', 'y'),
      returned('x'),
      returned('y', '1\n2'),
      said('wait'),
      said('go'),
    ])
  })

  it('are never empty', () => {
    expect(wire([user('a'), assistant([text('')]), user(' \n'), user('c')])).toEqual([
      said('a'),
      said('c'),
    ])
    expect(wire([])).toEqual([])
  })

  it('tell errors and denials by their text', () => {
    const of = (status: ToolMessage['status']) =>
      wire([user('q'), assistant([call('x')]), result('x', [text('no')], status)])[2]
    expect(of('error')).toEqual(returned('x', 'Error: no'))
    expect(of('denied')).toEqual(returned('x', 'Error: no'))
  })

  it('close a call without a result, and leave out a result without a call', () => {
    expect(
      wire([
        user('q'),
        assistant([call('a'), call('b')]),
        result('b'),
        result('x'),
        result('b'),
        assistant([call('c')]),
        user('stop'),
        result('a'),
      ]),
    ).toEqual([
      said('q'),
      answered('', 'a', 'b'),
      returned('b'),
      missing('a'),
      answered('', 'c'),
      missing('c'),
      said('stop'),
    ])
  })

  it('close open calls at the end for this request only', () => {
    const write = textWriter(messagesWriter())
    const messages: Message[] = [user('q'), Object.freeze(assistant([call('a')]))]
    expect(parse(write(messages, true).text).at(-1)).toEqual(missing('a'))
    messages.push(Object.freeze(result('a')))
    expect(parse(write(messages, true).text).at(-1)).toEqual(returned('a'))
  })

  it('bring thinking back to the api that it came from, and nothing that another one signed', () => {
    const content: AssistantPart[] = [
      { type: 'thinking', text: 'hm ' },
      { type: 'thinking', text: 'so' },
      text('a'),
      { type: 'provider', opaque: { by: 'x', model: 'm', data: {} } },
      { type: 'source', url: 'https://a.example' },
    ]
    expect(wire([user('q'), assistant(content)])[1]).toEqual({
      role: 'assistant',
      content: 'a',
      thinking: 'hm so',
    })
    expect(wire([user('q'), assistant(content, { api: 'other.api' })])[1]).toEqual(answered('a'))
  })

  it('send arguments as an object, and none where they could not be read', () => {
    const odd = { type: 'tool_call', id: 'o', tool: 'add', args: '{"x', invalid: 'no' } as const
    const [, sent] = wire([user('q'), assistant([call('a', { n: 1 }), odd])])
    expect(sent?.['tool_calls']).toMatchObject([
      { function: { arguments: { n: 1 } } },
      { function: { arguments: {} } },
    ])
  })
})

describe('images and files', () => {
  const image = (mediaType: string) => ({ type: 'image', mediaType, data: 'iVBO' }) as const
  const file = (mediaType: string, data: string) =>
    ({ type: 'file', mediaType, name: 'n', data }) as const
  const content = [
    text('see'),
    image('image/png'),
    file('image/jpeg', '/9j/'),
    file('text/markdown', 'w7w='),
    file('application/pdf', 'JVBE'),
    { type: 'image', url: 'https://a.example/x.png' } as const,
  ]

  it('stand beside the text; a file of text is text, and the rest is named and warned of', () => {
    const written = textWriter(messagesWriter())([{ role: 'user', content }], true)
    expect(parse(written.text)).toEqual([
      {
        role: 'user',
        content:
          'see\nn:\nü\n[file n (application/pdf) omitted]\n[image (https://a.example/x.png) omitted]',
        images: ['iVBO', '/9j/'],
      },
    ])
    expect(written.warnings.map(({ code }) => code)).toEqual([
      'unsupported_part',
      'unsupported_part',
    ])
    const pure = textWriter(messagesWriter())(
      [{ role: 'user', content: [image('image/png')] }],
      true,
    )
    expect(parse(pure.text)).toEqual([{ role: 'user', content: '', images: ['iVBO'] }])
  })

  it('are named where the model does not see', () => {
    const written = textWriter(messagesWriter())(
      [{ role: 'user', content: [image('image/png')] }],
      false,
    )
    expect(parse(written.text)).toEqual([said('[image (image/png) omitted]')])
    expect(written.warnings).toHaveLength(1)
  })

  it('of results follow the last of them', () => {
    const messages = [
      user('q'),
      assistant([call('a'), call('b')]),
      result('a', [text('1'), image('image/png')]),
      result('b', [image('image/png')]),
    ]
    const shown = { role: 'user', content: 'Content of the result of add:', images: ['iVBO'] }
    const expected = [returned('a', '1'), returned('b', '(see below)'), shown, shown]
    expect(wire(messages).slice(2)).toEqual(expected)
    expect(wire([...messages, user('r')]).slice(2)).toEqual([...expected, said('r')])
  })
})

test('a result says something', () => {
  const asked = [user('q'), assistant([call('a'), call('b')])]
  const messages = [...asked, result('a', [text(' ')]), result('b', [])]
  const expected = [returned('a', '(no output)'), returned('b', '(no output)')]
  expect(wire(messages).slice(2)).toEqual(expected)
})

describe('the text that is sent', () => {
  it('has no half characters', () => {
    const { text: sent } = textWriter(messagesWriter())([user('x\ud83c 👋 \\ud83c')], true)
    expect(parse(sent)).toEqual([said('x\ufffd 👋 \\ud83c')])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'of request n is a prefix of that of request n+1, and equals what is written anew (seed %d)',
    (seed) => {
      const write = textWriter(messagesWriter())
      const history: Message[] = []
      let before = ''
      for (const turn of randomConversation(seed, 30, speaker)) {
        history.push(...turn)
        const { text: sent } = write(history, true)
        expect(sent).toBe(textWriter(messagesWriter())([...history], true).text)
        expect(sent.startsWith(before)).toBe(true)
        before = sent
        expectAccepted(parse(sent))
      }
    },
  )

  it('serialises each message once while the array grows', () => {
    const write = textWriter(messagesWriter())
    let reads = 0
    const args = Object.freeze(
      Object.defineProperty({}, 'a', { enumerable: true, get: () => (reads += 1) }),
    )
    const messages: Message[] = [
      user('q'),
      Object.freeze(assistant([call('x', args)])),
      Object.freeze(result('x')),
    ]
    for (let turn = 0; turn < 10; turn++) {
      write(messages, true)
      messages.push(Object.freeze(assistant([text('a')])), user('b'))
    }
    expect(reads).toBe(1)
  })

  it('notices a history that became another one, and messages that may change', () => {
    const write = textWriter(messagesWriter())
    const first = user('a')
    expect(write([first, user('b')], true).text).toContain('"b"')
    expect(write([first, user('c')], true).text).not.toContain('"b"')
    const content = [{ type: 'text' as const, text: 'one' }]
    const changing: Message = { role: 'user', content }
    expect(write([changing], true).text).toContain('one')
    content[0] = { type: 'text', text: 'two' }
    expect(write([changing], true).text).toContain('two')
  })
})

/** Every call has its result, in order and before anybody else says something. */
function expectAccepted(messages: readonly Wire[]): void {
  let open: unknown[] = []
  for (const message of messages) {
    if (message['role'] === 'tool') {
      expect(open).toContain(message['tool_call_id'])
      open.splice(open.indexOf(message['tool_call_id']), 1)
    } else {
      expect(open).toEqual([])
      const calls = (message['tool_calls'] ?? []) as { readonly id: string }[]
      open = calls.map(({ id }) => id)
      if (calls.length === 0) expect(String(message['content']).trim()).not.toBe('')
    }
  }
}
