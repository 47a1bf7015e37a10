import { expect, test } from 'vitest'
import { ProviderError, ToolResult, type RunEvent } from '../../src/index.ts'
import { call, collect, type ScriptedStep } from '../../src/testing.ts'
import { agentOf, gate, ofType, stub, types } from './helpers.ts'

test('the order of one run', async () => {
  const { agent, adapter } = agentOf([[call('c1', 'a')], 'ok'], { tools: [stub('a', () => 'x')] })
  const events = await collect(agent.run([], 'go'))
  expect(types(events)).toEqual([
    'run_start',
    'prompt',
    'message',
    'turn_start',
    'tool_input',
    'usage',
    'message',
    'tool_call',
    'permission_decision',
    'tool_start',
    'tool_result',
    'turn_end',
    'turn_start',
    'text',
    'usage',
    'message',
    'turn_end',
    'run_end',
  ])
  adapter.assertDone()
})

test('the result is what the run_end event says, and adds up', async () => {
  const { agent } = agentOf([[call('c1', 'a', { n: 1 })], 'the answer'], {
    tools: [stub('a', () => new ToolResult({ deep: [1] }, { changes: ['/w/b.ts'] }))],
    price: () => ({ input: 1, output: 2, cacheRead: 0, cacheWrite: 0 }),
  })
  const run = agent.run([], 'go')
  const events = await collect(run)
  const result = await run.result
  expect(ofType(events, 'run_end')[0]?.result).toBe(result)
  expect(result).toMatchObject({
    text: 'the answer',
    turns: 2,
    toolCalls: 1,
    stopReason: 'complete',
    success: true,
    cancelled: false,
    filesChanged: ['/w/b.ts'],
    filesChangedComplete: true,
    steps: [{ id: 'c1', tool: 'a', args: { n: 1 }, status: 'ok', output: '{"deep":[1]}' }],
  })
  const sum = ofType(events, 'usage').reduce((total, usage) => total + (usage.costUsd ?? NaN), 0)
  expect(result.usage.costUsd).toBeCloseTo(sum, 12)
  expect(result.usage.totalTokens).toBe(30)
  expect(await run.text).toBe('the answer')
})

test('concurrent calls: results come as they finish, tool messages join in call order', async () => {
  const slow = gate()
  const { agent } = agentOf([[call('c1', 'slow'), call('c2', 'fast')], 'ok'], {
    tools: [
      stub('slow', () => slow.promise.then(() => 'S')),
      stub('fast', () => (slow.resolve(), 'F')),
    ],
  })
  const run = agent.run([], 'go')
  const events = await collect(run)
  const { messages } = await run.result
  expect(messages.flatMap((m) => (m.role === 'tool' ? [m.id] : []))).toEqual(['c1', 'c2'])
  expect(ofType(events, 'tool_start').map(({ id }) => id)).toEqual(['c1', 'c2'])
})

test('calls that touch the same file run one after the other', async () => {
  const log: string[] = []
  const write = stub(
    'write',
    async ({ id }) => {
      log.push(`${String(id)} in`)
      await Promise.resolve()
      log.push(`${String(id)} out`)
      return 'ok'
    },
    { effects: () => [{ kind: 'write', target: '/w/a' }] },
  )
  const { agent } = agentOf(
    [[call('1', 'write', { id: 1 }), call('2', 'write', { id: 2 })], 'ok'],
    {
      tools: [write],
      permissionMode: 'bypass',
    },
  )
  await agent.run([], 'go').result
  expect(log).toEqual(['1 in', '1 out', '2 in', '2 out'])
})

test('what the model gets wrong is told to the model: unknown tool, invalid arguments, unreadable arguments', async () => {
  const strict = stub('strict', () => 'never', {
    parameters: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
  })
  const { agent } = agentOf(
    [
      [
        call('1', 'nope'),
        call('2', 'strict', { n: 'x' }),
        { ...call('3', 'strict'), invalid: 'Cut off.' },
      ],
      'ok',
    ],
    { tools: [strict] },
  )
  const { steps, stopReason } = await agent.run([], 'go').result
  expect(stopReason).toBe('complete')
  expect(steps.map(({ status, reason }) => [status, reason])).toEqual(
    Array.from({ length: 3 }, () => ['error', 'invalid']),
  )
  expect(steps[0]?.output).toContain('"nope"')
  expect(steps[0]?.output).toContain('strict')
  expect(steps[1]?.output).toMatch(/\$\.n/)
  expect(steps[2]?.output).toBe('Cut off.')
})

test('a tool that throws, returns nothing, or returns what is not JSON', async () => {
  const { agent } = agentOf(
    [[call('1', 'throws'), call('2', 'nothing'), call('3', 'strange')], 'ok'],
    {
      tools: [
        stub('throws', () => {
          throw new Error('broken pipe')
        }),
        stub('nothing', () => undefined),
        stub('strange', () => ({ deep: { f: () => 1 } })),
      ],
    },
  )
  const { steps } = await agent.run([], 'go').result
  expect(steps.map(({ status, output }) => [status, output])).toEqual([
    ['error', 'broken pipe'],
    ['ok', ''],
    ['error', 'The tool returned something that is not JSON at $.deep.f.'],
  ])
})

