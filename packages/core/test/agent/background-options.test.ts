import { expect, test } from 'vitest'
import {
  ConfigError,
  memoryStore,
  textOf,
  type AgentOptions,
  type RunResult,
} from '../../src/index.ts'
import { call, collect, type ScriptedAnswer } from '../../src/testing.ts'
import { gate, ofType, stub } from '../run/helpers.ts'
import { ask, storeCut, talking as talkingAgent } from './helping.ts'

const never = new Promise<ScriptedAnswer>(() => {})

const talking = (
  subagentBackground: NonNullable<AgentOptions['subagentBackground']>,
  answer: Parameters<typeof talkingAgent>[0],
  options: Partial<AgentOptions> = {},
) => talkingAgent(answer, { subagentBackground, ...options })

function resultText({ messages }: RunResult, id: string): string {
  const found = messages.find((message) => message.role === 'tool' && message.id === id)
  return textOf(found?.content ?? [])
}

test('above maxConcurrent they wait in the order of their calls, and are said to', async () => {
  const begun: string[] = []
  const twoRun = gate()
  const mayEnd = gate()
  let running = 0
  let most = 0
  const { agent } = talking({ maxConcurrent: 2 }, async (said) => {
    if (said === 'go') return [ask('1', 'a'), ask('2', 'b'), ask('3', 'c'), ask('4', 'd')]
    if (/^[abcd]$/.test(said)) {
      begun.push(said)
      most = Math.max(most, ++running)
      if (running === 2) twoRun.resolve()
      await mayEnd.promise
      running -= 1
      return said.toUpperCase()
    }
    if (said.includes('agent_started')) return [call('5', 'agent_status', {})]
    if (said.includes('<agent_status')) {
      await twoRun.promise
      mayEnd.resolve()
      const ids = ['helper-1', 'helper-1.2', 'helper-1.3', 'helper-1.4']
      return [call('6', 'agent_await', { ids })]
    }
    return 'done'
  })
  const result = await agent.run([], 'go').result
  expect(resultText(result, '2')).toContain('It runs beside you.')
  expect(resultText(result, '3')).toMatch(
    /^<agent_started id="helper-1.3" agent="helper" status="waiting"\/>\nIt begins when another one has ended\./,
  )
  expect(resultText(result, '5')).toBe(
    [
      '<agent_status id="helper-1" agent="helper" status="running"/>',
      '<agent_status id="helper-1.2" agent="helper" status="running"/>',
      '<agent_status id="helper-1.3" agent="helper" status="waiting"/>',
      '<agent_status id="helper-1.4" agent="helper" status="waiting"/>',
    ].join('\n'),
  )
  expect(resultText(result, '6')).toMatch(/\nA\n.*\nB\n.*\nC\n.*\nD\n/s)
  // Of two that begin at once either may be the first to ask its model.
  const halves = [begun.slice(0, 2), begun.slice(2)].map((half) => half.toSorted().join(''))
  expect([halves, most]).toEqual([['ab', 'cd'], 2])
})

test('one that waits can be cancelled before it does anything; the others still get their turn', async () => {
  const begun: string[] = []
  const mayEnd = gate()
  const { agent } = talking({ maxConcurrent: 1 }, async (said) => {
    if (said === 'go') return [ask('1', 'a'), ask('2', 'b'), ask('3', 'c')]
    if (/^[abc]$/.test(said)) {
      begun.push(said)
      await mayEnd.promise
      return said.toUpperCase()
    }
    if (said.includes('agent_started')) return [call('4', 'agent_cancel', { id: 'helper-1.2' })]
    if (said.includes('cancelled')) mayEnd.resolve()
    return 'done'
  })
  const run = agent.run([], 'go', { subagents: true })
  const events = await collect(run)
  const result = await run.result
  expect(resultText(result, '4')).toContain('session_id="helper-1.2" status="cancelled"')
  expect(begun).toEqual(['a', 'c'])
  const ends = ofType(events, 'subagent_end').map(({ id, result: { stopReason } }) => [
    id,
    stopReason,
  ])
  expect(Object.fromEntries(ends)).toEqual({
    'helper-1': 'complete',
    'helper-1.2': 'cancelled',
    'helper-1.3': 'complete',
  })
})

