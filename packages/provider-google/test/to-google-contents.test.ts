import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolMessage,
  ToolPart,
} from '@harnext/core/provider'
import { randomConversation } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { dialectOf } from '../src/models.ts'
import { contentsWriter } from '../src/to-google-contents.ts'
import { user } from './collect.ts'
import { textWriter } from './text-writer.ts'

const speaker = {
  provider: 'google',
  api: 'google.generateContent',
  thinking: { thoughtSignature: 's' },
}
interface Wire {
  readonly role: string
  readonly parts: readonly Record<string, never>[]
}
const gemini3 = dialectOf('gemini-3.8-flash')
const gemini2 = dialectOf('gemini-2.5-flash')
const wire = (messages: readonly Message[], dialect = gemini3): Wire[] =>
  JSON.parse(textWriter(contentsWriter())(messages, dialect).text)
const contents = (messages: readonly Message[], dialect = gemini3) =>
  wire(messages, dialect).map(({ role, parts }) => [role, ...parts])

const assistant = (
  content: readonly AssistantPart[],
  more: Partial<AssistantMessage> = {},
): AssistantMessage => ({
  role: 'assistant',
  content,
  provider: 'google',
  api: 'google.generateContent',
  model: 'm',
  stopReason: 'stop',
  ...more,
})
const text = (value: string) => ({ type: 'text', text: value }) as const
const opaque = (data: object, by = 'google.generateContent') =>
  ({ opaque: { by, model: 'm', data } }) as { opaque: { by: string; model: string; data: never } }
/** A call of this vendor, which gave no id. */
const call = (id: string, args: object = {}, data: object = { thoughtSignature: id }) =>
  ({ type: 'tool_call', id, tool: 'add', args, ...opaque(data) }) as AssistantPart
const foreign = (id: string) =>
  ({
    type: 'tool_call',
    id,
    tool: 'add',
    args: {},
    ...opaque({ x: 1 }, 'other.api'),
  }) as AssistantPart
const result = (
  id: string,
  content: readonly ToolPart[] = [text('ok')],
  status: ToolMessage['status'] = 'ok',
): ToolMessage => ({ role: 'tool', id, tool: 'add', status, content })

const functionCall = (thoughtSignature: string | null, more: object = {}) => ({
  functionCall: { name: 'add', args: {}, ...more },
  ...(thoughtSignature !== null && { thoughtSignature }),
})
const functionResponse = (response: object = { output: 'ok' }, more: object = {}) => ({
  functionResponse: { name: 'add', response, ...more },
})
const missing = functionResponse({
  error: 'There is no result: the call was interrupted before its outcome was recorded.',
})
const sentinel = 'skip_thought_signature_validator'

