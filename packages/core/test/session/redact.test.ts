import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  Agent,
  memoryStore,
  tool,
  ToolResult,
  type AgentOptions,
  type Json,
  type ToolContext,
} from '../../src/index.ts'
import { createPartRedactor, createRedactor, redactJson } from '../../src/session/redact.ts'
import { call, collect, scripted } from '../../src/testing.ts'

const shared =
  process.env['HARNEXT_SHARED'] ?? fileURLToPath(new URL('../../../../../shared', import.meta.url))
const file = path.join(shared, 'attacks', 'cases.jsonl')

/** All that a run showed and put on record, when its tool gave this. */
async function traceOf(execute: () => unknown, options: Partial<AgentOptions> = {}) {
  const store = memoryStore()
  const look = tool({
    name: 'look',
    description: 'Looks.',
    parameters: { type: 'object' },
    effects: () => [],
    execute,
  })
  const adapter = scripted([[call('1', 'look')], 'Done.'])
  const agent = new Agent({
    name: 'test',
    adapter,
    model: 'm',
    tools: [look],
    store,
    instructions: false,
    ...options,
  })
  const run = agent.run([], 'Look')
  const events = await collect(run)
  const { sessionId } = await run.result
  const records = await store.read(sessionId)
  return JSON.stringify([events, records && records.records, adapter.requests])
}

interface LogCase {
  readonly id: string
  readonly api: string
  readonly input: { readonly text: string }
  readonly expect: { readonly notContains: string }
}

describe.skipIf(!existsSync(file))('the published attacks on logs', () => {
  const cases = (existsSync(file) ? readFileSync(file, 'utf8') : '')
    .split('\n')
    .filter((line) => line.includes('"api":"log"'))
    .map((line) => JSON.parse(line) as LogCase)

  test.each(cases)('$id', async ({ input, expect: { notContains } }) => {
    const plain = await traceOf(() => input.text, { secrets: false })
    expect(plain).toContain(notContains)
    expect(await traceOf(() => input.text)).not.toContain(notContains)
  })

  test('there are some', () => expect(cases.length).toBeGreaterThan(5))
})
if (!existsSync(file)) console.log(`Attacks on logs are not tested: there is no ${file}.`)

const pat = `ghp_${'c'.repeat(36)}`

test('a secret is taken out of JSON, of parts, of what was thrown and of what a hook made of it', async () => {
  const ways: (readonly [() => unknown, Partial<AgentOptions>?])[] = [
    [() => ({ deep: [{ value: `is ${pat}` }] })],
    [() => ToolResult.ok('see', { content: [{ type: 'text', text: pat }] })],
    [
      () => {
        throw new Error(`cannot use ${pat}`)
      },
    ],
    [() => 'nothing', { hooks: { afterTool: () => ToolResult.error(pat) } }],
  ]
  for (const [execute, options] of ways) {
    const trace = await traceOf(execute, options)
    expect(trace).not.toContain(pat)
    expect(trace).toContain('[redacted]')
  }
})

test('a value that is given is a secret whatever it looks like', async () => {
  const trace = await traceOf(() => 'my correct horse and staple', { secrets: ['correct horse'] })
  expect(trace).toContain('my [redacted] and staple')
})

const redact = createRedactor(['abcdefgh', 'abcdefgh-and-more', 'short'])

test.each([
  ['abcdefgh-and-more, abcdefgh, short', '[redacted], [redacted], short'],
  [`token=${pat}.`, 'token=[redacted].'],
  ['curl -H "Authorization: Bearer abc.def-123456"', 'curl -H "Authorization: Bearer [redacted]"'],
  ['"x-api-key": "q1w2e3r4t5"', '"x-api-key": "[redacted]"'],
  ['redis://:hunter22@cache:6379/0', 'redis://:[redacted]@cache:6379/0'],
  ['export DB_PASSWORD="hunter2hunter2"\n', 'export DB_PASSWORD="[redacted]"\n'],
  [
    `a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEabc+/=\n-----END RSA PRIVATE KEY-----\nb`,
    'a\n[redacted]\nb',
  ],
])('%s', (text, safe) => {
  expect(redact(text)).toBe(safe)
  expect(redact(safe)).toBe(safe)
})

