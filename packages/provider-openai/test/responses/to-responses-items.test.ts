import type { AssistantPart, Message, ToolPart } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { historyWriter } from '../../src/history-writer.ts'
import { responsesDialect } from '../../src/responses/to-responses-items.ts'
import { user } from '../collect.ts'
import { conversation, random } from '../conversation.ts'
import { assistant, call, image, opaque, result, text } from '../messages.ts'
import type { Loose } from '../shared.ts'
import { textWriter } from '../text-writer.ts'

const api = 'openai.responses'
const writer = () => textWriter(historyWriter(responsesDialect('OpenAI')))
const wire = (messages: readonly Message[]): Loose[] => JSON.parse(`[${writer()(messages).text}]`)
const own = (...content: readonly AssistantPart[]) => assistant(api, content)

const said = (value: string) => ({
  role: 'user',
  content: [{ type: 'input_text', text: value }],
})
const answered = (value: string) => ({
  role: 'assistant',
  content: [{ type: 'output_text', text: value }],
})
const called = (id: string, args = '{}') => ({
  type: 'function_call',
  call_id: id,
  name: 'add',
  arguments: args,
})
const output = (id: string, value: unknown = 'ok') => ({
  type: 'function_call_output',
  call_id: id,
  output: value,
})
const missing = (id: string) =>
  output(id, 'Error: there is no result: the call was interrupted before its outcome was recorded.')

describe('calls', () => {
  it('stand with their results before what the user says next to them', () => {
    expect(
      wire([
        user('q'),
        own(call('a'), call('b')),
        result('a'),
        user('wait'),
        result('b'),
        user('go'),
      ]),
    ).toEqual([
      said('q'),
      called('a'),
      called('b'),
      output('a'),
      output('b'),
      said('wait'),
      said('go'),
    ])
  })

  it('get a result where there is none, and results without a call are left out', () => {
    expect(
      wire([
        user('q'),
        own(call('a'), call('b')),
        result('b'),
        result('x'),
        result('b'),
        own(call('c')),
        user('stop'),
        result('a'),
      ]),
    ).toEqual([
      said('q'),
      called('a'),
      called('b'),
      output('b'),
      missing('a'),
      called('c'),
      missing('c'),
      said('stop'),
    ])
  })

  it('that are open at the end are closed for this request only', () => {
    const write = writer()
    const messages: Message[] = [user('q'), Object.freeze(own(call('a')))]
    expect(JSON.parse(`[${write(messages).text}]`).at(-1)).toEqual(missing('a'))
    messages.push(Object.freeze(result('a')))
    expect(JSON.parse(`[${write(messages).text}]`).at(-1)).toEqual(output('a'))
  })

  it('keep the vendor’s ids; others are made to fit, the same in call and result', () => {
    const ids = ['toolu_1', 'call|1', 'call 1', '', 'x'.repeat(65), 'ü']
    const items = wire([
      user('q'),
      assistant(
        'other',
        ids.map((id) => call(id)),
      ),
      ...ids.map((id) => result(id)),
    ])
    const sent = items.slice(1, 7).map(({ call_id: id }) => id) as string[]
    expect(items.slice(7).map(({ call_id: id }) => id)).toEqual(sent)
    expect(sent[0]).toBe('toolu_1')
    expect(new Set(sent).size).toBe(ids.length)
    for (const id of sent) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    const long = 'call|'.repeat(20)
    expect(wire([user('q'), own(call(long)), result(long)]).slice(1)).toEqual([
      called(long),
      output(long),
    ])
  })

  it('have ids of their own where a vendor counts from the start in every turn', () => {
    const items = wire([
      user('q'),
      ...[1, 2, 3].flatMap(() => [
        own(call('call_0'), call('call_0')),
        result('call_0'),
        result('call_0'),
      ]),
    ])
    const ids = (type: string) =>
      items.filter((item) => item['type'] === type).map((item) => item['call_id'])
    expect(ids('function_call_output')).toEqual(ids('function_call'))
    expect(new Set(ids('function_call')).size).toBe(6)
  })

  it('with arguments that are none are sent with empty ones, and a name that fits', () => {
    const invalid = {
      type: 'tool_call',
      id: 'a',
      tool: 'mcp:x.y',
      args: '{"a":',
      invalid: 'no',
    } as const
    expect(wire([user('q'), own(invalid)])[1]).toEqual({ ...called('a'), name: 'mcp_x_y' })
  })
})

