import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  ProviderError,
  RateLimitError,
  textOf,
  tool as ourTool,
  type Message,
  type ProviderAdapter,
} from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { call, collect, scripted, type ScriptedStep } from '@harnext/core/testing'
import { readUIMessageStream, tool, type UIMessageChunk } from 'ai'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  Agent,
  Conversation,
  DefaultCompactionStrategy,
  Session,
  apply,
  extractUserInput,
  filter,
  map,
  pipe,
  takeUntil,
  tap,
  toRunner,
  withCompaction,
  withHooks,
  withPersistence,
  withRetry,
  withTurnTracking,
  type AgentEvent,
  type AgentOptions,
  type Middleware,
  type Runner,
  type SessionEvent,
  type SessionStore,
} from '../src/openharness.ts'
import { temporary } from './temporary.ts'

// What users of OpenHarness know. The number in front of a title is that of the point it holds.

type Options = Partial<AgentOptions>
function make(steps: readonly ScriptedStep[], options: Options = {}) {
  const adapter = scripted(steps)
  const agent = new Agent({ name: 'dev', model: { adapter, model: 'm' }, ...options })
  return { adapter, agent }
}

const echo = tool({
  description: 'Says it again',
  inputSchema: z.object({ text: z.string() }),
  execute: ({ text }) => text,
})
const echoing = (id: string, text = 'x') => call(id, 'echo', { text })

function doneOf(events: readonly SessionEvent[]): Extract<AgentEvent, { type: 'done' }> {
  const done = events.findLast(({ type }) => type === 'done')
  if (done?.type !== 'done') throw new Error('there is no done')
  return done
}
const types = (events: readonly { readonly type: string }[]): string =>
  events
    .map(({ type }) => type)
    .filter((type, index, all) => type !== all[index - 1])
    .join(' ')
const roles = (messages: readonly Message[] | undefined): string =>
  (messages ?? []).map(({ role }) => role).join(' ')
const waiting: ScriptedStep = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

test('9 a run is stateless: done.messages is the history of the next one', async () => {
  const { agent, adapter } = make(['One.', 'Two.', 'Three.'])
  const first = doneOf(await collect(agent.run([], 'a')))
  const second = doneOf(await collect(agent.run(first.messages, 'b')))
  expect(roles(second.messages)).toBe('user assistant user assistant')
  await collect(agent.run([], 'c'))
  expect(adapter.requests.map(({ messages }) => roles(messages))).toEqual([
    'user',
    'user assistant user',
    'user',
  ])
})

test('9 the eleven events, in order', async () => {
  const { agent } = make(
    [
      [
        { type: 'thinking', text: 'Hm.' },
        { type: 'text', text: 'I say it again.' },
        echoing('1'),
        call('2', 'echo', {}),
      ],
      'Done.',
      new ProviderError('No.', { kind: 'invalid_request' }),
    ],
    { tools: { echo } },
  )
  const events = await collect(agent.run([], 'Go'))
  expect(types(events)).toBe(
    'step.start reasoning.delta reasoning.done text.delta text.done tool.start tool.error tool.done step.done step.start text.delta text.done step.done done',
  )
  expect(events).toContainEqual({
    type: 'tool.start',
    toolCallId: '1',
    toolName: 'echo',
    input: { text: 'x' },
  })
  expect(events).toContainEqual({
    type: 'tool.done',
    toolCallId: '1',
    toolName: 'echo',
    output: 'x',
  })
  expect(doneOf(events).totalUsage).toEqual({ inputTokens: 20, outputTokens: 10, totalTokens: 30 })
  const failed = await collect(agent.run([], 'Go'))
  expect(types(failed)).toBe('step.start step.done error done')
})

