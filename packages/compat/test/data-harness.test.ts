import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, ProviderError } from '@harnext/core'
import { call, collect, scripted, type ScriptedStep } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import {
  AsyncHarness,
  Harness,
  MaxTurnsExceeded,
  SessionCache,
  answerTool,
  type HarnessOptions,
  type RunLogLine,
  type ToolSpec,
} from '../src/data-harness.ts'
import { temporary } from './temporary.ts'

// What users of data-harness know. The number in front of a title is that of the point it holds.

const add: ToolSpec = {
  name: 'add',
  description: 'Adds',
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
  handler: ({ a, b }: { a: number; b: number }) => a + b,
}
const adding = (id: string) => call(id, 'add', { a: 2, b: 3 })

async function make(steps: readonly ScriptedStep[], options: Partial<HarnessOptions> = {}) {
  const runDir = path.join(await temporary(), 'runs')
  const adapter = scripted(steps)
  const harness = new Harness({
    adapter,
    model: 'm',
    system: 'You count.',
    tools: [add],
    runDir,
    ...options,
  })
  return { adapter, harness, runDir }
}

async function lines(file: string | null): Promise<RunLogLine[]> {
  const text = await readFile(file ?? '', 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunLogLine)
}

test('11 the folder is made by the first run, and the file is null before it; each run has one of its own, also within a second', async () => {
  const { harness, runDir } = await make(['One.', 'Two.', 'Three.'])
  expect([harness.runFile, existsSync(runDir)]).toEqual([null, false])
  await harness.run('a')
  const first = harness.runFile
  expect(path.basename(first ?? '')).toMatch(/^\d{8}T\d{6}\.jsonl$/)
  await harness.run('b')
  expect(harness.runFile).not.toBe(first)
  await harness.ask('c')
  expect(await readdir(runDir)).toHaveLength(2)
})

test('11 maxTurns is 25, and below 1 an error; run and ask throw MaxTurnsExceeded', async () => {
  const { harness, adapter } = await make(
    Array.from({ length: 26 }, (_, index) => [adding(`${index}`)]),
  )
  await expect(harness.run('Count')).rejects.toThrow(MaxTurnsExceeded)
  expect(adapter.requests).toHaveLength(25)
  expect(() => new Harness({ adapter, model: 'm', system: '', maxTurns: 0 })).toThrow(ConfigError)
  const short = await make([[adding('1')], [adding('2')]], { maxTurns: 1 })
  await expect(short.harness.ask('Count')).rejects.toMatchObject({ turns: 1 })
  expect(await short.harness.askResult('Go on')).toMatchObject({
    status: 'max_turns_exceeded',
    turns: 1,
  })
})

test('11 run and ask throw what the provider failed with; the results say it', async () => {
  const failed = (): ProviderError => new ProviderError('No.', { kind: 'invalid_request' })
  const { harness } = await make([failed(), failed()])
  await expect(harness.run('a')).rejects.toThrow('No.')
  const result = await harness.runResult('a')
  expect(result).toMatchObject({
    status: 'error',
    stopReason: null,
    text: '',
    error: { message: 'No.' },
  })
  expect((await lines(harness.runFile)).at(-1)).toMatchObject({ status: 'error', error: 'No.' })
})

test('11 run begins anew and ask goes on', async () => {
  const { harness, adapter } = await make(['One.', 'Two.', 'Three.'])
  const first = await harness.runResult('a')
  const second = await harness.askResult('b')
  expect(second.sessionId).toBe(first.sessionId)
  const third = await harness.runResult('c', { runId: 'r', sessionId: 's' })
  expect(third).toMatchObject({ runId: 'r', sessionId: 's', text: 'Three.', status: 'success' })
  const said = adapter.requests.map(({ messages }) => messages.map(({ role }) => role).join(' '))
  expect(said).toEqual(['user', 'user assistant user', 'user'])
})

test('11 reminders get the turn and the limit, and stay where they were said', async () => {
  const seen: [number, number][] = []
  const { harness, adapter } = await make([[adding('1')], [adding('2')], 'Done.'], { maxTurns: 3 })
  harness.registerReminder((turn, maxTurns) => {
    seen.push([turn, maxTurns])
    return turn === 2 ? 'Half of it is over.' : null
  })
  await harness.run('Count')
  expect(seen).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ])
  const [, second, third] = adapter.requests.map(({ messages }) => messages)
  expect(JSON.stringify(second?.at(-1))).toContain('Half of it is over.')
  // What was sent once is a prefix of what is sent next.
  expect(third?.slice(0, second?.length)).toEqual(second)
  expect(JSON.stringify(third?.at(-1))).toContain('the final turn')
})

