import { expect, test } from 'vitest'
import {
  ProviderError,
  loadSession,
  memoryStore,
  textOf,
  type AgentOptions,
  type Message,
  type ModelRequest,
  type RunEvent,
} from '../../src/index.ts'
import { call, collect, scripted, type ScriptedAnswer } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'

const SUMMARISER = 'You shorten a conversation'
const big = 'line of a large result\n'.repeat(400)

/** A model that works through `turns` turns, and writes summaries when it is asked for one. */
function working(turns: number, options: Partial<AgentOptions> = {}) {
  let left = turns
  const summaries: ModelRequest[] = []
  const answer = (request: ModelRequest): ScriptedAnswer => {
    if (request.system?.startsWith(SUMMARISER)) {
      summaries.push(request)
      return {
        content: [{ type: 'text', text: `summary ${summaries.length}` }],
        usage: { inputTokens: 7 },
      }
    }
    left -= 1
    return left > 0
      ? { content: [call(`c${left}`, 'look', { at: left })], usage: null }
      : { content: [{ type: 'text', text: 'done' }], usage: null }
  }
  const made = agentOf(
    Array.from({ length: 3 * turns + 20 }, () => answer),
    {
      tools: [stub('look', ({ at }) => `result ${String(at)}\n${big}`)],
      systemPrompt: 'Work.',
      compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
      maxTurns: 500,
      ...options,
    },
  )
  return { ...made, summaries }
}

function checkPairs(messages: readonly Message[]): void {
  const open = new Set<string>()
  for (const message of messages) {
    if (message.role === 'assistant')
      for (const part of message.content) if (part.type === 'tool_call') open.add(part.id)
    if (message.role === 'tool') expect(open.delete(message.id)).toBe(true)
  }
  expect(open.size).toBe(0)
}

const compactions = (events: readonly RunEvent[]) => ofType(events, 'compaction')

test('old results are taken out first, and each can be read again', async () => {
  const { agent, adapter, summaries } = working(12)
  const run = agent.run([], 'Look at everything.')
  const events = await collect(run)
  const [first] = compactions(events)
  expect([first?.summary, first?.replaced, summaries.length]).toEqual(['', 0, 0])
  expect(first?.pruned?.length).toBeGreaterThan(3)
  expect(first && first.tokensAfter < first.tokensBefore).toBe(true)
  const last = adapter.requests.at(-1)
  const texts = last?.messages.map(({ content }) => textOf(content)) ?? []
  const [handle = ''] =
    /result_\d+/.exec(texts.find((text) => text.includes('taken out')) ?? '') ?? []
  expect(last?.tools?.map(({ name }) => name)).toEqual(['look', 'read_result'])
  for (const { messages } of adapter.requests) checkPairs(messages)
  const { messages } = await run.result
  expect(handle).not.toBe('')
  expect(messages[0]).toMatchObject({ role: 'user', content: [{ text: 'Look at everything.' }] })
})

test('what was taken out is there after a resume, too', async () => {
  const store = memoryStore()
  const first = working(12, { store })
  const { sessionId } = await first.agent.run([], 'Look.').result
  const { state } = await loadSession(store, sessionId)
  const [handle = ''] = state.pruned.keys()
  const again = agentOf(
    [
      [call('x', 'read_result', { handle, limit: 1 })],
      [call('y', 'read_result', { handle: 'no' })],
      'ok',
    ],
    {
      store,
      tools: [stub('look', () => '')],
      systemPrompt: 'Work.',
    },
  )
  const { steps } = await again.agent.run([], 'More.', { session: sessionId }).result
  expect(steps[0]?.output).toMatch(/^result 11\n\(lines 0 to 1 of \d+\)$/)
  expect(steps[1]).toMatchObject({
    status: 'error',
    output: expect.stringContaining('There are: result_1'),
  })
  expect(again.adapter.requests[0]?.tools?.map(({ name }) => name)).toEqual(['look', 'read_result'])
})