test('9 done.result is complete, stopped, max_steps or error', async () => {
  const result = async (step: ScriptedStep, options: Options = {}): Promise<string> =>
    doneOf(await collect(make([step], { tools: { echo }, ...options }).agent.run([], 'Go'))).result
  expect(await result('Done.')).toBe('complete')
  expect(await result({ content: [{ type: 'text', text: 'Do' }], stopReason: 'length' })).toBe(
    'stopped',
  )
  expect(await result([echoing('1')], { maxSteps: 1 })).toBe('max_steps')
  expect(await result(new ProviderError('No.', { kind: 'auth' }))).toBe('error')
})

test('9 an abort is an error and then done with stopped', async () => {
  const { agent } = make([waiting])
  const aborter = new AbortController()
  const events: AgentEvent[] = []
  for await (const event of agent.run([], 'Go', { signal: aborter.signal })) {
    events.push(event)
    if (event.type === 'step.start') aborter.abort()
  }
  expect(types(events)).toBe('step.start step.done error done')
  expect(doneOf(events).result).toBe('stopped')
})

test('10 maxSteps is 100, instructions are read, subagents have none of their own', async () => {
  const root = await temporary()
  await writeFile(path.join(root, 'AGENTS.md'), 'Always be kind.')
  const { agent, adapter } = make(
    Array.from({ length: 101 }, (_, index) => [echoing(`${index}`)]),
    { tools: { echo }, systemPrompt: 'You help.', workspace: localWorkspace({ roots: [root] }) },
  )
  expect(doneOf(await collect(agent.run([], 'Go'))).result).toBe('max_steps')
  expect(adapter.requests).toHaveLength(100)
  expect(adapter.requests[0]?.system).toMatch(/^You help\.[^]*Always be kind\./)
  const silent = make(['Done.'], {
    instructions: false,
    workspace: localWorkspace({ roots: [root] }),
  })
  await collect(silent.agent.run([], 'Go'))
  expect(silent.adapter.requests[0]?.system).not.toContain('Always be kind.')

  const child = make(['Done.'], { name: 'helper', description: 'Helps' })
  const task = call('1', 'task', { agent: 'helper', prompt: 'Help' })
  const parent = make([[task], 'Done.'], { subagents: [child.agent] })
  await collect(parent.agent.run([], 'Go'))
  const names = (adapterOf: typeof adapter) =>
    adapterOf.requests[0]?.tools?.map(({ name }) => name) ?? []
  expect(names(parent.adapter)).toEqual(['task'])
  expect(names(child.adapter)).not.toContain('task')
  const none = make(['Done.'], { subagents: [child.agent], maxSubagentDepth: 0 })
  await collect(none.agent.run([], 'Go'))
  expect(names(none.adapter)).toEqual([])
})

test('9 the options reach the model', async () => {
  const { agent, adapter } = make(['Done.'], { temperature: 0.5, maxTokens: 2000 })
  await collect(agent.run([], 'Go'))
  expect(adapter.requests[0]).toMatchObject({
    maxOutputTokens: 2000,
    params: { temperature: 0.5 },
  })
  expect([agent.name, agent.description]).toEqual(['dev', 'dev'])
})

test('9 approve is asked for each call; what it does not allow is an error for the model', async () => {
  const asked: unknown[] = []
  const { agent, adapter } = make([[echoing('1', 'yes'), echoing('2', 'no')], 'Done.'], {
    tools: { echo },
    approve(info) {
      asked.push(info)
      return JSON.stringify(info.input).includes('yes')
    },
  })
  const events = await collect(agent.run([], 'Go'))
  expect(asked).toEqual([
    { toolName: 'echo', toolCallId: '1', input: { text: 'yes' } },
    { toolName: 'echo', toolCallId: '2', input: { text: 'no' } },
  ])
  const error = events.find(({ type }) => type === 'tool.error')
  expect(error).toMatchObject({
    toolCallId: '2',
    error: expect.stringContaining('Tool call to "echo" was denied.'),
  })
  expect(JSON.stringify(adapter.requests[1]?.messages)).toContain('was denied')
})