test('cancelling the run ends those that wait, too', async () => {
  const begun = gate()
  const { agent } = talking({ maxConcurrent: 1 }, async (said) => {
    if (said === 'go') return [ask('1', 'a'), ask('2', 'b')]
    if (said === 'a') begun.resolve()
    return never
  })
  const run = agent.run([], 'go', { subagents: true })
  await begun.promise
  run.cancel()
  const events = await collect(run)
  expect((await run.result).stopReason).toBe('cancelled')
  expect(ofType(events, 'subagent_end')).toMatchObject([
    { result: { stopReason: 'cancelled' } },
    { result: { stopReason: 'cancelled' } },
  ])
})

test('one that takes longer than its timeout has failed, and the model reads why; waiting does not count', async () => {
  const { agent } = talking({ maxConcurrent: 1, timeout: 300 }, (said) => {
    if (said === 'go') return [ask('1', 'slow'), ask('2', 'quick')]
    if (said === 'slow') return never
    if (said === 'quick') return 'quick is done'
    if (said.includes('agent_started'))
      return [call('3', 'agent_await', { ids: ['helper-1', 'helper-1.2'], mode: 'allSettled' })]
    return 'done'
  })
  const run = agent.run([], 'go', { subagents: true })
  const events = await collect(run)
  const result = await run.result
  const late = 'The agent took longer than the 300 ms that it has.'
  expect(ofType(events, 'subagent_end').map((event) => event.result)).toMatchObject([
    { stopReason: 'error', error: { code: 'timeout', message: late } },
    { stopReason: 'complete' },
  ])
  expect(resultText(result, '3')).toContain(
    `status="failed" stop_reason="error" code="timeout">\nThe agent did not finish: ${late}`,
  )
  expect(resultText(result, '3')).toContain('\nquick is done\n')
  expect(result.stopReason).toBe('complete')
})

test.each([
  [true, 'cancelled'],
  [false, 'complete'],
])(
  'autoCancel %s: what runs when the run reaches a limit is %s',
  async (autoCancel, stopReason) => {
    const begun = gate()
    const mayEnd = gate()
    const { agent } = talking(
      { autoCancel },
      async (said, { messages }) => {
        if (said === 'go') return [ask('1', 'child')]
        if (messages.length === 1) {
          begun.resolve()
          await mayEnd.promise
          return 'found'
        }
        await begun.promise
        return [call('2', 'look')]
      },
      { tools: [stub('look', () => 'seen')], maxTurns: 2 },
    )
    const run = agent.run([], 'go', { subagents: true })
    const events = []
    for await (const event of run) {
      events.push(event)
      // The run's own work is over with this.
      if (event.type === 'turn_end' && !event.agentPath && event.turn === 2) mayEnd.resolve()
    }
    expect((await run.result).stopReason).toBe('max_turns')
    expect(ofType(events, 'subagent_end')).toMatchObject([{ result: { stopReason } }])
    expect(events.at(-1)?.type).toBe('run_end')
  },
)

test.each([
  [true, 'agent_status agent_cancel agent_await', ['all', 'allSettled', 'any', 'race']],
  [{}, 'agent_status agent_cancel agent_await', ['all', 'allSettled', 'any', 'race']],
  [{ tools: { status: false } }, 'agent_cancel agent_await', ['all', 'allSettled', 'any', 'race']],
  [{ tools: { await: ['race', 'any'] } }, 'agent_status agent_cancel agent_await', ['any', 'race']],
  [{ tools: { cancel: false, await: false } }, 'agent_status', undefined],
  [{ tools: { status: false, cancel: false, await: [] } }, '', undefined],
  [false, '', undefined],
] as const)('%j offers %s', async (subagentBackground, names, modes) => {
  const { agent, adapter } = talking(subagentBackground, () => 'done')
  await agent.run([], 'go').result
  const { tools = [] } = adapter.requests[0] ?? {}
  const offered = tools.filter(({ name }) => name.startsWith('agent_'))
  expect(offered.map(({ name }) => name).join(' ')).toBe(names)
  const wait = offered.find(({ name }) => name === 'agent_await')
  expect(wait?.parameters).toEqual(
    modes === undefined
      ? undefined
      : expect.objectContaining({
          properties: expect.objectContaining({ mode: { type: 'string', enum: modes } }),
        }),
  )
})