test('then a summary takes the place of the oldest messages; the task, what else the user said and open todos stay word for word', async () => {
  const store = memoryStore()
  const todo = call('t', 'todo', {
    items: [
      { text: 'Rename  the thing', status: 'active' },
      { text: 'Old news', status: 'done' },
      { text: 'Write „tests“', status: 'pending' },
    ],
  })
  const talk = (n: number): ScriptedAnswer => ({
    content: [{ type: 'text', text: `${n} ${'word '.repeat(3000)}` }],
    usage: null,
  })
  const summaries: string[] = []
  let said = 0
  const answer = (request: ModelRequest): ScriptedAnswer => {
    if (!request.system?.startsWith(SUMMARISER))
      return said++ === 0 ? { content: [todo], usage: null } : talk(said)
    summaries.push(textOf(request.messages[0]?.content ?? []))
    return 'The summary.'
  }
  const { agent, adapter } = agentOf(
    Array.from({ length: 80 }, () => answer),
    {
      store,
      tools: [stub('todo', () => 'noted')],
      systemPrompt: 'Work.',
      compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
    },
  )
  const inputs = [
    'Task: mend\n  the  build.',
    'Never touch `main`!',
    ...Array.from({ length: 10 }, (_, n) => `Go on ${n}.`),
  ]
  const { sessionId } = await agent.run([], inputs[0] ?? '').result
  for (const input of inputs.slice(1)) await agent.run([], input, { session: sessionId }).result
  const last = adapter.requests.filter(({ system }) => !system?.startsWith(SUMMARISER)).at(-1)
  const [first] = last?.messages ?? []
  expect(first).toMatchObject({ role: 'user', origin: 'summary' })
  const texts = (first?.content ?? []).map((part) => (part.type === 'text' ? part.text : ''))
  expect(texts[0]).toBe('Summary of the conversation so far:\nThe summary.')
  expect(texts[1]).toBe('Still to be done:\n- Rename  the thing (begun)\n- Write „tests“')
  expect(texts.slice(2, 4)).toEqual(inputs.slice(0, 2).map((text) => `The user said:\n${text}`))
  // More than one: each goes on from the one before it.
  expect(summaries.length).toBeGreaterThan(1)
  expect(summaries.at(-1)).toContain('What was summarised before:\nThe summary.')
  const { state } = await loadSession(store, sessionId)
  expect(state.messages[0]).toEqual(first)
})

test('it does not come again at once, whatever the sizes', async () => {
  for (const turns of [30, 60]) {
    const { agent, adapter } = working(turns)
    const run = agent.run([], 'Look.')
    const events = await collect(run)
    expect((await run.result).stopReason).toBe('complete')
    const count = compactions(events).length
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(turns / 2)
    for (const { messages } of adapter.requests) checkPairs(messages)
  }
})

test('a vendor that says it is too long is asked again with less, a few times, and then the error is the run’s', async () => {
  let refusals = 3
  const overflow = () => new ProviderError('too long', { kind: 'overflow' })
  const sizes: number[] = []
  const answer = (request: ModelRequest): ScriptedAnswer => {
    if (request.system?.startsWith(SUMMARISER)) return 'summary'
    sizes.push(JSON.stringify(request.messages).length)
    return refusals-- > 0 ? overflow() : 'done'
  }
  const history = await working(8, { compaction: false }).agent.run([], 'Look.').result
  const options = { tools: [stub('look', () => big)], systemPrompt: 'Work.' }
  const { agent } = agentOf(
    Array.from({ length: 40 }, () => answer),
    options,
  )
  const result = await agent.run(history.messages, 'And now?').result
  expect([result.text, result.stopReason]).toEqual(['done', 'complete'])
  for (let index = 1; index < sizes.length; index++)
    expect(sizes[index]).toBeLessThan(sizes[index - 1] ?? 0)
  refusals = Infinity
  const never = await agent.run(history.messages, 'And now?').result
  expect(never.error?.code).toBe('provider_overflow')
  const off = agentOf([overflow()], { ...options, compaction: false })
  expect((await off.agent.run(history.messages, 'x').result).error?.code).toBe('provider_overflow')
})

