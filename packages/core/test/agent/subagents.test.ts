import { expect, test } from 'vitest'
import {
  ProviderError,
  loadSession,
  memoryStore,
  textOf,
  userMessage,
  type AgentDefinition,
  type AgentOptions,
  type ModelRequest,
  type RunEvent,
  type RunResult,
  type SessionStore,
  type SubagentSession,
  type SubagentSessions,
  type ToolMessage,
} from '../../src/index.ts'
import { call, collect, type ScriptedAnswer } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'
import { storeCut } from './helping.ts'

const helper: AgentDefinition = { name: 'helper', description: 'Helps.' }

/** The model answers by what was said to it last, so that children may run in any order. */
function talking(
  answer: (
    said: string,
    request: ModelRequest,
    signal: AbortSignal,
  ) => ScriptedAnswer | Promise<ScriptedAnswer>,
  options: Partial<AgentOptions> = {},
) {
  const step = (request: ModelRequest, { signal }: { signal: AbortSignal }) =>
    answer(lastText(request), request, signal)
  return agentOf(
    Array.from({ length: 200 }, () => step),
    { agents: [helper], maxRetries: 0, ...options },
  )
}

function lastText({ messages }: ModelRequest): string {
  const last = messages.at(-1)
  return last ? textOf(last.content) : ''
}

function toolTexts({ messages }: RunResult): readonly string[] {
  return messages
    .filter((message): message is ToolMessage => message.role === 'tool')
    .map(({ content }) => textOf(content))
}

const ask = (id: string, prompt: string, rest = {}) =>
  call(id, 'task', { agent: 'helper', prompt, ...rest })

test('a child works with a conversation of its own; its parent sees the answer and its account has what the child used', async () => {
  const { agent, adapter } = talking(
    (said) => {
      if (said === 'go') return [ask('1', 'find it')]
      if (said === 'find it') return [call('1', 'look')]
      return said === 'seen' ? 'here it is' : 'done'
    },
    { tools: [stub('look', () => 'seen')] },
  )
  const run = agent.run([], 'go', { subagents: true })
  const events = await collect(run)
  const result = await run.result
  expect(toolTexts(result)).toEqual(['<task_result agent="helper">\nhere it is\n</task_result>'])
  expect([result.text, result.turns, result.toolCalls, result.usage.totalTokens]).toEqual([
    'done',
    2,
    1,
    60,
  ])
  const child = events.filter(({ agentPath }) => agentPath)
  expect(new Set(child.map(({ agentPath }) => agentPath?.join('/')))).toEqual(new Set(['helper-1']))
  expect(child.map(({ type }) => type)).not.toContain('run_start')
  expect(ofType(events, 'subagent_start')).toMatchObject([
    { agent: 'helper', id: 'helper-1', task: 'find it' },
  ])
  expect(ofType(events, 'subagent_end')).toMatchObject([
    {
      id: 'helper-1',
      result: { stopReason: 'complete', text: 'here it is', turns: 2, toolCalls: 1 },
    },
  ])
  expect(
    ofType(events, 'tool_start').map(({ idempotencyKey }) => idempotencyKey.split('/').slice(1)),
  ).toEqual([
    ['1', '1'],
    ['helper-1', '1', '1'],
  ])
  // The child has no task tool: the depth is used up. Its history is its own.
  expect(adapter.requests[1]?.tools?.map(({ name }) => name)).toEqual(['look'])
  expect(adapter.requests[1]?.messages).toHaveLength(1)
})

test('without `subagents` a reader sees nothing of what a child says', async () => {
  const { agent } = talking((said) =>
    said === 'go' ? [ask('1', 'x')] : said === 'x' ? 'child text' : 'done',
  )
  const events = await collect(agent.run([], 'go'))
  expect(events.every(({ agentPath }) => agentPath === undefined)).toBe(true)
  expect(ofType(events, 'text').map(({ text }) => text)).toEqual(['done'])
  expect(ofType(events, 'subagent_end')).toHaveLength(1)
})