test('without `all`, the first mode is for calls that say none', async () => {
  const { agent } = talking({ tools: { await: ['race', 'any'] } }, (said) => {
    if (said === 'go') return [ask('1', 'slow'), ask('2', 'quick')]
    if (said === 'slow') return never
    if (said === 'quick') return 'quick is done'
    if (said.includes('agent_started'))
      return [call('3', 'agent_await', { ids: ['helper-1', 'helper-1.2'] })]
    if (said.includes('await_result')) return [call('4', 'agent_cancel', { id: 'helper-1' })]
    return 'done'
  })
  const result = await agent.run([], 'go').result
  expect(resultText(result, '3')).toMatch(/^<await_result mode="race">\n[^]*quick is done/)
})

test('cut anywhere, a log with one that waited goes on to the same end', async () => {
  const full = memoryStore()
  const model = (said: string): ScriptedAnswer => {
    if (said === 'go') return [ask('1', 'a'), ask('2', 'b')]
    if (said === 'a' || said === 'b') return `found ${said}`
    return said.includes('agent_started') || said.includes('<task_result') ? 'I wait.' : 'done'
  }
  const whole = await talking({ maxConcurrent: 1 }, model, { store: full }).agent.run([], 'go')
    .result
  const { records, header } = await full.read(whole.sessionId)
  const first = records.findIndex(({ type }) => type === 'message') + 1
  for (let length = first; length < records.length; length++) {
    const store = await storeCut({ header, records }, length)
    const { agent } = talking({ maxConcurrent: 1 }, model, { store })
    const result = await agent.resume(header.id).result
    const told = ['a', 'b'].map((name) =>
      result.messages.filter((message) => textOf(message.content).includes(`\nfound ${name}\n`)),
    )
    expect([length, result.stopReason, ...told.map((all) => all.length)]).toEqual([
      length,
      'complete',
      1,
      1,
    ])
  }
})

test.each<[unknown, string]>([
  [null, 'subagentBackground must be a boolean or an object; got null.'],
  ['x', 'subagentBackground must be a boolean or an object; got "x".'],
  [0, 'subagentBackground must be a boolean or an object; got 0.'],
  [[], 'subagentBackground must be a boolean or an object; got [].'],
  [{ maxConcurrent: 0 }, 'subagentBackground.maxConcurrent must be a whole number'],
  [{ maxConcurrent: 1.5 }, 'got 1.5'],
  [
    { maxConcurent: 3 },
    'subagentBackground has no option "maxConcurent". Did you mean maxConcurrent?',
  ],
  [{ timeout: 0 }, 'subagentBackground.timeout must be a whole number'],
  [{ timeout: 1e12 }, 'got 1000000000000'],
  [{ autoCancel: 'no' }, 'subagentBackground.autoCancel must be a boolean; got "no".'],
  [{ tools: null }, 'subagentBackground.tools must be an object; got null.'],
  [{ tools: true }, 'subagentBackground.tools must be an object; got true.'],
  [{ tools: { wait: true } }, 'subagentBackground.tools has no option "wait".'],
  [{ tools: { status: 1 } }, 'subagentBackground.tools.status must be a boolean; got 1.'],
  [{ tools: { cancel: null } }, 'subagentBackground.tools.cancel must be a boolean; got null.'],
  [
    { tools: { await: 'all' } },
    'must be a boolean or a list of some of all, allSettled, any, race; got "all".',
  ],
  [{ tools: { await: ['all', 'first'] } }, 'got "first".'],
  [{ tools: { await: {} } }, 'got {}.'],
])('%j is refused', (subagentBackground, message) => {
  const make = () => talking(subagentBackground as never, () => 'done')
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(message)
})