describe('turns', () => {
  it('puts all results of a turn into one, alone and before what the user says', () => {
    expect(
      contents([
        user('q'),
        assistant([call('a'), call('b')]),
        result('a'),
        user('wait'),
        result('b', [text('two')]),
        user('go'),
      ]),
    ).toEqual([
      ['user', { text: 'q' }],
      ['model', functionCall('a'), functionCall('b')],
      ['user', functionResponse(), functionResponse({ output: 'two' })],
      ['user', { text: 'wait' }, { text: 'go' }],
    ])
  })

  it('merges neighbours of one role', () => {
    expect(
      contents([user('a'), user('b'), assistant([text('c')]), assistant([text('d')])]),
    ).toEqual([
      ['user', { text: 'a' }, { text: 'b' }],
      ['model', { text: 'c' }, { text: 'd' }],
    ])
  })

  it('lets the user begin', () => {
    expect(contents([assistant([text('a')])])).toEqual([
      ['user', { text: 'Go on.' }],
      ['model', { text: 'a' }],
    ])
    expect(wire([])).toEqual([])
  })

  it('sends no empty turn and no empty text', () => {
    expect(
      contents([user('a'), assistant([text('')]), user(' \n'), assistant([text('b')]), user('c')]),
    ).toEqual([
      ['user', { text: 'a' }],
      ['model', { text: 'b' }],
      ['user', { text: 'c' }],
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
      ['user', { text: 'q' }],
      ['model', functionCall('a'), functionCall('b')],
      ['user', functionResponse(), missing],
      ['model', functionCall('c')],
      ['user', missing],
      ['user', { text: 'stop' }],
    ])
  })

  it('closes open calls at the end for this request only', () => {
    const write = textWriter(contentsWriter())
    const messages: Message[] = [user('q'), Object.freeze(assistant([call('a')]))]
    expect(JSON.parse(write(messages, gemini3).text).at(-1).parts).toEqual([missing])
    messages.push(Object.freeze(result('a')))
    expect(JSON.parse(write(messages, gemini3).text).at(-1).parts).toEqual([functionResponse()])
  })

  it('sends the vendor’s own ids back with call and result, and none of ours', () => {
    const theirs = call('renamed_2', {}, { id: 'v1', thoughtSignature: 's' })
    expect(
      contents([
        user('q'),
        assistant([theirs, call('call_1')]),
        result('renamed_2'),
        result('call_1'),
      ]),
    ).toEqual([
      ['user', { text: 'q' }],
      ['model', functionCall('s', { id: 'v1' }), functionCall('call_1')],
      ['user', functionResponse(undefined, { id: 'v1' }), functionResponse()],
    ])
  })

  it('matches two calls of one id in order', () => {
    const twice = assistant([call('a', { n: 1 }), call('a', { n: 2 })])
    const [, , results] = wire([
      user('q'),
      twice,
      result('a', [text('one')]),
      result('a', [text('two')]),
    ])
    expect(results?.parts).toEqual([
      functionResponse({ output: 'one' }),
      functionResponse({ output: 'two' }),
    ])
  })

  it('tells errors and denials as such, and several texts in lines', () => {
    const results = (status: ToolMessage['status']) =>
      wire([user('q'), assistant([call('a')]), result('a', [text('x'), text('y')], status)])[2]
    expect(results('error')?.parts).toEqual([functionResponse({ error: 'x\ny' })])
    expect(results('denied')?.parts).toEqual([functionResponse({ error: 'x\ny' })])
  })

  it('sends arguments that could not be read as none, and names the vendor can take', () => {
    const odd = { type: 'tool_call', id: 'a', tool: 'a b', args: '{"x', invalid: 'no' } as const
    const sent = wire([user('q'), assistant([odd]), result('a')], gemini2)
    expect(sent[1]?.parts).toEqual([{ functionCall: { name: 'a_b', args: {} } }])
    expect(sent[2]?.parts).toEqual([
      { functionResponse: { name: 'a_b', response: { output: 'ok' } } },
    ])
  })
})

describe('what the vendor signed', () => {
  it('goes back on any kind of part, exactly where it stood', () => {
    const signed = (value: string) => opaque({ thoughtSignature: value })
    const code = { executableCode: { code: '1' }, thoughtSignature: '+/=' }
    const content: AssistantPart[] = [
      { type: 'thinking', text: 'hm' },
      { type: 'thinking', text: 'so', ...signed('1') },
      { type: 'provider', ...opaque(code) },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', ...signed('2') },
      call('x', {}, { thoughtSignature: '3', partMetadata: { y: 1 } }),
      call('y', {}, {}),
      { type: 'text', text: '', ...signed('4') },
      { type: 'source', url: 'https://a.example' },
    ]
    expect(contents([user('q'), assistant(content)])[1]).toEqual([
      'model',
      { text: 'so', thought: true, thoughtSignature: '1' },
      code,
      { text: 'a' },
      { text: 'b', thoughtSignature: '2' },
      { ...functionCall('3'), partMetadata: { y: 1 } },
      functionCall(null),
      { text: '', thoughtSignature: '4' },
    ])
  })

  it('of another api stays at home', () => {
    const content: AssistantPart[] = [
      { type: 'thinking', text: 'so', ...opaque({ signature: 's' }, 'anthropic.messages') },
      { type: 'provider', ...opaque({ type: 'x' }, 'anthropic.messages') },
      { type: 'text', text: 'b', ...opaque({ citations: [] }, 'anthropic.messages') },
    ]
    expect(contents([user('q'), assistant(content)])[1]).toEqual(['model', { text: 'b' }])
  })

  it('is replaced by a word where another vendor’s model called, for the models that ask for it', () => {
    const messages = [
      user('q'),
      assistant([text('a'), foreign('1'), foreign('2')], { api: 'other.api' }),
      result('1'),
      result('2'),
      assistant([call('3', {}, {}), call('4', {}, {})]),
      result('3'),
      result('4'),
      assistant([call('5'), call('6', {}, {})]),
      result('5'),
      result('6'),
    ]
    const calls = (dialect: typeof gemini3) =>
      wire(messages, dialect).flatMap(({ role, parts }) =>
        role === 'model' ? parts.map((part) => part['thoughtSignature'] ?? null) : [],
      )
    expect(calls(gemini3)).toEqual([null, sentinel, null, sentinel, null, '5', null])
    expect(calls(gemini2)).toEqual([null, null, null, null, null, '5', null])
  })

  it('goes on behind the results of the server’s own tools, which stand alone', () => {
    const theirs = { functionCall: { name: 'mcp', args: {} } }
    const response = { functionResponse: { name: 'mcp', response: {} } }
    const content: AssistantPart[] = [
      { type: 'provider', ...opaque(theirs) },
      { type: 'provider', ...opaque(response) },
      { type: 'text', text: 'a' },
    ]
    expect(contents([user('q'), assistant(content), user('r')], gemini2).slice(1)).toEqual([
      ['model', theirs],
      ['model', response],
      ['model', { text: 'a' }],
      ['user', { text: 'r' }],
    ])
  })
})