describe('results', () => {
  const sent = (content: readonly ToolPart[], status?: 'error' | 'denied') =>
    wire([user('q'), own(call('a')), result('a', content, status)])[2]?.['output']

  it('are texts, or lists where there is more than text', () => {
    expect(sent([text('one'), text('two')])).toBe('one\ntwo')
    expect(sent([text(' ')])).toBe('(no output)')
    expect(sent([text('see'), image])).toEqual([
      { type: 'input_text', text: 'see' },
      { type: 'input_image', image_url: 'data:image/png;base64,QQ==', detail: 'auto' },
    ])
  })

  it('say that they failed, for which the API has no mark', () => {
    expect(sent([text('no such file')], 'error')).toBe('Error: no such file')
    expect(sent([text('Error: no such file')], 'error')).toBe('Error: no such file')
    expect(sent([], 'error')).toBe('Error.')
    expect(sent([image], 'error')).toMatchObject([{ text: 'Error.' }, { type: 'input_image' }])
    expect(sent([text('Permission denied.')], 'denied')).toBe('Permission denied.')
  })
})

describe('parts', () => {
  it('of the user are sent in the API’s words', () => {
    const content: ToolPart[] = [
      image,
      { type: 'image', url: 'https://a.example/x.png' },
      { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=', name: 'a.pdf' },
      { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=' },
      { type: 'file', mediaType: 'image/webp', data: 'QQ==' },
      { type: 'file', mediaType: 'text/csv', data: 'w7wsMQ==', name: 'a.csv' },
    ]
    expect(wire([{ role: 'user', content }])[0]?.['content']).toEqual([
      { type: 'input_image', image_url: 'data:image/png;base64,QQ==', detail: 'auto' },
      { type: 'input_image', image_url: 'https://a.example/x.png', detail: 'auto' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
      {
        type: 'input_file',
        filename: 'file.pdf',
        file_data: 'data:application/pdf;base64,JVBERi0=',
      },
      { type: 'input_image', image_url: 'data:image/webp;base64,QQ==', detail: 'auto' },
      { type: 'input_text', text: 'a.csv:\nü,1' },
    ])
  })

  it('that the vendor does not take become a line, with one warning', () => {
    const write = writer()
    const content = [
      { type: 'image', mediaType: 'image/tiff', data: 'QQ==' },
      { type: 'file', mediaType: 'audio/mpeg', name: 'a.mp3', data: 'QQ==' },
      { type: 'file', mediaType: 'text/plain', name: 'b.txt', data: '*not base64*' },
    ] as const
    const messages: Message[] = [Object.freeze({ role: 'user', content })]
    const first = write(messages)
    expect(JSON.parse(first.text).content.map((part: Loose) => part['text'])).toEqual([
      '[image (image/tiff) omitted]',
      '[file a.mp3 (audio/mpeg) omitted]',
      '[file b.txt (text/plain) omitted]',
    ])
    expect(first.warnings.map(({ code }) => code)).toEqual(Array(3).fill('unsupported_part'))
    expect(write(messages).warnings).toEqual([])
  })

  it('without words are not sent', () => {
    expect(
      wire([
        user('a'),
        own(text('')),
        user(' \n'),
        own(text(' ')),
        own({ type: 'source', url: 'u' }),
      ]),
    ).toEqual([said('a')])
    expect(wire([])).toEqual([])
  })

  it('replace half a surrogate pair, wherever it is, and nothing else', () => {
    const half = 'a\ud83c'
    const literal = 'keep \\ud83c and \\\\ud83c and 🌦️ \\'
    const raw = writer()([
      user(half + literal),
      own(call('a', { [half]: [half, literal] })),
      result('a', [text(`${literal}\udf00`)]),
    ]).text
    expect(raw).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/)
    const [first, second, third] = JSON.parse(`[${raw}]`) as Loose[]
    expect(first).toEqual(said(`a\ufffd${literal}`))
    expect(JSON.parse(second?.['arguments'] as string)).toEqual({
      'a\ufffd': ['a\ufffd', literal],
    })
    expect(third).toEqual(output('a', `${literal}\ufffd`))
  })
})

describe('the vendor’s own items', () => {
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ZW5j' }
  const search = { type: 'web_search_call', id: 'ws_1', status: 'completed' }
  const message = { type: 'message', id: 'msg_1', role: 'assistant', phase: 'commentary' }
  const part = { type: 'output_text', annotations: [{ url: 'u' }], logprobs: [] }
  const thinking: AssistantPart = { type: 'thinking', text: 't', ...opaque(api, reasoning) }
  const first: AssistantPart = { ...text('one'), ...opaque(api, { item: message, part }) }
  const second: AssistantPart = { ...text('two'), ...opaque(api, { part }) }
  const tool = (data: object): AssistantPart => ({ ...call('c'), ...opaque(api, data as never) })

  it('go back as they came and in order', () => {
    expect(
      wire([
        user('q'),
        own(
          thinking,
          { type: 'provider', ...opaque(api, search) },
          first,
          second,
          { type: 'source', url: 'u' },
          tool({ id: 'fc_1', namespace: 'n', arguments: '{ }' }),
        ),
        result('c'),
      ]).slice(1),
    ).toEqual([
      reasoning,
      search,
      {
        ...message,
        content: [
          { ...part, text: 'one' },
          { ...part, text: 'two' },
        ],
      },
      { ...called('c', '{ }'), id: 'fc_1', namespace: 'n' },
      output('c'),
    ])
  })

  it('put a refusal back where it was', () => {
    const refusal: AssistantPart = {
      ...text('No.'),
      ...opaque(api, { item: message, part: { type: 'refusal' } }),
    }
    expect(wire([user('q'), own(refusal)])[1]).toEqual({
      ...message,
      content: [{ type: 'refusal', refusal: 'No.' }],
    })
  })

  it('of another vendor are not sent', () => {
    const foreign = (data: object) => opaque('anthropic.messages', data as never)
    expect(
      wire([
        user('q'),
        assistant('anthropic.messages', [
          { type: 'thinking', text: 'x' },
          { type: 'thinking', text: 'x', ...foreign({ signature: 's' }) },
          { type: 'provider', ...foreign(search) },
          { ...text('a'), ...foreign({ item: message, part }) },
          { ...call('c'), ...foreign({ id: 'fc' }) },
        ]),
      ]).slice(1, 3),
    ).toEqual([answered('a'), called('c')])
  })

  it('do not end with reasoning, unless the vendor paused there', () => {
    expect(wire([user('q'), own(thinking), user('go')])).toEqual([said('q'), said('go')])
    expect(wire([user('q'), own(first, thinking)])).toHaveLength(2)
    expect(wire([user('q'), assistant(api, [thinking], { stopReason: 'pause' })])[1]).toEqual(
      reasoning,
    )
  })

  it('lose their ids where the reasoning before them cannot come back', () => {
    const bare: AssistantPart = {
      type: 'thinking',
      text: 's',
      ...opaque(api, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: null }),
    }
    expect(wire([user('q'), own(bare, first, tool({ id: 'fc_1' })), result('c')]).slice(1)).toEqual(
      [
        {
          type: 'message',
          role: 'assistant',
          phase: 'commentary',
          content: [{ ...part, text: 'one' }],
        },
        called('c'),
        output('c'),
      ],
    )
  })

  it('of open models, whose reasoning can be read, go back with it', () => {
    const item = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [],
      content: [{ type: 'reasoning_text', text: 't' }],
    }
    const plain: AssistantPart = { type: 'thinking', text: 't', ...opaque(api, item) }
    expect(wire([user('q'), own(plain, first)])[1]).toEqual(item)
  })
})