test.each<[string, Partial<AgentDefinition>, (said: string) => ScriptedAnswer, string, string]>([
  ['throw', {}, () => new ProviderError('no', { kind: 'invalid_request' }), 'error', 'provider'],
  ['turn limit', { maxTurns: 1 }, () => [call('1', 'look')], 'max_turns', 'max_turns'],
  [
    'length',
    {},
    () => ({ content: [{ type: 'text', text: 'half' }], stopReason: 'length' }),
    'length',
    'length',
  ],
  ['refused', {}, () => ({ content: [], stopReason: 'refused' }), 'refused', 'refused'],
])(
  'a child that fails is an error result that says how: %s',
  async (_name, definition, answer, stopReason, code) => {
    const { agent } = talking(
      (said) =>
        said === 'go' ? [ask('1', 'x')] : said.includes('task_result') ? 'done' : answer(said),
      { agents: [{ ...helper, ...definition }], tools: [stub('look', () => 'seen')] },
    )
    const result = await agent.run([], 'go').result
    expect(result.steps[0]?.status).toBe('error')
    const [text = ''] = toolTexts(result)
    expect(text).toContain(`status="failed" stop_reason="${stopReason}"`)
    expect(text).toContain(` code="${code}`)
    expect(result.stopReason).toBe('complete')
  },
)

test('the budget is one: a child that it has no room for ends as `budget`, and so does its parent', async () => {
  const expensive = { content: [ask('1', 'x')], usage: { inputTokens: 9000 } }
  const { agent } = talking((said) => (said === 'go' ? expensive : 'never'), {
    budget: { maxTokens: 10_000 },
    maxOutputTokens: 1050,
  })
  const result = await agent.run([], 'go').result
  expect(toolTexts(result)[0]).toContain('stop_reason="budget" code="budget_exceeded"')
  expect(result.stopReason).toBe('budget')
})

test('twenty children side by side: one hangs until it is cancelled, one fails, all others answer; nothing is lost', async () => {
  const store = memoryStore()
  const begun = Promise.withResolvers<void>()
  let asked = 0
  const { agent } = talking(
    async (said, _request, signal) => {
      if (said === 'go')
        return Array.from({ length: 20 }, (_, index) => ask(`c${index}`, `t${index}`))
      if (said.startsWith('t')) asked += 1
      if (asked === 20) begun.resolve()
      if (said === 't3') return new ProviderError('broken', { kind: 'server' })
      if (said === 't7') {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        return new ProviderError('cancelled', { kind: 'cancelled' })
      }
      return said.startsWith('t') ? `answer ${said}` : 'done'
    },
    { store, budget: { maxTokens: 1e9 } },
  )
  const run = agent.run([], 'go', { subagents: true })
  const ended: string[] = []
  for await (const event of run) {
    if (event.type === 'subagent_end') ended.push(event.id)
    if (ended.length === 19) run.cancel()
  }
  await begun.promise
  const result = await run.result
  const texts = toolTexts(result)
  expect(result.stopReason).toBe('cancelled')
  expect(texts).toHaveLength(20)
  for (const [index, text] of texts.entries()) {
    if (index === 3) expect(text).toContain('stop_reason="error"')
    else if (index === 7) expect(text).toContain('status="cancelled" stop_reason="cancelled"')
    else expect(text).toContain(`answer t${index}`)
  }
  const { state, events } = await loadSession(store, run.sessionId)
  expect(state.messages).toEqual(result.messages)
  expect(events.filter(({ type }) => type === 'subagent_end')).toHaveLength(20)
  // 1 of the parent and 18 of children told what they used.
  expect(result.usage.totalTokens).toBe(19 * 15)
  expect([...state.children.values()].filter(({ open }) => open)).toEqual([])
})

test('a child inherits permissions and can only be narrowed: in plan mode it cannot write, whatever its definition says', async () => {
  const written: string[] = []
  const write = stub('write', () => written.push('x'), {
    effects: () => [{ kind: 'write', target: '/somewhere' }],
  })
  for (const permissionMode of ['plan', 'bypass'] as const) {
    const { agent } = talking(
      (said) => (said === 'go' ? [ask('1', 'x')] : said === 'x' ? [call('1', 'write')] : 'done'),
      {
        tools: [write],
        permissionMode,
        agents: [
          { ...helper, permissionMode: 'bypass', rules: [{ tool: 'write', decision: 'allow' }] },
        ],
      },
    )
    await agent.run([], 'go').result
    expect(written).toEqual(permissionMode === 'plan' ? [] : ['x'])
  }
})