test('11 the reminder of the final turn comes in the last one, also when it is the only one', async () => {
  const { harness, adapter } = await make(['Done.'], { maxTurns: 1 })
  await harness.run('Count')
  expect(JSON.stringify(adapter.requests[0]?.messages)).toContain('the final turn')
})

test('11 the system prompt is the same in all turns; a tool that is not visible is not sent until it is loaded', async () => {
  const hidden: ToolSpec = { ...add, name: 'hidden', visible: false }
  const { harness, adapter } = await make([[adding('1')], 'Done.', 'Done.'], {
    tools: [add, hidden],
  })
  await harness.run('Count')
  const [first, second] = adapter.requests
  expect(first?.system).toContain('You count.')
  expect(second?.system).toBe(first?.system)
  const names = () => adapter.requests.at(-1)?.tools?.map(({ name }) => name)
  expect(names()).toContain('add')
  expect(names()).not.toContain('hidden')
  hidden.visible = true
  await harness.run('Count')
  expect(names()).toContain('hidden')
})

test('11 a line for each turn holds messages, not events', async () => {
  const { harness } = await make(
    [[{ type: 'text', text: 'I add.' }, adding('1'), call('2', 'add', {})], '5.', 'Bye.'],
    { tools: [{ ...add, annotations: { readOnly: true } }] },
  )
  await harness.run('2 + 3?')
  await harness.ask('Thanks')
  const log = await lines(harness.runFile)
  expect(log.map(({ turn, stop_reason }) => [turn, stop_reason])).toEqual([
    [1, 'tool_use'],
    [2, 'end_turn'],
    [1, 'end_turn'],
  ])
  const [first, second] = log
  expect(first).toMatchObject({
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    system_hash: expect.any(String),
    system: expect.stringContaining('You count.'),
    messages: [{ role: 'user', content: [{ text: '2 + 3?' }] }],
    response_content: [{ type: 'text', text: 'I add.' }, { id: '1' }, { id: '2' }],
    tool_results: [
      { role: 'tool', id: '1', status: 'ok' },
      { role: 'tool', id: '2', status: 'error' },
    ],
    tool_error_count: 1,
    metrics: { input_tokens: 10, output_tokens: 5, latency_ms: expect.any(Number) },
    visible_tools: ['add'],
    tool_annotations: { add: { readOnly: true } },
  })
  // The lines together are the conversation, each message once.
  expect(second?.messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'tool'])
  expect(log.flatMap(({ messages }) => messages.map(({ role }) => role)).join(' ')).toBe(
    'user assistant tool tool assistant user',
  )
  expect(JSON.stringify(log)).not.toContain('turn_start')
})