describe('a growing history', () => {
  const thinking = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ZW5j' }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'lets request n be a prefix of request n+1, and equals what is written anew (seed %d)',
    (seed) => {
      const write = writer()
      const history: Message[] = []
      let before = ''
      for (const turn of conversation(random(seed), 30, { api, thinking })) {
        history.push(...turn)
        const { text: sent } = write(history)
        expect(sent).toBe(writer()([...history]).text)
        expect(sent.startsWith(before)).toBe(true)
        before = sent
        expectAccepted(JSON.parse(`[${sent}]`))
      }
    },
  )

  it('is serialised once while the array grows', () => {
    const write = writer()
    let reads = 0
    const args = Object.freeze(
      Object.defineProperty({}, 'a', { enumerable: true, get: () => (reads += 1) }),
    )
    const messages: Message[] = [
      user('q'),
      Object.freeze(own(call('x', args))),
      Object.freeze(result('x')),
    ]
    for (let turn = 0; turn < 10; turn++) {
      write(messages)
      messages.push(Object.freeze(own(text('a'))), user('b'))
    }
    expect(reads).toBe(1)
  })

  it('is written anew after a message that could not be', () => {
    const write = writer()
    let isBroken = true
    const args = Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        if (isBroken) throw new Error('not now')
        return 1
      },
    })
    const messages: Message[] = [user('q')]
    write(messages)
    messages.push(Object.freeze(own(call('x', Object.freeze(args)))), user('go'))
    expect(() => write(messages)).toThrow('not now')
    isBroken = false
    expect(write(messages).text).toBe(writer()([...messages]).text)
    expect(write(messages).text).toContain('function_call')
  })

  it('is noticed when it became another one, and when it may still change', () => {
    const write = writer()
    const begin = user('a')
    expect(write([begin, user('b')]).text).toContain('"b"')
    expect(write([begin, user('c')]).text).not.toContain('"b"')
    expect(write([begin]).text).not.toContain('"c"')
    const open = { role: 'user', content: [text('x')] } as {
      role: 'user'
      content: { type: 'text'; text: string }[]
    }
    write([open])
    open.content = [text('y')]
    expect(write([open]).text).toContain('"y"')
    const same = [begin, user('d')]
    write(same)
    same.splice(1, 1, user('e'))
    expect(write(same).text).toContain('"e"')
    same.pop()
    expect(write(same).text).not.toContain('"e"')
  })
})

/** The API's own rules. */
function expectAccepted(items: readonly Loose[]): void {
  const open = new Set<unknown>()
  const ids = new Set<unknown>()
  for (const [at, item] of items.entries()) {
    const { type, call_id: id } = item
    if (type === 'function_call') {
      expect(ids.has(id)).toBe(false)
      ids.add(id)
      open.add(id)
    } else if (type === 'function_call_output') {
      expect(open.delete(id)).toBe(true)
      expect(item['output']).not.toBe('')
    } else if (type === 'reasoning') {
      expect(['message', 'function_call', undefined]).toContain(items[at + 1]?.['type'])
      expect(items[at + 1]?.['role']).not.toBe('user')
    } else if (item['role'] === 'user') expect(open.size).toBe(0)
    const content = (item['content'] ?? []) as Loose[]
    expect(content.some((part) => part['text'] === '')).toBe(false)
  }
  expect(open.size).toBe(0)
}