test('where the budget has no room for a summary, or its call fails, it is made without a model', async () => {
  const small = scripted([new ProviderError('down', { kind: 'invalid_request' })])
  const talk: ScriptedAnswer = {
    content: [{ type: 'text', text: 'word '.repeat(3000) }],
    usage: null,
  }
  const store = memoryStore()
  const { agent } = agentOf(
    Array.from({ length: 40 }, () => talk),
    {
      store,
      smallModel: { adapter: small, model: 's' },
      systemPrompt: 'Work.',
      compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
    },
  )
  const { sessionId } = await agent.run([], 'The task.').result
  const events: RunEvent[] = []
  for (let n = 0; n < 8 && !compactions(events).length; n++)
    events.push(...(await collect(agent.run([], `Go on ${n}.`, { session: sessionId }))))
  expect(compactions(events)[0]?.summary).toMatch(/^## Done\nnone\n\n## Said last\nword/)
  expect(ofType(events, 'warning')).toMatchObject([
    { code: 'compaction', message: expect.stringContaining('down') },
  ])
})

test('what a summary used is on the account of the run', async () => {
  const talk: ScriptedAnswer = {
    content: [{ type: 'text', text: 'word '.repeat(3000) }],
    usage: null,
  }
  const answer = (request: ModelRequest): ScriptedAnswer =>
    request.system?.startsWith(SUMMARISER)
      ? {
          content: [{ type: 'text', text: 'short' }],
          usage: { inputTokens: 1000, outputTokens: 50 },
        }
      : talk
  const { agent } = agentOf(
    Array.from({ length: 40 }, () => answer),
    {
      store: memoryStore(),
      systemPrompt: 'Work.',
      compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
    },
  )
  const { sessionId } = await agent.run([], 'The task.').result
  let usage = 0
  for (let n = 0; n < 8 && !usage; n++)
    usage = (await agent.run([], `Go on ${n}.`, { session: sessionId }).result).usage.totalTokens
  expect(usage).toBe(1050)
})

test('a hook is asked before it: it may say what matters, or that nothing is shortened', async () => {
  const seen: unknown[] = []
  const talk: ScriptedAnswer = {
    content: [{ type: 'text', text: 'word '.repeat(3000) }],
    usage: null,
  }
  const asked: string[] = []
  const answer = (request: ModelRequest): ScriptedAnswer => {
    if (!request.system?.startsWith(SUMMARISER)) return talk
    asked.push(textOf(request.messages[0]?.content ?? []))
    return 'The summary.'
  }
  const store = memoryStore()
  const make = (said: { deny: string } | { focus: string }) =>
    agentOf(
      Array.from({ length: 40 }, () => answer),
      {
        store,
        systemPrompt: 'Work.',
        compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
        hooks: {
          beforeCompaction({ trigger, sessionId, agentPath }) {
            seen.push([trigger, sessionId, agentPath])
            return said
          },
        },
      },
    ).agent
  const { sessionId: session } = await make({ deny: 'no' }).run([], 'The task.').result
  const events: RunEvent[] = []
  for (let n = 0; n < 8 && !seen.length; n++)
    events.push(...(await collect(make({ deny: 'Not now.' }).run([], `Go on ${n}.`, { session }))))
  expect(seen).toEqual([['auto', session, []]])
  expect([asked.length, compactions(events).length]).toEqual([0, 0])
  expect(ofType(events, 'warning')).toMatchObject([
    { code: 'compaction_denied', message: 'Not now.' },
  ])
  await make({ focus: 'the tests' }).run([], 'On.', { session }).result
  expect(asked[0]).toContain('Pay attention above all to: the tests')
})

test('children keep within their window too', async () => {
  let looks = 30
  const answer = ({ system, messages }: ModelRequest): ScriptedAnswer => {
    if (system?.startsWith(SUMMARISER)) return 'summary'
    if (!system?.includes('You look.'))
      return messages.length === 1
        ? [call('t', 'task', { agent: 'looker', prompt: 'Look at everything.' })]
        : 'all looked at'
    looks -= 1
    return looks ? { content: [call(`l${looks}`, 'look')], usage: null } : 'seen'
  }
  const { agent, adapter } = agentOf(
    Array.from({ length: 60 }, () => answer),
    {
      tools: [stub('look', () => big)],
      agents: [
        { name: 'looker', description: 'looks', appendSystemPrompt: 'You look.', maxTurns: 50 },
      ],
      compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
      subagents: true,
    },
  )
  const run = agent.run([], 'Begin.')
  const events = await collect(run)
  expect((await run.result).text).toBe('all looked at')
  expect(compactions(events).length).toBeGreaterThan(1)
  for (const { agentPath } of compactions(events)) expect(agentPath).toHaveLength(1)
  for (const { messages } of adapter.requests) {
    checkPairs(messages)
    expect(JSON.stringify(messages).length / 3).toBeLessThan(30_000)
  }
})

test('a session is shortened without a run; what has an open call is not', async () => {
  const store = memoryStore()
  const { agent, adapter } = working(6, { store, compaction: false })
  const { sessionId } = await agent.run([], 'Look.').result
  const done = await agent.compact(sessionId)
  expect(done).toMatchObject({ type: 'compaction', replaced: 0 })
  const { state, records } = await loadSession(store, sessionId)
  expect(records.map(({ type }) => type).slice(-4)).toEqual([
    'run_end',
    'compaction',
    'prompt',
    'cache_break',
  ])
  expect(state.pruned.size).toBe(done?.pruned?.length)
  checkPairs(state.messages)
  const requests = adapter.requests.length
  expect(await agentOf(['short'], { store }).agent.compact(sessionId)).toMatchObject({
    replaced: expect.any(Number),
  })
  expect(adapter.requests.length).toBe(requests)
  const paused = agentOf([[call('p', 'ask')]], {
    store,
    tools: [stub('ask', () => '', { effects: () => [{ kind: 'unknown' }] })],
    onPermission: () => 'defer',
  })
  const { sessionId: open } = await paused.agent.run([], 'x').result
  await expect(paused.agent.compact(open)).rejects.toThrow(/has a call without an outcome/)
  await expect(paused.agent.compact('none')).rejects.toThrow(/none/)
  await expect(agentOf([]).agent.compact('none')).rejects.toThrow(/without a store/)
})