test('a child has no tool that its parent lacks, and says so when it has none left', async () => {
  const { agent, adapter } = talking(
    (said) => (said === 'go' ? [ask('1', 'x')] : said === 'x' ? 'child' : 'done'),
    {
      tools: [stub('a', () => 1), stub('b', () => 2)],
      agents: [{ ...helper, tools: ['b', 'gone'] }],
    },
  )
  await agent.run([], 'go').result
  expect(adapter.requests[1]?.tools?.map(({ name }) => name)).toEqual(['b'])
  const without = talking((said) => (said === 'go' ? [ask('1', 'x')] : 'done'), {
    tools: [stub('a', () => 1)],
    agents: [{ ...helper, tools: ['gone'] }],
  })
  const result = await without.agent.run([], 'go').result
  expect(toolTexts(result)[0]).toMatch(/wants the tools gone, .* It has: a\./)
})

test('a question of a child is asked with its path; a deferred one pauses the run, and the answer is used a day later', async () => {
  const store = memoryStore()
  const asked: unknown[] = []
  let answer: 'defer' | 'allow' = 'defer'
  let ran = 0
  const options: Partial<AgentOptions> = {
    store,
    permissionMode: 'manual',
    tools: [stub('act', () => ++ran, { effects: () => [{ kind: 'execute', target: 'act' }] })],
    onPermission(request) {
      asked.push(request.agentPath)
      return answer
    },
  }
  const model = (said: string): ScriptedAnswer =>
    said === 'go'
      ? [ask('1', 'x')]
      : said === 'x'
        ? [call('1', 'act')]
        : said === '1'
          ? 'child done'
          : 'done'
  const paused = await talking(model, options).agent.run([], 'go').result
  expect([paused.stopReason, ran]).toEqual(['paused', 0])
  expect(paused.pending).toMatchObject([{ id: '1', tool: 'act', agentPath: ['helper-1'] }])
  const run = talking(model, options).agent.resume(paused.sessionId, { decisions: { '1': true } })
  const result = await run.result
  expect([result.stopReason, ran, asked]).toEqual(['complete', 1, [['helper-1']]])
  expect(toolTexts(result)[0]).toContain('child done')
})

test('sessions: a new one can be gone on with, forked, and belongs to its agent', async () => {
  const histories: number[] = []
  const { agent } = talking(
    (said, { messages }) => {
      if (said === 'go') return [ask('1', 'x', { session: { mode: 'new' } })]
      if (said.includes('session_id="helper-1"') && said.includes('first'))
        return [
          ask('2', 'y', { session: { mode: 'resume', id: 'helper-1' } }),
          ask('3', 'z', { session: { mode: 'fork', id: 'helper-1' } }),
          ask('4', 'w', { session: { mode: 'resume', id: 'nobody' } }),
          call('5', 'task', {
            agent: 'other',
            prompt: 'v',
            session: { mode: 'resume', id: 'helper-1' },
          }),
        ]
      histories.push(messages.length)
      return said === 'x' ? 'first' : said === 'y' || said === 'z' ? 'second' : 'done'
    },
    { agents: [helper, { name: 'other', description: 'Other.' }] },
  )
  const result = await agent.run([], 'go').result
  const [first, second, third, fourth, fifth] = toolTexts(result)
  expect(first).toBe('<task_result agent="helper" session_id="helper-1">\nfirst\n</task_result>')
  expect(second).toContain('session_id="helper-1">\nsecond')
  expect(third).toContain('session_id="helper-2">\nsecond')
  expect(fourth).toContain('There is no agent session "nobody"')
  expect(fifth).toContain('belongs to another agent')
  expect(histories.slice(0, 3)).toEqual([1, 3, 3])
})

test('after a crash a child goes on where its log ends: what ran does not run again', async () => {
  const full = memoryStore()
  let ran = 0
  const tools = [stub('act', () => ++ran)]
  const model = (said: string): ScriptedAnswer =>
    said === 'go'
      ? [ask('1', 'x')]
      : said === 'x'
        ? [call('1', 'act')]
        : said === '1'
          ? 'child done'
          : 'done'
  const whole = await talking(model, { store: full, tools }).agent.run([], 'go').result
  const { records, header } = await full.read(whole.sessionId)
  for (let length = 1; length < records.length; length++) {
    const store: SessionStore = memoryStore()
    await store.create(header)
    const lease = await store.lease(header.id, 'test')
    const cut = records.slice(0, length)
    await store.append(header.id, cut, { expectedSeq: 0, fence: lease.fence, barrier: true })
    await lease.release()
    const begun = cut.some(({ type }) => type === 'message')
    if (!begun) continue
    ran = cut.some(
      ({ type, agentPath, tool }) => type === 'tool_result' && agentPath && tool === 'act',
    )
      ? 1
      : 0
    const started = cut.some(({ type, tool }) => type === 'tool_start' && tool === 'act')
    const result = await talking(model, { store, tools }).agent.resume(header.id).result
    expect([length, result.stopReason]).toEqual([length, 'complete'])
    // Its intent was on record and its outcome was not: the model is told, and nothing runs twice.
    const unknown = started && ran === 0
    expect([length, ran <= 1]).toEqual([length, true])
    const [text = ''] = toolTexts(result)
    if (!unknown) expect([length, text.includes('child done')]).toEqual([length, true])
    expect((await loadSession(store, header.id)).state.children.size).toBe(0)
  }
})