test('ids that a vendor uses twice are told apart', async () => {
  const seen: string[] = []
  const { agent } = agentOf(
    [
      [call('x', 'a', { n: 1 }), call('x', 'a', { n: 2 }), call('', 'a', { n: 3 })],
      [call('x', 'a', { n: 4 })],
      'ok',
    ],
    {
      tools: [
        stub(
          'a',
          ({ n }, { callId, idempotencyKey }) => (
            seen.push(idempotencyKey),
            `${callId}:${String(n)}`
          ),
        ),
      ],
    },
  )
  const { steps, sessionId } = await agent.run([], 'go').result
  expect(steps.map(({ output }) => output)).toEqual(['x:1', 'x_2:2', 'call:3', 'x:4'])
  expect(seen).toEqual([
    `${sessionId}/1/x`,
    `${sessionId}/1/x_2`,
    `${sessionId}/1/call`,
    `${sessionId}/2/x`,
  ])
})

test('200 calls in one turn: one message each, in order', async () => {
  const calls = Array.from({ length: 200 }, (_, index) => call(`c${index}`, 'a', { index }))
  const { agent } = agentOf([calls, 'ok'], { tools: [stub('a', ({ index }) => String(index))] })
  const { messages } = await agent.run([], 'go').result
  expect(messages.flatMap((m) => (m.role === 'tool' ? [m.id] : []))).toEqual(
    calls.map(({ id }) => id),
  )
})

test('a turn that was cut off: whole calls run, the cut one is told, and the model is asked again', async () => {
  const ran: string[] = []
  const { agent } = agentOf(
    [
      {
        content: [call('1', 'a'), { ...call('2', 'a'), invalid: 'Cut off by the output limit.' }],
        stopReason: 'length',
      },
      { content: [{ type: 'text', text: 'half' }], stopReason: 'length' },
    ],
    { tools: [stub('a', (_, { callId }) => (ran.push(callId), 'x'))] },
  )
  const { stopReason, success, text } = await agent.run([], 'go').result
  expect([ran, stopReason, success, text]).toEqual([['1'], 'length', false, 'half'])
})

test('pause goes back as it is; refused ends the run', async () => {
  const { agent, adapter } = agentOf([
    { content: [{ type: 'text', text: 'part' }], stopReason: 'pause' },
    { content: [{ type: 'text', text: 'no' }], stopReason: 'refused' },
  ])
  expect((await agent.run([], 'go').result).stopReason).toBe('refused')
  expect(adapter.requests[1]?.messages.at(-1)).toMatchObject({
    role: 'assistant',
    stopReason: 'pause',
  })
})

test('the turn limit counts a run, and reaching it when the model is done is complete', async () => {
  const steps = (): ScriptedStep[] => [[call('1', 'a')], [call('2', 'a')], 'done']
  const tools = [stub('a', () => 'x')]
  const cut = await agentOf(steps(), { tools, maxTurns: 2 }).agent.run([], 'go').result
  expect([cut.stopReason, cut.turns, cut.error?.code, cut.steps.length]).toEqual([
    'max_turns',
    2,
    'max_turns',
    2,
  ])
  const { agent } = agentOf(steps(), { tools, maxTurns: 3 })
  expect((await agent.run([], 'go').result).stopReason).toBe('complete')
})

test('an error of the provider: error, then run_end, with the partial text and without a half message', async () => {
  const { agent } = agentOf([
    {
      content: [{ type: 'text', text: 'abc' }],
      error: new ProviderError('cut', { kind: 'stream_truncated', retryable: true }),
    },
  ])
  const run = agent.run([], 'go')
  const events = await collect(run)
  const { error, messages } = await run.result
  expect(types(events).slice(-3)).toEqual(['turn_end', 'error', 'run_end'])
  expect(error).toMatchObject({
    name: 'ProviderError',
    code: 'provider_stream_truncated',
    partial: 'abc',
  })
  expect(messages.map(({ role }) => role)).toEqual(['user'])
})

test('deltas reach the reader as the very objects that the adapter yields', async () => {
  const delta = { type: 'text', text: 'hi', index: 0 } as const
  const adapter = {
    id: 'x',
    api: 'x',
    async *stream() {
      yield [delta, { type: 'part', part: { type: 'text', text: 'hi' } }] as const
      yield { type: 'finish', stopReason: 'stop', usage: null } as const
    },
  }
  const events = await collect(agentOf([], { adapter }).agent.run([], 'go'))
  expect(events.find(({ type }) => type === 'text')).toBe(delta)
})

