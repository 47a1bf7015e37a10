import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStreamJsonInput, type StreamJsonInput } from '../src/stream-json.ts'

const parse = (value: unknown): StreamJsonInput | { readonly error: string } =>
  parseStreamJsonInput(JSON.stringify(value))

const user = (content: unknown) => ({ type: 'user', message: { role: 'user', content } })
const answer = (response: unknown) => ({
  type: 'control_response',
  response: { subtype: 'success', request_id: '1', response },
})

test('what the person says, as a text or as blocks', () => {
  const said = { type: 'user', content: [{ type: 'text', text: 'Hi.' }], text: 'Hi.' }
  expect(parse(user('Hi.'))).toEqual(said)
  expect(parse(user([{ type: 'text', text: 'Hi.' }]))).toEqual(said)
  expect(parse({ type: 'user', message: { content: 'Hi.' }, session_id: '', uuid: 'u' })).toEqual(
    said,
  )
})

test('images and documents', () => {
  const base64 = { type: 'base64', media_type: 'image/png', data: 'AAAA' }
  expect(
    parse(
      user([
        { type: 'text', text: 'Look: ' },
        { type: 'image', source: base64 },
        { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
        { type: 'document', source: { ...base64, media_type: 'application/pdf' }, title: 'a.pdf' },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
      ]),
    ),
  ).toEqual({
    type: 'user',
    text: 'Look: words',
    content: [
      { type: 'text', text: 'Look: ' },
      { type: 'image', mediaType: 'image/png', data: 'AAAA' },
      { type: 'image', url: 'https://example.org/a.png' },
      { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'AAAA' },
      { type: 'text', text: 'words' },
    ],
  })
})

test.each([
  ['Hi.', 'no JSON'],
  ['{"type":"user"', 'no JSON'],
  ['[1]', 'A line must be a JSON object; got [1].'],
  ['{"type":"assistant"}', 'got "assistant"'],
  ['{}', 'got nothing'],
  ['{"type":"user"}', 'message of a user line must be an object; got nothing.'],
  [user(''), 'message.content of a user line is empty.'],
  [user([]), 'message.content of a user line is empty.'],
  [user([{ type: 'text', text: '' }]), 'message.content of a user line is empty.'],
  [user(7), 'must be a text or a list of blocks; got 7.'],
  [user(['Hi.']), 'message.content[0] must be an object; got "Hi.".'],
  [user([{ type: 'text' }]), 'message.content[0].text must be a text; got nothing.'],
  [
    user([{ type: 'tool_result', tool_use_id: '1' }]),
    'message.content[0].type must be text, image or document; got "tool_result".',
  ],
  [user([{ type: 'image' }]), 'message.content[0].source must be an object; got nothing.'],
  [
    user([{ type: 'image', source: { type: 'base64', data: 'A' } }]),
    'message.content[0].source must be { type: "base64", media_type, data }',
  ],
  [
    { type: 'user', message: { role: 'assistant', content: 'Hi.' } },
    'message.role of a user line must be "user"; got "assistant".',
  ],
  [{ type: 'control_response' }, 'response.request_id must be a text; got nothing.'],
  [{ type: 'control_request', request: {} }, 'request_id must be a text; got nothing.'],
])('an error says what is wrong with %j', (line, message) => {
  const parsed = parseStreamJsonInput(typeof line === 'string' ? line : JSON.stringify(line))
  expect(parsed).toEqual({ error: expect.stringContaining(message) })
})

test.each<[unknown, unknown]>([
  [{ behavior: 'allow' }, { decision: 'allow' }],
  [{ behavior: 'allow', updatedInput: null }, { decision: 'allow' }],
  [
    { behavior: 'allow', updatedInput: { a: 1 } },
    { decision: 'allow', args: { a: 1 } },
  ],
  [
    {
      behavior: 'allow',
      updatedPermissions: [{ type: 'addRules', behavior: 'allow', rules: [{ toolName: 'Bash' }] }],
    },
    { decision: 'allow', remember: true },
  ],
  [
    { behavior: 'allow', updatedPermissions: [{ type: 'setMode', mode: 'bypassPermissions' }] },
    { decision: 'allow' },
  ],
  [
    { behavior: 'deny', message: 'No.' },
    { decision: 'deny', message: 'No.' },
  ],
  [{ behavior: 'deny' }, { decision: 'deny', message: 'The user declined this call.' }],
])('the answer %j', (given, expected) => {
  expect(parse(answer(given))).toEqual({ type: 'permission', callId: '1', answer: expected })
})

test('a denial may end the run', () => {
  expect(parse(answer({ behavior: 'deny', message: 'Stop.', interrupt: true }))).toEqual({
    type: 'permission',
    callId: '1',
    answer: { decision: 'deny', message: 'Stop.' },
    interrupt: true,
  })
})

test.each([
  answer(undefined),
  answer({}),
  answer({ behavior: 'yes' }),
  answer({ behavior: 'allow', updatedInput: 'rm -rf /' }),
  { type: 'control_response', response: { request_id: '1' } },
  { type: 'control_response', response: { subtype: 'error', request_id: '1', error: 'Broken.' } },
])('an answer that makes no sense denies, and says why: %j', (line) => {
  expect(parse(line)).toEqual({
    type: 'permission',
    callId: '1',
    answer: { decision: 'deny', message: expect.stringMatching(/.{20}/) },
  })
})

test('input that comes back unchanged changes nothing', () => {
  const requested = (id: string) =>
    id === '1' ? { command: 'ls', deep: { b: [1], a: 2 } } : undefined
  const decide = (updatedInput: unknown) =>
    parseStreamJsonInput(JSON.stringify(answer({ behavior: 'allow', updatedInput })), { requested })
  expect(decide({ deep: { a: 2, b: [1] }, command: 'ls' })).toMatchObject({
    answer: { decision: 'allow' },
  })
  expect(decide({ deep: { a: 2, b: [1] }, command: 'ls' })).not.toHaveProperty('answer.args')
  expect(decide({ command: 'ls' })).toHaveProperty('answer.args', { command: 'ls' })
})

const request = (body: unknown) => ({ type: 'control_request', request_id: 'r1', request: body })

test.each<[unknown, unknown]>([
  [{ subtype: 'initialize', hooks: {} }, { subtype: 'initialize' }],
  [{ subtype: 'interrupt' }, { subtype: 'interrupt' }],
  [
    { subtype: 'set_model', model: 'm' },
    { subtype: 'set_model', model: 'm' },
  ],
  [{ subtype: 'set_model' }, { subtype: 'set_model' }],
  [{ subtype: 'set_model', model: null }, { subtype: 'set_model' }],
  [
    { subtype: 'set_permission_mode', mode: 'acceptEdits' },
    { subtype: 'set_permission_mode', mode: 'accept_edits' },
  ],
  [
    { subtype: 'set_permission_mode', mode: 'default' },
    { subtype: 'set_permission_mode', mode: 'manual' },
  ],
])('the client asks %j', (body, expected) => {
  expect(parse(request(body))).toEqual({ type: 'control', requestId: 'r1', request: expected })
})

test.each<[unknown, RegExp]>([
  [{ subtype: 'mcp_status' }, /"mcp_status" is not supported/],
  [{ subtype: 'set_model', model: 7 }, /id of a model; got 7/],
  [{ subtype: 'set_permission_mode', mode: 'dontAsk' }, /no permission mode "dontAsk"/],
  [{ subtype: 'set_permission_mode' }, /no permission mode/],
  [undefined, /must be an object; got nothing/],
])('a request that is not supported has the reason for the client: %j', (body, reason) => {
  expect(parse(request(body))).toEqual({
    type: 'control',
    requestId: 'r1',
    request: { subtype: 'unsupported', reason: expect.stringMatching(reason) },
  })
})

test.each(['', '  \r', '{"type":"keep_alive"}', '{"type":"control_cancel_request"}'])(
  'nothing to do for %j',
  (line) => {
    expect(parseStreamJsonInput(line)).toEqual({ type: 'nothing' })
  },
)

test('it never throws', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const nested = `{"type":"user","message":{"content":${deep}}}`
  expect(parseStreamJsonInput(nested)).toHaveProperty('error')
  const object = fc.dictionary(
    fc.constantFrom('type', 'message', 'content', 'response', 'request', 'subtype', 'request_id'),
    fc.oneof(
      fc.constantFrom<unknown>('user', 'control_response', 'control_request', 'allow', '1'),
      fc.jsonValue(),
    ),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        object.map((value) => JSON.stringify(value)),
      ),
      (line) => {
        const parsed = parseStreamJsonInput(line)
        expect('error' in parsed || 'type' in parsed).toBe(true)
      },
    ),
    { seed: 20261121, numRuns: 500 },
  )
})