test('9 the model may be one of the AI SDK, the tools harnext’s', async () => {
  const usage = {
    inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 2, text: 2, reasoning: 0 },
  }
  const doStream = () =>
    Promise.resolve({
      stream: simulateReadableStream({
        initialDelayInMs: null,
        chunkDelayInMs: null,
        chunks: [
          { type: 'text-start' as const, id: '1' },
          { type: 'text-delta' as const, id: '1', delta: 'Hello.' },
          { type: 'text-end' as const, id: '1' },
          {
            type: 'finish' as const,
            usage,
            finishReason: { unified: 'stop' as const, raw: 'stop' },
          },
        ],
      }),
    })
  const model = new MockLanguageModelV4({ doStream })
  const now = ourTool({
    name: 'now',
    description: 'The time',
    parameters: { type: 'object' },
    execute: () => 'now',
  })
  const agent = new Agent({ name: 'dev', model, tools: [now] })
  const events = await collect(agent.run([], 'Hi'))
  expect(doneOf(events)).toMatchObject({ result: 'complete', totalUsage: { totalTokens: 5 } })
  expect(model.doStreamCalls[0]?.tools).toMatchObject([{ name: 'now' }])
})

test('9 close releases MCP servers', async () => {
  const pidFile = path.join(await temporary(), 'pid')
  const server = path.join(import.meta.dirname, 'mcp-server.mjs')
  const { agent } = make([[call('1', 'mcp__greeter__greet')], 'Done.'], {
    mcpServers: { greeter: { command: process.execPath, args: [server, pidFile] } },
  })
  const events = await collect(agent.run([], 'Go'))
  expect(events.find(({ type }) => type === 'tool.done')).toMatchObject({
    output: expect.stringContaining('Hello from a server.'),
  })
  const pid = Number(await readFile(pidFile, 'utf8'))
  expect(process.kill(pid, 0)).toBe(true)
  await agent.close()
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // There is no such process.
    return false
  }
}

test('9 a server that cannot be reached is an error of the run', async () => {
  const { agent } = make(['Done.'], { mcpServers: { none: { command: 'no-such-program' } } })
  expect(types(await collect(agent.run([], 'Go')))).toBe('error done')
  await agent.close()
})

test('9 close ends what runs in the background', async () => {
  const child = make([waiting], { name: 'slow', description: 'Takes long' })
  const parent = make(
    [[call('1', 'task', { agent: 'slow', prompt: 'Wait', background: true })], waiting],
    { subagents: [child.agent], subagentBackground: true },
  )
  const run = collect(parent.agent.run([], 'Go'))
  await expect.poll(() => child.adapter.requests.length).toBe(1)
  await expect.poll(() => parent.adapter.requests.length).toBe(2)
  await parent.agent.close()
  expect(doneOf(await run).result).toBe('stopped')
})

test('9 subagentBackground takes limits and the tools to look after them', async () => {
  const child = make([waiting, 'Found.'], { name: 'slow', description: 'Takes long' })
  const both = ['Wait', 'Look'].map((prompt, index) =>
    call(String(index), 'task', { agent: 'slow', prompt, background: true }),
  )
  const ids = ['slow-1', 'slow-1.2']
  const parent = make([both, [call('3', 'agent_await', { ids })], 'Done.'], {
    subagents: [child.agent],
    subagentBackground: {
      maxConcurrent: 1,
      timeout: 200,
      autoCancel: false,
      tools: { status: false, cancel: false, await: ['allSettled'] },
    },
  })
  const events = await collect(parent.agent.run([], 'Go'))
  const outputs = events.flatMap((event) => (event.type === 'tool.done' ? [event.output] : []))
  expect(outputs[1]).toContain('status="waiting"')
  expect(outputs[2]).toMatch(/^<await_result mode="allSettled">\n[^]*code="timeout"[^]*\nFound\.\n/)
  const names = parent.adapter.requests[0]?.tools?.map(({ name }) => name)
  expect(names).toEqual(['task', 'agent_await'])
  await parent.agent.close()
})

