import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolMessage,
  ToolPart,
} from '@harnext/core/provider'
import { randomConversation } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { messagesWriter } from '../src/to-anthropic-messages.ts'
import { user } from './collect.ts'
import { textWriter } from './text-writer.ts'

const speaker = { provider: 'anthropic', api: 'anthropic.messages', thinking: { signature: 's' } }

interface Wire {
  readonly role: string
  readonly content: readonly Record<string, unknown>[]
}
const wire = (messages: readonly Message[]): Wire[] =>
  JSON.parse(textWriter(messagesWriter())(messages, false).text)
const contents = (messages: readonly Message[]) =>
  wire(messages).map(({ role, content }) => [role, ...content])

const assistant = (
  content: readonly AssistantPart[],
  more: Partial<AssistantMessage> = {},
): AssistantMessage => ({
  role: 'assistant',
  content,
  provider: 'anthropic',
  api: 'anthropic.messages',
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
): ToolMessage => ({
  role: 'tool',
  id,
  tool: 'add',
  status,
  content,
})
const toolUse = (id: string, input: object = {}) => ({ type: 'tool_use', id, name: 'add', input })
const toolResult = (id: string, more: object = { content: [text('ok')] }) => ({
  type: 'tool_result',
  tool_use_id: id,
  ...more,
})
const missing = (id: string) =>
  toolResult(id, {
    content: [
      text('There is no result: the call was interrupted before its outcome was recorded.'),
    ],
    is_error: true,
  })
const opaque = (data: object, by = 'anthropic.messages') =>
  ({ opaque: { by, model: 'm', data } }) as { opaque: { by: string; model: string; data: never } }

describe('roles', () => {
  it('puts all results of a turn into one user message, before what the user says', () => {
    expect(
      contents([
        user('q'),
        assistant([call('a'), call('b')]),
        result('a'),
        user('wait'),
        result('b'),
        user('go'),
      ]),
    ).toEqual([
      ['user', text('q')],
      ['assistant', toolUse('a'), toolUse('b')],
      ['user', toolResult('a'), toolResult('b'), text('wait'), text('go')],
    ])
  })

  it('merges neighbours of one role', () => {
    expect(
      contents([user('a'), user('b'), assistant([text('c')]), assistant([text('d')])]),
    ).toEqual([
      ['user', text('a'), text('b')],
      ['assistant', text('c'), text('d')],
    ])
  })

  it('lets the user begin', () => {
    expect(contents([assistant([text('a')])])).toEqual([
      ['user', text('Go on.')],
      ['assistant', text('a')],
    ])
    expect(wire([])).toEqual([])
  })

  it('sends no empty message and no blank text', () => {
    expect(
      contents([
        user('a'),
        assistant([text('')]),
        user(' \n'),
        assistant([text('b'), text('\n\n')]),
        user('c'),
      ]),
    ).toEqual([
      ['user', text('a')],
      ['assistant', text('b')],
      ['user', text('c')],
    ])
  })
})

describe('calls', () => {
  it('closes a call without a result, and leaves out a result without a call', () => {
    expect(
      contents([
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
      ['user', text('q')],
      ['assistant', toolUse('a'), toolUse('b')],
      ['user', toolResult('b'), missing('a')],
      ['assistant', toolUse('c')],
      ['user', missing('c'), text('stop')],
    ])
  })

  it('closes open calls at the end for this request only', () => {
    const write = textWriter(messagesWriter())
    const messages: Message[] = [user('q'), Object.freeze(assistant([call('a')]))]
    expect(JSON.parse(write(messages, false).text).at(-1).content).toEqual([missing('a')])
    messages.push(Object.freeze(result('a')))
    expect(JSON.parse(write(messages, false).text).at(-1).content).toEqual([toolResult('a')])
  })

  it('keeps the vendor’s ids and makes others fit, the same in call and result', () => {
    const ids = ['toolu_01A-b', 'call|1', 'call 1', '', 'x'.repeat(65), 'ü']
    const [, answer, results] = wire([
      user('q'),
      assistant(ids.map((id) => call(id))),
      ...ids.map((id) => result(id)),
    ])
    const sent = answer?.content.map(({ id }) => id) as string[]
    expect(results?.content.map(({ tool_use_id: id }) => id)).toEqual(sent)
    expect(sent[0]).toBe('toolu_01A-b')
    expect(new Set(sent).size).toBe(ids.length)
    for (const id of sent) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
  })

  it('makes ids unique where a vendor counts from the start in every turn', () => {
    const long = 'y'.repeat(64)
    const sent = wire([
      user('q'),
      ...[1, 2, 3].flatMap(() => [
        assistant([call('call_0'), call(long)]),
        result('call_0'),
        result(long),
      ]),
    ])
    const calls = sent.flatMap(({ content }) => content.flatMap(({ id }) => id ?? []))
    const results = sent.flatMap(({ content }) =>
      content.flatMap(({ tool_use_id: id }) => id ?? []),
    )
    expect(results).toEqual(calls)
    expect(new Set(calls).size).toBe(6)
    expect(calls.slice(0, 1)).toEqual(['call_0'])
    for (const id of calls) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
  })

  it('matches two calls of one id in order', () => {
    const [, answer, results] = wire([
      user('q'),
      assistant([call('a', { n: 1 }), call('a', { n: 2 })]),
      result('a', [text('one')]),
      result('a', [text('two')]),
    ])
    expect(answer?.content.map(({ id }) => id)).toEqual(['a', 'a_2'])
    expect(results?.content).toEqual([
      toolResult('a', { content: [text('one')] }),
      toolResult('a_2', { content: [text('two')] }),
    ])
  })

  it('sends arguments that are no object as an empty one, and a name that fits', () => {
    const invalid = {
      type: 'tool_call',
      id: 'a',
      tool: 'mcp:x.y',
      args: '{"a":',
      invalid: 'no',
    } as const
    expect(wire([user('q'), assistant([invalid])])[1]?.content).toEqual([
      { type: 'tool_use', id: 'a', name: 'mcp_x_y', input: {} },
    ])
  })

  it('marks results that failed, which may hold nothing but text', () => {
    const image = { type: 'image', mediaType: 'image/png', data: 'QQ==' } as const
    const [, , results] = wire([
      user('q'),
      assistant([call('a'), call('b'), call('c')]),
      result('a', [text('no'), image], 'error'),
      result('b', [text('No.')], 'denied'),
      result('c', [text(' ')]),
    ])
    expect(results?.content).toEqual([
      toolResult('a', {
        content: [text('no'), text('[image (image/png) omitted]')],
        is_error: true,
      }),
      toolResult('b', { content: [text('No.')], is_error: true }),
      toolResult('c', {}),
    ])
  })
})

describe('parts', () => {
  it('sends images and documents, in messages and results', () => {
    const image = { type: 'image', mediaType: 'image/png', data: 'QQ==' } as const
    const content: ToolPart[] = [
      image,
      { type: 'image', url: 'https://a.example/x.png' },
      { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=', name: 'a.pdf' },
      { type: 'file', mediaType: 'image/webp', data: 'QQ==' },
      { type: 'file', mediaType: 'text/csv', data: 'w7wsMQ==' },
    ]
    const blocks = [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QQ==' } },
      { type: 'image', source: { type: 'url', url: 'https://a.example/x.png' } },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
        title: 'a.pdf',
      },
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'QQ==' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ü,1' } },
    ]
    expect(contents([{ role: 'user', content }])).toEqual([['user', ...blocks]])
    expect(wire([user('q'), assistant([call('a')]), result('a', content)])[2]?.content).toEqual([
      toolResult('a', { content: blocks }),
    ])
  })

  it('puts a line in the place of what the vendor does not take, and warns once', () => {
    const write = textWriter(messagesWriter())
    const content = [
      { type: 'image', mediaType: 'image/tiff', data: 'QQ==' },
      { type: 'file', mediaType: 'audio/mpeg', name: 'a.mp3', data: 'QQ==' },
      { type: 'file', mediaType: 'text/plain', name: 'b.txt', data: '*not base64*' },
    ] as const
    const messages: Message[] = [Object.freeze({ role: 'user', content })]
    const first = write(messages, false)
    expect(JSON.parse(first.text)[0].content).toEqual([
      text('[image (image/tiff) omitted]'),
      text('[file a.mp3 (audio/mpeg) omitted]'),
      text('[file b.txt (text/plain) omitted]'),
    ])
    expect(first.warnings.map(({ code }) => code)).toEqual(Array(3).fill('unsupported_part'))
    expect(write(messages, false).warnings).toEqual([])
  })

  it('returns what is the vendor’s own word for word, and nobody else’s', () => {
    const server = {
      type: 'server_tool_use',
      id: 's',
      name: 'web_search',
      input: { b: 1, a: [null] },
    }
    const content: AssistantPart[] = [
      { type: 'thinking', text: '', ...opaque({ signature: 'sig' }) },
      { type: 'thinking', text: '', redacted: true, ...opaque({ data: 'enc' }) },
      { type: 'provider', ...opaque(server) },
      { type: 'text', text: 'a', ...opaque({ citations: [{ url: 'u' }] }) },
      { type: 'source', url: 'u' },
      {
        type: 'tool_call',
        id: 'c',
        tool: 'add',
        args: {},
        ...opaque({ caller: { type: 'code' } }),
      },
    ]
    expect(wire([user('q'), assistant(content)])[1]?.content).toEqual([
      { type: 'thinking', thinking: '', signature: 'sig' },
      { type: 'redacted_thinking', data: 'enc' },
      server,
      { type: 'text', text: 'a', citations: [{ url: 'u' }] },
      { ...toolUse('c'), caller: { type: 'code' } },
    ])
    const foreign: AssistantPart[] = [
      { type: 'thinking', text: 'x' },
      { type: 'thinking', text: 'x', ...opaque({ signature: 's' }, 'openai.responses') },
      { type: 'provider', ...opaque(server, 'openai.responses') },
      { type: 'text', text: 'a', ...opaque({ id: 'msg' }, 'openai.responses') },
      {
        type: 'tool_call',
        id: 'c',
        tool: 'add',
        args: {},
        ...opaque({ id: 'fc' }, 'openai.responses'),
      },
    ]
    expect(wire([user('q'), assistant(foreign)])[1]?.content).toEqual([text('a'), toolUse('c')])
  })

  it('does not end a message with thinking, unless the vendor paused there', () => {
    const thinking: AssistantPart = { type: 'thinking', text: 'x', ...opaque({ signature: 's' }) }
    expect(contents([user('q'), assistant([thinking]), user('go')])).toEqual([
      ['user', text('q'), text('go')],
    ])
    expect(wire([user('q'), assistant([text('a'), thinking])])[1]?.content).toEqual([text('a')])
    expect(
      wire([user('q'), assistant([thinking], { stopReason: 'pause' })])[1]?.content,
    ).toHaveLength(1)
  })

  it('replaces half a surrogate pair, wherever it is, and nothing else', () => {
    const half = 'a\ud83c'
    const literal = 'keep \\ud83c and \\\\ud83c and 🌦️ \\'
    const raw = textWriter(messagesWriter())(
      [
        user(half + literal),
        assistant([call('a', { [half]: [half, literal] })]),
        result('a', [text(`${literal}\udf00`)]),
      ],
      false,
    ).text
    expect(raw).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/)
    const [first, second, third] = JSON.parse(raw) as Wire[]
    expect(first?.content).toEqual([text(`a\ufffd${literal}`)])
    expect(second?.content[0]?.['input']).toEqual({ 'a\ufffd': ['a\ufffd', literal] })
    expect(third?.content).toEqual([toolResult('a', { content: [text(`${literal}\ufffd`)] })])
  })
})

describe('the cache', () => {
  const uncached = (body: string): string =>
    body.replaceAll(',"cache_control":{"type":"ephemeral"}', '')

  it('breaks at the last block of the last two user messages', () => {
    const write = textWriter(messagesWriter())
    const messages = [
      user('a'),
      user('b'),
      assistant([text('c')]),
      user('d'),
      assistant([text('e')]),
      user('f'),
    ]
    const sent = JSON.parse(write(messages, true).text) as Wire[]
    const marked = sent.flatMap(({ content }) =>
      content.filter((block) => 'cache_control' in block),
    )
    expect(marked.map((block) => block['text'])).toEqual(['d', 'f'])
    messages.push(user('g'))
    expect(write(messages, true).text).not.toContain('"f","cache_control"')
    expect(write(messages, true).text).toContain('"g","cache_control"')
    expect(write(messages, true).text).toContain('"d","cache_control"')
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'lets request n be a prefix of request n+1, and equals what is written anew (seed %d)',
    (seed) => {
      const write = textWriter(messagesWriter())
      const history: Message[] = []
      let before = ''
      for (const turn of randomConversation(seed, 30, speaker)) {
        history.push(...turn)
        const { text: sent } = write(history, true)
        expect(sent).toBe(textWriter(messagesWriter())([...history], true).text)
        expect(sent.match(/"cache_control"/g)?.length ?? 0).toBeLessThanOrEqual(2)
        const plain = uncached(sent)
        expect(plain.endsWith(']}]')).toBe(true)
        expect(plain.startsWith(before)).toBe(true)
        before = plain.slice(0, -3)
        expectAccepted(JSON.parse(plain))
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

  it('notices a history that became another one, and messages that may still change', () => {
    const write = textWriter(messagesWriter())
    const first = user('a')
    expect(write([first, user('b')], false).text).toContain('"b"')
    expect(write([first, user('c')], false).text).not.toContain('"b"')
    expect(write([first], false).text).not.toContain('"c"')
    const open = { role: 'user', content: [text('x')] } as {
      role: 'user'
      content: { type: 'text'; text: string }[]
    }
    write([open], false)
    open.content = [text('y')]
    expect(write([open], false).text).toContain('"y"')
  })
})

/** The API's own rules. */
function expectAccepted(messages: readonly Wire[]): void {
  const ids = new Set<unknown>()
  for (const [at, { role, content }] of messages.entries()) {
    expect(role).toBe(at % 2 ? 'assistant' : 'user')
    expect(content.length).toBeGreaterThan(0)
    const calls = content.filter(({ type }) => type === 'tool_use').map(({ id }) => id)
    for (const id of calls) {
      expect(ids.has(id)).toBe(false)
      ids.add(id)
    }
    const next = messages[at + 1]?.content ?? []
    const answered = next.slice(0, calls.length).map(({ tool_use_id: id }) => id)
    expect(new Set(answered)).toEqual(new Set(calls))
    const results = content.filter(({ type }) => type === 'tool_result')
    expect(content.slice(0, results.length)).toEqual(results)
    expect(content.some((block) => isBlank(block['text']))).toBe(false)
  }
}

const isBlank = (value: unknown): boolean => typeof value === 'string' && value.trim() === ''