test.each([
  'MAX_TOKENS=32000',
  'API_KEY=${API_KEY}',
  'API_KEY=<your key>',
  'left.API_KEY===right.API_KEYS',
  "const API_KEY = process.env['API_KEY']",
  'postgres://user:${PASSWORD}@host/db',
  'https://example.com:8080/a@b',
  'Authorization: Bearer $TOKEN',
  'class="sk-loading-spinner-container-of-the-page"',
  '-----BEGIN CERTIFICATE-----',
  'the bearer of this letter',
  'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2',
])('%s stays', (text) => expect(redact(text)).toBe(text))

test('JSON without a secret stays the same object; keys stay', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      expect(redactJson(value as Json, (text) => text)).toBe(value)
    }),
  )
  expect(redactJson({ a: ['b', { c: 'b' }], b: 1 }, (text) => text.replace('b', 'x'))).toEqual({
    a: ['x', { c: 'x' }],
    b: 1,
  })
})

test('a long text that is nearly full of secrets is looked through', () => {
  for (const piece of [
    '-----BEGIN PRIVATE KEY-----\n',
    'a://b:',
    'eyJaaaaaaaaaaaa.',
    'A_TOKEN=',
    'sk-a',
    'bearer ',
  ]) {
    expect(redact(piece.repeat(40_000)).length).toBeGreaterThan(0)
    expect(redactPart(piece.repeat(40_000)).length).toBeGreaterThan(0)
  }
})

const redactPart = createPartRedactor(['correct horse battery', 'line one\nline two', 'short'])

test.each([
  ['say correct horse battery to them', 'correct horse battery'],
  ['a\nline one\nline two\n', 'line one\nline two'],
  [`token ${pat} is`, 'c'.repeat(36)],
  [`key sk-ant-api03-${'aB3_'.repeat(20)} is`, 'aB3_aB3_'],
  [`${'eyJhbGciOiJIUzI1NiJ9.'.repeat(2)}c2lnbmF0dXJl `, 'hbGciOiJIUzI1NiJ9'],
  ['curl -H "Authorization: Bearer abc.def-123456" x', 'abc.def-123456'],
  ['redis://:hunter22@cache:6379/0 is up', 'hunter22'],
  ['export DB_PASSWORD="correcthorse"\nnext', 'correcthorse'],
  ['a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEabc+/=\n-----END RSA PRIVATE KEY-----\nb', 'MIIEabc'],
])('however far %j has come, nobody sees a part of the secret', (text, secret) => {
  for (let length = 0; length <= text.length; length++) {
    const shown = redactPart(text.slice(0, length))
    expect([length, shown.includes(secret.slice(0, 4))]).toEqual([length, false])
  }
  expect(redactPart(text)).toBe(
    createRedactor(['correct horse battery', 'line one\nline two'])(text),
  )
})

test.each([
  '',
  'Continue? [y/N] ',
  'Password: ',
  '45 %',
  'Error: cannot find the bearer of this letter',
  'https://example.com/path',
  'correct.',
  'TOKEN=${TOKEN}',
  'x'.repeat(10_000),
])('%j is shown to its end', (text) => expect(redactPart(text)).toBe(text))

test('what a tool says while it works holds no part of a secret', async () => {
  const secret = 'correct horse battery'
  const trace = await traceOf(
    (async (_args: unknown, { progress }: ToolContext) => {
      for (let length = 1; length <= secret.length; length++) {
        progress({ output: `It is ${secret.slice(0, length)}`, seen: [length] })
        await new Promise((resolve) => setImmediate(resolve))
      }
      return 'done'
    }) as () => unknown,
    { secrets: [secret] },
  )
  expect(trace).toContain('"tool_progress"')
  expect(trace).toContain('It is [redacted]')
  expect(trace).not.toContain('It is corr')
})