test('subagents work with what they were made with, and tell of it', async () => {
  const told: [readonly string[], AgentEvent][] = []
  const child = make([[echoing('c')], 'The child is done.'], {
    name: 'helper',
    description: 'Helps',
    systemPrompt: 'You are the helper.',
    tools: { echo },
  })
  const catalog = {
    list: () => [{ name: 'helper', description: 'Helps' }],
    resolve: (name: string) => (name === 'helper' ? child.agent : null),
  }
  const task = call('1', 'task', { agent: 'helper', prompt: 'Help me' })
  const { agent } = make([[task], 'Done.'], {
    subagents: catalog,
    onSubagentEvent: (names, event) => void told.push([names, event]),
  })
  const events = await collect(agent.run([], 'Go'))
  expect(events.find(({ type }) => type === 'tool.done')).toMatchObject({
    toolName: 'task',
    output: expect.stringContaining('The child is done.'),
  })
  // Nothing of the child is the parent's.
  expect(types(events)).toBe(
    'step.start tool.start tool.done step.done step.start text.delta text.done step.done done',
  )
  expect(told.every(([names]) => names.join() === 'helper')).toBe(true)
  const said = told.map(([, event]) => event)
  expect(types(said)).toBe(
    'step.start tool.start tool.done step.done step.start text.delta text.done step.done done',
  )
  expect(roles(doneOf(said).messages)).toBe('user assistant tool assistant')
  expect(doneOf(said).totalUsage.totalTokens).toBe(30)
  expect(child.adapter.requests[0]?.system).toContain('You are the helper.')
})

test('skills are listed and loaded', async () => {
  const folder = path.join(await temporary(), 'greeting')
  await mkdir(folder)
  const skill = '---\nname: greeting\ndescription: How to greet\n---\nSay hello in Latin.\n'
  await writeFile(path.join(folder, 'SKILL.md'), skill)
  const { agent } = make([[call('1', 'skill', { name: 'greeting' })], 'Ave!'], {
    skills: { paths: [folder] },
  })
  const events = await collect(agent.run([], 'Greet'))
  expect(events.find(({ type }) => type === 'tool.done')).toMatchObject({
    output: expect.stringContaining('Say hello in Latin.'),
  })
})

const runnerOf = (...events: AgentEvent[]): Runner =>
  async function* () {
    yield* events
  }
const text = (value: string): AgentEvent => ({ type: 'text.delta', text: value })
const done: AgentEvent = {
  type: 'done',
  result: 'complete',
  messages: [],
  totalUsage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
}

test('the first middleware is the outermost', async () => {
  const mark =
    (name: string): Middleware =>
    (next) =>
      async function* (...given) {
        yield text(`${name}(`)
        yield* next(...given)
        yield text(`)${name}`)
      }
  const both = await collect(apply(runnerOf(text('x')), mark('a'), mark('b'))([], 'Go'))
  const said = both.map((event) => (event.type === 'text.delta' ? event.text : '')).join('')
  expect(said).toBe('a(b(x)b)a')
  expect(await collect(pipe(mark('a'), mark('b'))(runnerOf(text('x')))([], 'Go'))).toEqual(both)
})

test('turns are counted', async () => {
  const runner = apply(runnerOf(done), withTurnTracking())
  expect(await collect(runner([], 'a'))).toEqual([
    { type: 'turn.start', turnNumber: 1 },
    done,
    {
      type: 'turn.done',
      turnNumber: 1,
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    },
  ])
  expect((await collect(runner([], 'b')))[0]).toEqual({ type: 'turn.start', turnNumber: 2 })
})

function failing(error: Error, ...before: AgentEvent[]) {
  let runs = 0
  const runner: Runner = async function* () {
    runs += 1
    yield { type: 'step.start', stepNumber: 1 }
    yield* before
    yield { type: 'error', error } as AgentEvent
    yield { ...done, result: 'error' } as AgentEvent
  }
  return { runner, runs: () => runs }
}