describe('an answer that is to be continued', () => {
  const paused = Object.freeze(
    assistant([text('a'), { type: 'provider', ...opaque({ continuationToken: 'dG9r' }) }], {
      stopReason: 'pause',
    }),
  )

  it('is asked for by its token, and joins the history with the rest', () => {
    const write = textWriter(contentsWriter())
    const messages = [user('q'), paused]
    const first = write(messages, gemini3)
    expect(first).toMatchObject({ continuationToken: 'dG9r' })
    expect(JSON.parse(first.text)).toHaveLength(1)
    const next = write([...messages, assistant([text('b')]), user('r')], gemini3)
    expect(next).not.toHaveProperty('continuationToken')
    expect(JSON.parse(next.text)[1]).toEqual({
      role: 'model',
      parts: [{ text: 'a' }, { text: 'b' }],
    })
  })

  it('of another api is just an answer', () => {
    const other = assistant(
      [text('a'), { type: 'provider', ...opaque({ continuationToken: 'x' }, 'other') }],
      { stopReason: 'pause' },
    )
    expect(textWriter(contentsWriter())([user('q'), other], gemini3)).not.toHaveProperty(
      'continuationToken',
    )
  })
})

describe('pictures and files', () => {
  const image = (mediaType: string) => ({ type: 'image', mediaType, data: 'iVBO' }) as const
  const file = (mediaType: string) =>
    ({ type: 'file', mediaType, name: 'n', data: 'JVBE' }) as const
  const inline = (mimeType: string, data: string) => ({ inlineData: { mimeType, data } })

  it('go to the model, and what it does not take is named and warned of', () => {
    const content = [
      image('image/png'),
      image('image/gif'),
      { type: 'image', url: 'https://a.example/x.PNG?y' } as const,
      { type: 'image', url: 'https://a.example/x' } as const,
      file('application/pdf'),
      file('application/json'),
      file('audio/wav'),
      file('application/zip'),
    ]
    const written = textWriter(contentsWriter())([{ role: 'user', content }], gemini3)
    expect(JSON.parse(written.text)[0].parts).toEqual([
      inline('image/png', 'iVBO'),
      { text: '[image (image/gif) omitted]' },
      { fileData: { mimeType: 'image/png', fileUri: 'https://a.example/x.PNG?y' } },
      { fileData: { fileUri: 'https://a.example/x' } },
      inline('application/pdf', 'JVBE'),
      inline('text/plain', 'JVBE'),
      inline('audio/wav', 'JVBE'),
      { text: '[file n (application/zip) omitted]' },
    ])
    expect(written.warnings.map(({ code }) => code)).toEqual([
      'unsupported_part',
      'unsupported_part',
    ])
  })

  const messages = [
    user('q'),
    assistant([call('a'), call('b')]),
    result('a', [text('see'), image('image/png'), file('audio/wav')]),
    result('b', [file('application/pdf')]),
    user('r'),
  ]

  it('stand inside of results, as far as those can hold them', () => {
    const written = textWriter(contentsWriter())(messages, gemini3)
    expect(JSON.parse(written.text)[2].parts).toEqual([
      functionResponse(
        { output: 'see\n[file n (audio/wav) omitted]' },
        { parts: [inline('image/png', 'iVBO')] },
      ),
      functionResponse({ output: '' }, { parts: [inline('application/pdf', 'JVBE')] }),
    ])
    expect(written.warnings).toHaveLength(1)
  })

  it('stand behind the results for older models', () => {
    const named = { text: 'Content of the result of add:' }
    const behind = [named, inline('image/png', 'iVBO'), inline('audio/wav', 'JVBE')]
    const sent = contents(messages, gemini2)
    expect(sent.slice(2)).toEqual([
      ['user', functionResponse({ output: 'see' }), functionResponse({ output: '' })],
      ['user', ...behind, named, inline('application/pdf', 'JVBE'), { text: 'r' }],
    ])
    expect(contents(messages.slice(0, -1), gemini2).at(-1)).toEqual(sent.at(-1)?.slice(0, -1))
  })
})