test('12 the stream has the blocks of each message, and a result after each call', async () => {
  const { harness } = await make([[adding('1')], '5.', 'Bye.'])
  const events = await collect(harness.runStream('2 + 3?'))
  expect(events.map(({ type }) => type).filter((type) => type !== 'content_block_delta')).toEqual([
    'message_start',
    'content_block_start',
    'content_block_stop',
    'message_delta',
    'message_stop',
    'tool_result',
    'message_start',
    'content_block_start',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  expect(events).toContainEqual({
    type: 'tool_result',
    tool_use_id: '1',
    tool_name: 'add',
    content: '5',
    is_error: false,
  })
  const stream = harness.askStream('Thanks')
  let last = await stream.next()
  while (!last.done) last = await stream.next()
  expect(last.value).toMatchObject({ text: 'Bye.', turns: 1, usage: { inputTokens: 10 } })
})

test('handlers run one after the other; those that only read run side by side', async () => {
  const order: string[] = []
  const slow = (name: string, readOnly: boolean): ToolSpec => ({
    name,
    description: '',
    inputSchema: { type: 'object' },
    annotations: { readOnly },
    async handler() {
      order.push(`${name} begins`)
      await new Promise(setImmediate)
      await new Promise(setImmediate)
      order.push(`${name} ends`)
      return null
    },
  })
  const { harness } = await make(
    [[call('1', 'a'), call('2', 'b')], [call('3', 'c'), call('4', 'd')], ''],
    {
      tools: [slow('a', false), slow('b', false), slow('c', true), slow('d', true)],
    },
  )
  await harness.run('Go')
  expect(order.slice(0, 4)).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  expect(order.slice(4, 6)).toEqual(['c begins', 'd begins'])
})

test('code passes the gate: blocked, replaced, run, or only shown', async () => {
  const ran: string[] = []
  const interpreter: ToolSpec = {
    name: 'python_interpreter',
    description: '',
    inputSchema: { type: 'object', properties: { code: { type: 'string' } } },
    handler: ({ code }: { code: string }) => void ran.push(code),
  }
  const steps: ScriptedStep[] = [
    ['no', 'other', 'yes'].map((code) => call(code, 'python_interpreter', { code })),
    'Done.',
  ]
  const tools = [interpreter]
  const answers: Record<string, boolean | string> = { no: false, other: 'instead', yes: true }
  const { harness } = await make(steps, { tools, onCode: (code) => answers[code] ?? null })
  await harness.run('Go')
  const outputs = (await lines(harness.runFile))[0]?.tool_results?.map(({ content, status }) => [
    status,
    content[0]?.type === 'text' && content[0].text,
  ])
  expect(outputs).toEqual([
    ['ok', 'Execution blocked by the approval gate.'],
    ['ok', 'instead'],
    ['ok', ''],
  ])
  expect(ran).toEqual(['yes'])
  const dry = await make(steps, { tools, codeOnly: true })
  await dry.harness.run('Go')
  expect(ran).toEqual(['yes'])
  expect(JSON.stringify(await lines(dry.harness.runFile))).toContain('DRY RUN — code not executed:')
})

test('a harness does one thing at a time; leaving a stream cancels the run, and the conversation goes on', async () => {
  const { harness, adapter } = await make([
    [adding('1')],
    (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
    'Here.',
  ])
  for await (const { type } of harness.runStream('Go')) {
    await expect(harness.run('x')).rejects.toThrow(/in a run/)
    if (type === 'tool_result') break
  }
  expect(await harness.ask('Are you there?')).toBe('Here.')
  expect(adapter.requests.at(-1)?.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'user',
  ])
})

test('AsyncHarness is the same class; a tool without a handler is an error for the model', async () => {
  expect(AsyncHarness).toBe(Harness)
  const { harness } = await make([[adding('1')], 'Done.'], { tools: [{ ...add, handler: null }] })
  await harness.run('Go')
  expect((await lines(harness.runFile))[0]?.tool_error_count).toBe(1)
  await harness.close()
})

test('large results stay in the cache, and the model gets a handle; the answer has a value', async () => {
  const rows = Array.from({ length: 300 }, (_, id) => ({ id }))
  const query: ToolSpec = {
    name: 'query',
    description: 'All rows',
    inputSchema: { type: 'object' },
    handler: () => rows,
  }
  const cache = new SessionCache()
  const { harness, adapter } = await make(
    [
      [call('1', 'query')],
      [call('2', 'read_handle', { handle: 'query', offset: 299 })],
      [call('3', 'answer', { value: 299 })],
      'The last id is 299.',
    ],
    { tools: [query, answerTool({ type: 'number' })], cache },
  )
  const result = await harness.runResult('What is the last id?')
  expect(result).toMatchObject({
    value: 299,
    cacheSnapshots: { query: { type: 'list', length: 300 } },
    cacheStorage: { query: { location: 'memory' } },
  })
  const [, second, third] = adapter.requests
  expect(JSON.stringify(second?.messages.at(-1))).toContain('Saved as `query`')
  expect(JSON.stringify(third?.messages.at(-1))).toContain('299')
  expect(await cache.get('query')).toEqual(rows)
  expect((await make(['Done.'])).harness.runFile).toBeNull()
})

test('a reminder can be taken away', async () => {
  const { harness, adapter } = await make(['One.', 'Two.'])
  const stop = harness.registerReminder(() => 'Be kind.')
  await harness.run('a')
  stop()
  await harness.run('b')
  expect(adapter.requests.map(({ messages }) => messages.length)).toEqual([2, 1])
})