test('what may pass is tried again, before there is content', async () => {
  const busy = new RateLimitError('Busy', { kind: 'rate_limit', retryable: true, retryAfterMs: 1 })
  const first = failing(busy)
  const events = await collect(apply(first.runner, withRetry({ maxRetries: 2 }))([], 'Go'))
  expect(types(events)).toBe('retry step.start error done')
  expect(events[1]).toEqual({ type: 'retry', attempt: 2, maxRetries: 2, delayMs: 1, error: busy })
  expect(first.runs()).toBe(3)

  const content = failing(busy, text('x'))
  expect(types(await collect(apply(content.runner, withRetry())([], 'Go')))).toBe(
    'step.start text.delta error done',
  )
  const wrong = failing(new ProviderError('No.', { kind: 'auth' }))
  await collect(apply(wrong.runner, withRetry())([], 'Go'))
  expect([content.runs(), wrong.runs()]).toEqual([1, 1])
})

test('waits grow, up to a limit, and end with an abort', async () => {
  const overloaded = failing(new Error('529 overloaded'))
  const config = { initialDelayMs: 10, backoffMultiplier: 3, maxDelayMs: 12, maxRetries: 2 }
  const events = await collect(apply(overloaded.runner, withRetry(config))([], 'Go'))
  const delays = events.flatMap((event) => (event.type === 'retry' ? [event.delayMs] : []))
  expect(delays[0]).toBeGreaterThanOrEqual(10)
  expect(delays).toEqual([expect.any(Number), 12])
  const aborter = new AbortController()
  const runner = apply(overloaded.runner, withRetry({ initialDelayMs: 600_000, maxRetries: 1 }))
  for await (const { type } of runner([], 'Go', { signal: aborter.signal }))
    if (type === 'retry') aborter.abort()
  expect(aborter.signal.aborted).toBe(true)
})

test('hooks see what is sent, what comes and what fails', async () => {
  const seen: unknown[] = []
  const history: Message[] = []
  const runner: Runner = async function* (given) {
    seen.push(given === history)
    yield { type: 'error', error: new Error('x') } as never
    yield done
  }
  const hooked = withHooks({
    onBeforeSend: () => history,
    onAfterResponse: ({ turnNumber, usage }) => void seen.push(turnNumber, usage.totalTokens),
    onError: ({ message }, attempt) => {
      seen.push(message, attempt)
      return true
    },
  })
  expect(types(await collect(hooked(runner)([], 'Go')))).toBe('done')
  expect(seen).toEqual([true, 'x', 1, 1, 3])
})

function memory(): SessionStore & { readonly kept: Map<string, readonly Message[]> } {
  const kept = new Map<string, readonly Message[]>()
  return {
    kept,
    load: (id) => kept.get(id),
    save: (id, messages) => void kept.set(id, messages),
  }
}

test('a conversation remembers what came to its end, and is kept where there is a store', async () => {
  const store = memory()
  const { agent, adapter } = make(['One.', 'Two.'])
  const runner = apply(toRunner(agent), withPersistence({ store, sessionId: 's' }))
  const conversation = new Conversation({ runner, sessionId: 's', store })
  expect(await conversation.load()).toBe(false)
  await collect(conversation.send('a'))
  expect(store.kept.get('s')).toBe(conversation.messages)
  const again = new Conversation({ runner, sessionId: 's', store })
  expect(await again.load()).toBe(true)
  await collect(again.send('b'))
  expect(roles(adapter.requests[1]?.messages)).toBe('user assistant user')
  await again.save()

  const broken = new Conversation({
    runner: async function* () {
      yield text('x')
      throw new Error('oops')
    },
  })
  await expect(collect(broken.send('a'))).rejects.toThrow('oops')
  expect(broken.messages).toEqual([])
  expect(await broken.load()).toBe(false)
  await broken.save()
})