test('a session that is kept elsewhere: cut anywhere, the log goes on to the same conversation, kept once', async () => {
  const begun: SubagentSession = {
    agent: 'helper',
    messages: [userMessage('Remember seven'), userMessage('And eight')],
  }
  const asked: (readonly string[])[] = []
  const model = (said: string, { messages }: ModelRequest): ScriptedAnswer => {
    if (said === 'go') return [ask('1', 'which?', { session: { mode: 'resume', id: 'kept' } })]
    if (said !== 'which?') return 'done'
    asked.push(messages.map(({ content }) => textOf(content)))
    return 'seven'
  }
  const sessionsOf = (kept: SubagentSession): SubagentSessions => ({
    load: (id) => (id === 'kept' ? kept : null),
    save(_id, session, before) {
      expect(before).toBe(kept)
      kept = session
    },
  })
  const full = memoryStore()
  const subagentSessions = sessionsOf(begun)
  const { sessionId } = await talking(model, { store: full, subagentSessions }).agent.run([], 'go')
    .result
  const { records, header } = await full.read(sessionId)
  const saved = await subagentSessions.load('kept')
  expect(saved?.messages.map(({ content }) => textOf(content))).toEqual([
    'Remember seven',
    'And eight',
    'which?',
    'seven',
  ])
  const endedAt = records.findIndex(({ type }) => type === 'subagent_end')
  const first = records.findIndex(({ type }) => type === 'message') + 1
  for (let length = first; length < records.length; length++) {
    const store = await storeCut({ header, records }, length)
    // What was kept just before the process died counts as what the child began with.
    const sessions = sessionsOf(length >= endedAt && saved ? saved : begun)
    const { agent } = talking(model, { store, subagentSessions: sessions })
    const { stopReason, messages } = await agent.resume(header.id).result
    expect([length, stopReason]).toEqual([length, 'complete'])
    expect(JSON.stringify(messages)).toContain('\\nseven\\n</task_result>')
    expect(JSON.stringify(messages)).not.toContain('could not be kept')
    expect((await sessions.load('kept'))?.messages).toEqual(saved?.messages)
  }
  for (const texts of asked) expect(texts).toEqual(['Remember seven', 'And eight', 'which?'])
})

test('depth: with maxSubagentDepth 2 a child has children of its own, and the path says so', async () => {
  const { agent } = talking(
    (said) =>
      said === 'go'
        ? [ask('1', 'x')]
        : said === 'x'
          ? [ask('1', 'y')]
          : said === 'y'
            ? 'deep'
            : `up: ${said}`,
    { maxSubagentDepth: 2 },
  )
  const run = agent.run([], 'go', { subagents: true })
  const events: RunEvent[] = await collect(run)
  const paths = new Set(events.map(({ agentPath }) => agentPath?.join('/')))
  expect(paths).toEqual(new Set([undefined, 'helper-1', 'helper-1/helper-1']))
  const { usage } = await run.result
  expect(usage.totalTokens).toBe(ofType(events, 'usage').length * 15)
})

test('an agent that is not there is an error that names those that are', async () => {
  const { agent } = talking((said) =>
    said === 'go' ? [call('1', 'task', { agent: 'helpr', prompt: 'x' })] : 'done',
  )
  const result = await agent.run([], 'go').result
  expect(toolTexts(result)[0]).toMatch(/helper/)
  expect(result.steps[0]?.status).toBe('error')
})

test('a catalog is asked when it is needed', async () => {
  const resolved: string[] = []
  const { agent } = talking(
    (said) => (said === 'go' ? [ask('1', 'x')] : said === 'x' ? 'child' : 'done'),
    {
      agents: {
        list: async () => [helper],
        async resolve(name) {
          resolved.push(name)
          return helper
        },
      },
    },
  )
  expect((await agent.run([], 'go').result).steps[0]?.status).toBe('ok')
  expect(resolved).toEqual(['helper'])
})