test('the messages keep their identity while the history grows, and are frozen', async () => {
  const { agent } = agentOf([[call('1', 'a')], 'ok'], { tools: [stub('a', () => 'x')] })
  const { messages } = await agent.run([], 'go').result
  for (const message of messages)
    expect([
      Object.isFrozen(message),
      Object.isFrozen(message.content),
      message.content.every((part) => Object.isFrozen(part)),
    ]).toEqual([true, true, true])
})

test('hooks: before the model, before and after a tool, after a turn', async () => {
  const turns: number[] = []
  const { agent, adapter } = agentOf([[call('1', 'a', { n: 1 }), call('2', 'b')], 'ok'], {
    tools: [stub('a', ({ n }) => `n=${String(n)}`), stub('b', () => 'never')],
    hooks: {
      beforeModel: ({ turn }) =>
        turn === 2
          ? [
              {
                type: 'message',
                message: {
                  role: 'user',
                  origin: 'reminder',
                  content: [{ type: 'text', text: 'remember' }],
                },
              },
            ]
          : [],
      beforeTool: ({ tool }) => (tool === 'b' ? { deny: 'not b' } : { args: { n: 7 } }),
      afterTool: (_, result) => ({ ...result, output: `${JSON.stringify(result.output)}!` }),
      afterTurn: ({ turn }) => void turns.push(turn),
    },
  })
  const { steps } = await agent.run([], 'go').result
  expect(steps.map(({ status, output }) => [status, output])).toEqual([
    ['ok', '"n=7"!'],
    ['denied', 'Permission denied. not b'],
  ])
  expect(adapter.requests[1]?.messages.at(-1)).toMatchObject({ origin: 'reminder' })
  expect(turns).toEqual([2, 3])
})

test('a hook that fails denies its call', async () => {
  const { agent } = agentOf([[call('1', 'a')], 'ok'], {
    tools: [stub('a', () => 'never')],
    hooks: {
      beforeTool: () => {
        throw new Error('boom')
      },
    },
  })
  expect((await agent.run([], 'go').result).steps[0]).toMatchObject({
    status: 'denied',
    output: expect.stringContaining('boom'),
  })
})

test('steering comes between two turns, also when the model thinks it is done', async () => {
  const { agent, adapter } = agentOf([() => (run.steer('and this'), 'one'), 'two'])
  const run = agent.run([], 'go')
  expect((await run.result).text).toBe('two')
  expect(adapter.requests[1]?.messages.at(-1)).toMatchObject({ role: 'user', origin: 'steer' })
})

test('a history is gone on with; input may be messages', async () => {
  const { agent, adapter } = agentOf(['one', 'two'])
  const first = await agent.run([], 'a').result
  const second = await agent.run(first.messages, [
    { role: 'user', content: [{ type: 'text', text: 'b' }] },
  ]).result
  expect(adapter.requests[1]?.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'user',
  ])
  expect([second.text, second.turns]).toEqual(['two', 1])
})

test('events are read once; an option that makes no sense is a ConfigError at once', async () => {
  const { agent } = agentOf(['one'])
  const run = agent.run([], 'a')
  await collect(run)
  expect(() => run[Symbol.asyncIterator]()).toThrow('once')
  expect(() => agent.run([], 'a', { maxTurns: 0 })).toThrow(/maxTurns.*got 0/)
  expect(() => agent.run([], 'a', { budget: { maxCostUsd: 1 } })).toThrow(
    /No price is known for scripted\/m/,
  )
  expect(() => agentOf([], { tools: [stub('a', () => ''), stub('a', () => '')] })).toThrow(/name a/)
})

test('a reader that is slow gets joined deltas, nothing is lost, and the run does not wait', async () => {
  const text = 'x'.repeat(2000)
  const { agent } = agentOf([{ content: [{ type: 'text', text }] }])
  const run = agent.run([], 'go')
  await run.result
  const events: RunEvent[] = await collect(run)
  const deltas = ofType(events, 'text')
  expect(deltas.map(({ text: piece }) => piece).join('')).toBe(text)
})

test('a hook that has nothing to say may return nothing, or be one of several', async () => {
  const log: string[] = []
  const silent = () => void log.push('silent')
  const { agent } = agentOf(['ok'], {
    hooks: { beforeModel: [silent as never, () => (log.push('second'), [])] },
  })
  expect((await agent.run([], 'go').result).stopReason).toBe('complete')
  expect(log).toEqual(['silent', 'second'])
})

test("a hook that fails before the model, or after a turn, is the run's error", async () => {
  for (const name of ['beforeModel', 'afterTurn'] as const) {
    const { agent } = agentOf(['ok'], {
      hooks: {
        [name]: () => {
          throw new Error(`${name} broke`)
        },
      },
    })
    const run = agent.run([], 'go')
    const events = await collect(run)
    expect(types(events).slice(-2)).toEqual(['error', 'run_end'])
    expect((await run.result).error?.message).toBe(`${name} broke`)
  }
})