test('a history that comes near the window is put together before the next run', async () => {
  const { agent, adapter } = make([
    { content: [{ type: 'text', text: 'Long.' }], usage: { inputTokens: 900 } },
    'They talked.',
    'Short.',
    'Third.',
  ])
  const config = { contextWindow: 1000, reservedTokens: 100, model: agent.model }
  const conversation = new Conversation({
    runner: apply(toRunner(agent), withCompaction(config)),
  })
  await collect(conversation.send('a'))
  const events = await collect(conversation.send('b'))
  expect(events.slice(0, 3)).toMatchObject([
    { type: 'compaction.start', reason: 'overflow', tokensBefore: 900 },
    { type: 'compaction.summary', summary: 'They talked.' },
    { type: 'compaction.done', tokensBefore: 900, tokensAfter: expect.any(Number) },
  ])
  const [summary] = adapter.requests[2]?.messages ?? []
  expect(summary?.role === 'user' && textOf(summary.content)).toBe(
    '[Previous conversation summary]\nThey talked.',
  )
  // The conversation goes on with the short history.
  expect(roles(conversation.messages)).toBe('user user assistant')
  expect(types(await collect(conversation.send('c')))).not.toContain('compaction')
})

test('old results are taken out first, where that is enough', async () => {
  const result = (id: string): Message => ({
    role: 'tool',
    id,
    tool: 'echo',
    status: 'ok',
    content: [{ type: 'text', text: 'x'.repeat(4000) }],
  })
  const messages = [result('old'), result('new')]
  const strategy = new DefaultCompactionStrategy({ protectedTokens: 1100, minPruneSavings: 500 })
  const { agent } = make([])
  const context = { messages, model: agent.model, tokensBefore: 2000, target: 1500 }
  const pruned = await strategy.compact(context)
  expect(pruned).toMatchObject({ messagesRemoved: 0, messages: [{}, messages[1]] })
  expect(pruned.messages[0]).toMatchObject({ id: 'old', content: [{ text: '[pruned]' }] })
  expect(pruned.tokensPruned).toBeGreaterThan(900)
  await expect(strategy.compact({ ...context, target: 100 })).rejects.toThrow(ProviderError)
})

test('a session has all of it', async () => {
  const store = memory()
  const asked: string[] = []
  const usage = { inputTokens: 990, outputTokens: 10 }
  const { agent, adapter } = make(
    [
      new ProviderError('Busy', { kind: 'overloaded', retryable: true, retryAfterMs: 1 }),
      { content: [{ type: 'text', text: 'One.' }], usage },
      'Summary.',
      'Two.',
      'Short.',
    ],
    { maxRetries: 0 },
  )
  const session = new Session({
    agent,
    contextWindow: 1000,
    reservedTokens: 50,
    sessionStore: store,
    sessionId: 's',
    hooks: {
      onCompaction({ tokensBefore }) {
        asked.push(`compact ${tokensBefore}`)
        return 'Be very brief.'
      },
    },
  })
  expect(types(await collect(session.send('a')))).toBe(
    'turn.start retry step.start text.delta text.done step.done done turn.done',
  )
  const second = await collect(session.send('b'))
  expect(types(second)).toMatch(
    /^turn\.start compaction\.start compaction\.summary compaction\.done step/,
  )
  expect([session.turns, session.totalUsage.totalTokens, session.sessionId]).toEqual([2, 1015, 's'])
  expect(asked).toEqual(['compact 990'])
  expect(adapter.requests[2]?.system).toContain('Be very brief.')
  expect(store.kept.get('s')).toBe(session.messages)
  expect(types(await collect(session.compact()))).toBe(
    'compaction.start compaction.summary compaction.done',
  )
  expect(session.messages).toHaveLength(1)
  session.messages = []
  expect(await session.load()).toBe(true)
  await session.save()
})