describe('the text that is sent', () => {
  it('has no half characters', () => {
    const cut = 'x\ud83c'
    const args = { [cut]: '\\ud83c' }
    const { text: sent } = textWriter(contentsWriter())(
      [user(`${cut} 👋 \\ud83c`), assistant([call('a', args)]), result('a', [text(cut)])],
      gemini3,
    )
    expect(sent.isWellFormed()).toBe(true)
    expect(sent).not.toMatch(/(^|[^\\])(\\\\)*\\ud83c/)
    expect(JSON.parse(sent)[0].parts[0].text).toBe('x\ufffd 👋 \\ud83c')
    expect(JSON.parse(sent)[1].parts[0].functionCall.args).toEqual({ 'x\ufffd': '\\ud83c' })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'of request n is a prefix of that of request n+1, and equals what is written anew (seed %d)',
    (seed) => {
      const dialect = seed % 2 ? gemini3 : gemini2
      const write = textWriter(contentsWriter())
      const history: Message[] = []
      let before = ''
      for (const turn of randomConversation(seed, 30, speaker)) {
        history.push(...turn)
        const { text: sent } = write(history, dialect)
        expect(sent).toBe(textWriter(contentsWriter())([...history], dialect).text)
        expect(sent.endsWith(']}]')).toBe(true)
        expect(sent.startsWith(before)).toBe(true)
        before = sent.slice(0, -3)
        expectAccepted(JSON.parse(sent))
      }
    },
  )

  it('serialises each message once while the array grows', () => {
    const write = textWriter(contentsWriter())
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
      write(messages, gemini3)
      messages.push(Object.freeze(assistant([text('a')])), user('b'))
    }
    expect(reads).toBe(1)
  })

  it('notices a history that became another one, another model, and messages that may change', () => {
    const write = textWriter(contentsWriter())
    const first = user('a')
    expect(write([first, user('b')], gemini3).text).toContain('"b"')
    expect(write([first, user('c')], gemini3).text).not.toContain('"b"')
    const calling = [first, Object.freeze(assistant([foreign('x')])), Object.freeze(result('x'))]
    expect(write(calling, gemini3).text).toContain(sentinel)
    expect(write(calling, gemini2).text).not.toContain(sentinel)
    const content = [{ type: 'text' as const, text: 'one' }]
    const changing: Message = { role: 'user', content }
    expect(write([changing], gemini3).text).toContain('one')
    content[0] = { type: 'text', text: 'two' }
    expect(write([changing], gemini3).text).toContain('two')
  })
})

/** The rules of the API: the user begins, calls are answered one by one in the next turn, which holds nothing else. */
function expectAccepted(turns: readonly Wire[]): void {
  expect(turns[0]?.role).toBe('user')
  for (const [at, { role, parts }] of turns.entries()) {
    expect(parts.length).toBeGreaterThan(0)
    expect(parts.every((part) => part['text'] !== '' || 'thoughtSignature' in part)).toBe(true)
    const calls = parts.filter((part) => 'functionCall' in part)
    const answers = turns[at + 1]?.parts.filter((part) => 'functionResponse' in part) ?? []
    expect(answers).toHaveLength(calls.length)
    if (answers.length > 0) expect(turns[at + 1]?.parts).toHaveLength(answers.length)
    if (role === 'user') expect(calls).toHaveLength(0)
  }
}
