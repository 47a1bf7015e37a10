import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  Agent,
  ConfigError,
  ProviderError,
  tool,
  type AgentOptions,
  type ProviderAdapter,
} from '../../src/index.ts'
import {
  call,
  collect,
  record,
  replay,
  scripted,
  type CassetteOptions,
  type ScriptedStep,
} from '../../src/testing.ts'

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'cassette-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

const secret = `ghp_${'c'.repeat(36)}`

/** An agent with a tool that shows a folder, which is another one at each run. */
function agentOf(adapter: ProviderAdapter, cwd: string, options: Partial<AgentOptions> = {}) {
  const where = tool<{ path: string }>({
    name: 'where',
    description: 'Says where.',
    parameters: { type: 'object', properties: { path: { type: 'string' } } },
    effects: () => [],
    execute: ({ path: asked }) => `${cwd} holds ${asked === `${cwd}/a.txt` ? 'it' : 'nothing'}`,
  })
  return new Agent({
    name: 'test',
    adapter,
    model: 'm',
    tools: [where],
    instructions: false,
    maxRetries: 0,
    ...options,
  })
}

const steps = (cwd: string): readonly ScriptedStep[] => [
  [
    { type: 'thinking', text: 'Hm', opaque: { by: 'scripted.script', model: 'm', data: { s: 1 } } },
    call('1', 'where', { path: `${cwd}/a.txt` }),
  ],
  [{ type: 'text', text: `Use ${secret}, it is in ${cwd}.` }],
]

/** Records a run, and gives the file with the options that replay it. */
async function recorded(cwd: string) {
  const file = path.join(folder(), 'sub', 'run.jsonl')
  const options: CassetteOptions = { secrets: ['a value of mine'], values: { cwd } }
  const agent = agentOf(record(scripted(steps(cwd)), { file, ...options }), cwd)
  const result = await agent.run([], 'Where? With a value of mine.').result
  return { file, result }
}

test('a run is replayed elsewhere without its provider, with the same calls, texts and opaque data', async () => {
  const { file, result } = await recorded('/first/place')
  expect(result.steps[0]?.output).toBe('/first/place holds it')
  const cwd = '/another'
  using model = replay(file, { secrets: ['a value of mine'], values: { cwd } })
  expect([model.id, model.api, model.model]).toEqual(['scripted', 'scripted.script', 'm'])
  const again = await agentOf(model, cwd).run([], 'Where? With a value of mine.').result
  expect(again.steps[0]?.output).toBe('/another holds it')
  expect(again.text).toBe('Use [redacted], it is in /another.')
  expect(again.usage).toEqual(result.usage)
  expect(again.messages[1]).toMatchObject({
    content: [
      { type: 'thinking', opaque: { data: { s: 1 } } },
      { type: 'tool_call', id: '1' },
    ],
  })
})

test('the cassette holds no secret, belongs to its owner, and repeats no message', async () => {
  const { file } = await recorded('/first/place')
  const text = readFileSync(file, 'utf8')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  for (const leaked of [secret, 'a value of mine', '/first/place'])
    expect(text).not.toContain(leaked)
  expect(text).not.toMatch(/Date: \d/)
  expect(text.split('Where? With')).toHaveLength(2)
})

test('the first request that differs fails, and says where', async () => {
  const { file } = await recorded('/x')
  const options = { secrets: ['a value of mine'], values: { cwd: '/x' } }
  const other = agentOf(replay(file, options), '/x', { maxOutputTokens: 9, effort: 'low' })
  const { error } = await other.run([], 'Where? With another word.').result
  expect(error?.message.split('\n')).toEqual([
    `${file} has no answer to this request: call 1 of 2 differs:`,
    '  maxOutputTokens: recorded 32000, asked 9',
    '  effort: recorded nothing, asked "low"',
    '  messages[0].content[0].text: recorded "Where? With [redacted].", asked "Where? With another word."',
  ])
})

test('one that comes after the last fails; one that was not asked for is missed', async () => {
  const { file } = await recorded('/x')
  const options = { secrets: ['a value of mine'], values: { cwd: '/x' } }
  const model = replay(file, options)
  expect(() => model.assertDone()).toThrow('2 of them were not asked for')
  const agent = agentOf(model, '/x')
  await agent.run([], 'Where? With a value of mine.').result
  model.assertDone()
  const { error } = await agent.run([], 'And now?').result
  expect(error?.message).toContain('all 2 calls were given')
})

test('calls at the same time are told apart by what they ask', async () => {
  const file = path.join(folder(), 'two.jsonl')
  const echo: ScriptedStep = ({ messages }) => `to ${JSON.stringify(messages.at(-1)?.content)}`
  const asking = (adapter: ProviderAdapter, text: string) =>
    agentOf(adapter, '/').run([], text).text
  const live = record(scripted([echo, echo]), { file })
  const said = [await asking(live, 'one'), await asking(live, 'two')]
  const model = replay(file)
  expect([await asking(model, 'two'), await asking(model, 'one')]).toEqual(said.toReversed())
})

test('an error comes back as its class, after what was said before it', async () => {
  const file = path.join(folder(), 'error.jsonl')
  const failure = new ProviderError('busy', { kind: 'overloaded', status: 529, retryAfterMs: 5 })
  const half = { content: [{ type: 'text', text: 'Half an' }], error: failure } as const
  await agentOf(record(scripted([half]), { file }), '/').run([], 'Go').result
  const events = await collect(agentOf(replay(file), '/').run([], 'Go'))
  expect(events.findLast(({ type }) => type === 'text')).toMatchObject({ text: 'Half an' })
  const error = events.find((event) => event.type === 'error')?.error
  expect(error).toBeInstanceOf(ProviderError)
  expect(error).toMatchObject({ kind: 'overloaded', status: 529, partial: 'Half an' })
})

test('what the adapter can do is on record, as it shapes the requests', async () => {
  const file = path.join(folder(), 'small.jsonl')
  const small = { ...scripted(['Hi.']), capabilities: () => ({ maxOutputTokens: 77 }) }
  await agentOf(record(small, { file }), '/').run([], 'Go').result
  using model = replay(file)
  expect(await agentOf(model, '/').run([], 'Go').text).toBe('Hi.')
})

test('a file that is no cassette is refused with the line', () => {
  const file = path.join(folder(), 'x.jsonl')
  for (const [text, message] of [
    ['', /first line/],
    ['{"type":"session","version":1}\n', /first line/],
    ['{"type":"cassette","version":1}\n{"request":', /line 2, is no part of a cassette/],
    ['{"type":"cassette","version":1}\n{}\n', /line 2.*expected request and events/],
  ] as const) {
    writeFileSync(file, text)
    expect(() => replay(file)).toThrow(ConfigError)
    expect(() => replay(file)).toThrow(message)
  }
  expect(() => replay(`${file}.none`)).toThrow(/cannot be read/)
})