test('operators: look, leave out, change, end', async () => {
  const { agent } = make(['Hello there.'])
  const seen: string[] = []
  const events = agent.run([], 'Hi')
  const looked = tap<AgentEvent>(({ type }) => void seen.push(type))(events)
  const kept = filter<AgentEvent>(({ type }) => type === 'text.delta')(looked)
  const changed = map((event: AgentEvent) => event.type)(kept)
  expect((await collect(changed)).at(-1)).toBe('done')
  expect(seen).toContain('step.start')
  const more = make(['Hello there.'])
  const first = takeUntil<AgentEvent>(({ type }) => type === 'text.delta')(more.agent.run([], 'Hi'))
  expect(types(await collect(first))).toBe('step.start text.delta')
})

test('the AI SDK reads the stream of a session', async () => {
  const { agent } = make(
    [
      [
        { type: 'thinking', text: 'Hm.' },
        { type: 'text', text: 'I look.' },
        echoing('1'),
        call('2', 'echo', {}),
      ],
      'Done.',
      'Again.',
    ],
    { tools: { echo } },
  )
  const session = new Session({ agent })
  const stream = session.toUIMessageStream('Go') as ReadableStream<UIMessageChunk>
  const message = (await collect(readUIMessageStream({ stream }))).at(-1)
  expect(message?.parts.map(({ type }) => type)).toEqual([
    'data-oh:turn.start',
    'step-start',
    'reasoning',
    'text',
    'tool-echo',
    'tool-echo',
    'step-start',
    'text',
    'data-oh:turn.done',
  ])
  expect(message?.parts[4]).toMatchObject({ state: 'output-available', output: 'x' })
  expect(message?.parts[5]).toMatchObject({ state: 'output-error' })
  expect(session.turns).toBe(1)

  const response = session.toResponse('Again', { status: 201, headers: { 'x-mine': '1' } })
  expect([response.status, response.headers.get('x-mine')]).toEqual([201, '1'])
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const body = await response.text()
  expect(body).toMatch(/^data: \{"type":"start"\}\n\n[^]*data: \[DONE\]\n\n$/)
  expect(body).toContain('"finishReason":"stop"')
})

test('leaving the stream cancels the run; an error is a chunk', async () => {
  let cancelled = false
  const adapter: ProviderAdapter = {
    id: 'hangs',
    api: 'hangs',
    async *stream(_request, { signal }) {
      yield { type: 'text', text: 'x' }
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      cancelled = true
    },
  }
  const agent = new Agent({ name: 'dev', model: { adapter, model: 'm' } })
  const reader = new Session({ agent }).toUIMessageStream('Go').getReader()
  for (;;) {
    const { value } = await reader.read()
    if (value?.type === 'text-delta') break
  }
  // Also while it waits for the next chunk.
  const next = reader.read()
  await new Promise(setImmediate)
  await reader.cancel()
  expect((await next).done).toBe(true)
  await expect.poll(() => cancelled).toBe(true)
  const broken = new Conversation({
    runner: async function* () {
      yield text('x')
      throw new Error('oops')
    },
  })
  const response = await broken.toResponse('Go').text()
  expect(response).toContain('"type":"error"')
})

test('what a page sends is a text, or a message with its files', () => {
  const said = (...parts: object[]) => extractUserInput([{ role: 'user', parts: parts as never }])
  expect(said({ type: 'text', text: 'Hi' }, { type: 'data-x' })).toBe('Hi')
  const png = { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,AQID' }
  const pdf = {
    type: 'file',
    mediaType: 'application/pdf',
    filename: 'a.pdf',
    url: 'data:;base64,AQID',
  }
  expect(said({ type: 'text', text: 'Look' }, png, pdf)).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look' },
        { type: 'image', mediaType: 'image/png', data: 'AQID' },
        { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'AQID' },
      ],
    },
  ])
  expect(() => said()).toThrow(/no user message/)
})
