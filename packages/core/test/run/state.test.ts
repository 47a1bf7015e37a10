import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { userMessage, type AssistantMessage, type Message } from '../../src/messages.ts'
import type { RunState } from '../../src/run/run-state.ts'
import { newState, nextStep, openCalls, reduce } from '../../src/run/state.ts'
import { call } from '../../src/testing.ts'
import { zeroUsage } from '../../src/usage.ts'
import { play, scenario } from './scenarios.ts'

const identity = {
  sessionId: 's',
  runId: 'r',
  provider: 'p',
  model: 'm',
  systemHash: 'h',
  toolsHash: 't',
}
const start: RunEvent = { type: 'run_start', ...identity }
const said = (message: AssistantMessage | ReturnType<typeof userMessage>): RunEvent => ({
  type: 'message',
  message,
})
const answer = (
  content: AssistantMessage['content'],
  stopReason: AssistantMessage['stopReason'] = 'stop',
): AssistantMessage => ({
  role: 'assistant',
  content,
  provider: 'p',
  api: 'p',
  model: 'm',
  stopReason,
})
const asking = (...ids: readonly string[]): RunEvent =>
  said(
    answer(
      ids.map((id) => call(id, 'a')),
      'tool_calls',
    ),
  )
const intent = (id: string, kind: 'read' | 'execute' | 'unknown' = 'read'): RunEvent => ({
  type: 'tool_start',
  id,
  tool: 'a',
  args: { changed: true },
  effects: [{ kind, target: '/w' }],
  idempotencyKey: `s/1/${id}`,
})
const result = (id: string, extra: object = {}): RunEvent => ({
  type: 'tool_result',
  id,
  tool: 'a',
  status: 'ok',
  content: [{ type: 'text', text: id }],
  output: id,
  durationMs: 1,
  ...extra,
})
const usage = (costUsd: number): RunEvent => ({
  ...zeroUsage,
  type: 'usage',
  inputTokens: 1,
  costUsd,
})

function fold(...events: readonly RunEvent[]): RunState {
  const state = newState()
  for (const event of events) reduce(state, event)
  return state
}
const roles = (messages: readonly Message[]) =>
  messages.map((message) => (message.role === 'tool' ? message.id : message.role))

test('any prefix of the events of any run folds, and what it folds to can go on', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { events } = await play(given)
      const state = newState()
      let messages = 0
      for (const event of events) {
        reduce(state, event)
        const step = nextStep(state)
        const open = openCalls(state)
        expect(step.do === 'dispatch').toBe(open.length > 0)
        expect(state.messages.length).toBeGreaterThanOrEqual(messages)
        messages = state.messages.length
        // What is kept beside the messages is about calls that are open.
        const ids = new Set(open.map(({ id }) => id))
        for (const map of [state.intents, state.requests, state.outcomes, state.processes])
          for (const id of map.keys()) expect(ids).toContain(id)
      }
      expect(state.open).toBe(false)
    }),
    { numRuns: 40, seed: 5 },
  )
})

test('results join in call order, whatever ended first', () => {
  const state = fold(start, asking('1', '2', '3'), result('3'), result('2'))
  expect(roles(state.messages)).toEqual(['assistant'])
  expect([...state.outcomes.keys()]).toEqual(['3', '2'])
  expect(openCalls(state).map(({ id }) => id)).toEqual(['1', '2', '3'])
  reduce(state, result('1'))
  expect(roles(state.messages)).toEqual(['assistant', '1', '2', '3'])
  expect(state.run.steps.map(({ id }) => id)).toEqual(['1', '2', '3'])
  expect(state.outcomes.size).toBe(0)
})

test('a result of no open call, and a second one, change nothing', () => {
  const state = fold(start, asking('1', '2'), result('2'))
  const before = structuredClone(state)
  reduce(state, result('2', { output: 'again' }))
  reduce(state, result('9'))
  expect(state).toEqual(before)
  reduce(state, result('1'))
  reduce(state, result('1'))
  expect(roles(state.messages)).toEqual(['assistant', '1', '2'])
})

test('the step has the arguments that ran, the reason and the paths that were changed', () => {
  const state = fold(
    start,
    asking('1', '2'),
    intent('1', 'execute'),
    result('1', { status: 'error', reason: 'timeout', changes: ['/w/a', '/w/a'] }),
    result('2'),
  )
  expect(state.run.steps).toEqual([
    {
      id: '1',
      tool: 'a',
      args: { changed: true },
      status: 'error',
      reason: 'timeout',
      output: '1',
      durationMs: 1,
    },
    { id: '2', tool: 'a', args: {}, status: 'ok', output: '2', durationMs: 1 },
  ])
  expect([[...state.run.changes], state.run.unseenChanges, state.run.startedCalls]).toEqual([
    ['/w/a'],
    1,
    1,
  ])
})

test('only what could change files behind our back makes the changes incomplete', () => {
  expect(fold(start, asking('1'), intent('1', 'read')).run.unseenChanges).toBe(0)
  expect(fold(start, asking('1'), intent('1', 'unknown')).run.unseenChanges).toBe(1)
  const both = [asking('1', '2'), intent('1', 'execute'), intent('2', 'execute')]
  const known = result('1', { changes: ['/w/a'], changesComplete: true })
  expect(fold(start, ...both, known, result('2')).run.unseenChanges).toBe(1)
})

test('what is known of a call is forgotten with the next answer: vendors use ids again', () => {
  const state = fold(
    start,
    asking('1'),
    { type: 'permission_decision', id: '1', decision: 'deny', tier: 'rule', by: 'engine' },
    result('1'),
    asking('1'),
  )
  expect(state.decisions.size).toBe(0)
  expect(openCalls(state)).toHaveLength(1)
})

test('all processes of a call are known until it has an outcome', () => {
  const process = (pid: number): RunEvent => ({ type: 'process', id: '1', pid, startedAt: 'x' })
  const state = fold(start, asking('1'), intent('1'), process(7), process(8))
  expect(state.processes.get('1')?.map(({ pid }) => pid)).toEqual([7, 8])
  reduce(state, result('1'))
  expect(state.processes.size).toBe(0)
})

test('a request is open until it is decided; what is to be remembered is granted for the session', () => {
  const request: RunEvent = {
    type: 'permission_request',
    id: '1',
    tool: 'a',
    args: {},
    effects: [],
    reason: 'r',
  }
  const rule = { tool: 'a', decision: 'allow' } as const
  const state = fold(start, asking('1'), request)
  expect(state.requests.has('1')).toBe(true)
  reduce(state, {
    type: 'permission_decision',
    id: '1',
    decision: 'allow',
    tier: 'mode',
    by: 'user',
    remember: [rule],
  })
  expect([state.requests.size, state.grants]).toEqual([0, [rule]])
  reduce(state, { ...start })
  expect(state.grants).toEqual([rule])
})

test('a new run counts from 0, a resumed one goes on; turns of the session go on in both', () => {
  const state = fold(
    start,
    said(userMessage('a')),
    { type: 'turn_start', turn: 1 },
    usage(1),
    said(answer([])),
  )
  expect([state.run.turns, state.turn, state.run.from, state.open]).toEqual([1, 1, 0, true])
  reduce(state, { type: 'run_resumed', ...identity })
  expect([state.run.turns, state.run.usage.costUsd]).toEqual([1, 1])
  reduce(state, { type: 'run_start', ...identity, runId: 'r2' })
  expect([
    state.run.turns,
    state.turn,
    state.run.from,
    state.run.usage.costUsd,
    state.runId,
  ]).toEqual([0, 1, 2, 0, 'r2'])
})

test('what a turn reserved counts until its usage is known, for ever when it never is', () => {
  const turn = (reservedUsd: number): RunEvent => ({ type: 'turn_start', turn: 1, reservedUsd })
  const dollars = (all: RunState['run']['unsettled']) =>
    all.reduce((sum, { reservedUsd = 0 }) => sum + reservedUsd, 0)
  const spent = ({ run }: RunState) => [
    dollars(run.reserved),
    dollars(run.unsettled),
    run.usage.costUsd,
  ]
  expect(spent(fold(start, turn(2)))).toEqual([2, 0, 0])
  expect(spent(fold(start, turn(2), usage(1)))).toEqual([0, 0, 1])
  const end: RunEvent = { type: 'turn_end', turn: 1, stopReason: 'error' }
  expect(spent(fold(start, turn(2), end, turn(3), usage(1)))).toEqual([0, 2, 1])
  const resumed: RunEvent = { type: 'run_resumed', ...identity }
  expect(spent(fold(start, turn(2), resumed, usage(0.5), turn(3)))).toEqual([3, 2, 0.5])
})

test('children fold by themselves; their usage and their calls count for the parent too', () => {
  const child = (event: RunEvent, ...agentPath: string[]): RunEvent => ({ ...event, agentPath })
  const state = fold(
    start,
    asking('1'),
    { type: 'subagent_start', agent: 'a', id: 'kid', task: 'sub', call: '1' },
    child({ type: 'subagent_start', agent: 'a', id: 'grandkid', task: 'sub', call: '1' }, 'kid'),
    child(said(userMessage('sub')), 'kid'),
    child(asking('1'), 'kid'),
    child(intent('1', 'execute'), 'kid'),
    child(usage(1), 'kid', 'grandkid'),
    child(usage(2), 'kid'),
  )
  expect(roles(state.messages)).toEqual(['assistant'])
  expect(state.intents.size).toBe(0)
  const kid = state.children.get('kid')
  expect(roles(kid?.messages ?? [])).toEqual(['user', 'user', 'assistant'])
  expect(openCalls(kid ?? newState())).toHaveLength(1)
  expect([
    state.run.usage.costUsd,
    kid?.run.usage.costUsd,
    kid?.children.get('grandkid')?.run.usage.costUsd,
  ]).toEqual([3, 3, 1])
  expect([state.run.startedCalls, kid?.run.startedCalls]).toEqual([1, 1])
})

test('a compaction replaces the oldest messages by their summary, in a new array; the run begins where it began', () => {
  const state = fold(start, said(userMessage('old')), said(answer([{ type: 'text', text: 'old' }])))
  reduce(state, start)
  for (const text of ['1', '2', '3']) reduce(state, said(userMessage(text)))
  const { messages } = state
  const compaction = (replaced: number): RunEvent => ({
    type: 'compaction',
    tokensBefore: 9,
    tokensAfter: 1,
    summary: 'sum',
    replaced,
  })
  reduce(state, compaction(1))
  expect(state.messages).not.toBe(messages)
  expect(state.messages[0]).toMatchObject({
    role: 'user',
    origin: 'summary',
    content: [{ text: 'Summary of the conversation so far:\nsum' }],
  })
  expect([state.messages.length, state.run.from]).toEqual([5, 2])
  reduce(state, compaction(4))
  expect([state.messages.length, state.run.from]).toEqual([2, 0])
  expect(messages).toHaveLength(5)
})

test('the history keeps its identity while it grows, and everything in it is frozen', () => {
  const given = [userMessage('a'), Object.freeze(userMessage('b'))]
  const state = newState(given)
  const { messages } = state
  reduce(state, said(answer([call('1', 'a')])))
  reduce(state, result('1'))
  expect(state.messages).toBe(messages)
  for (const message of messages)
    for (const value of [message, message.content, ...message.content])
      expect(Object.isFrozen(value)).toBe(true)
  expect(given).toHaveLength(2)
})

test.each([
  ['nothing yet', [], { do: 'ask' }],
  ['the person spoke', [userMessage('a')], { do: 'ask' }],
  ['open calls', [answer([call('1', 'a')], 'length')], { do: 'dispatch', calls: [call('1', 'a')] }],
  [
    'all answered',
    [answer([call('1', 'a')]), { role: 'tool', id: '1', tool: 'a', status: 'ok', content: [] }],
    { do: 'ask' },
  ],
  ['paused by the vendor', [answer([], 'pause')], { do: 'ask' }],
  ['done', [answer([])], { do: 'end', stopReason: 'complete' }],
  ['done for another reason', [answer([], 'other')], { do: 'end', stopReason: 'complete' }],
  ['cut', [answer([], 'length')], { do: 'end', stopReason: 'length' }],
  ['refused', [answer([], 'refused')], { do: 'end', stopReason: 'refused' }],
  ['a reminder came last', [answer([]), userMessage('r', 'reminder')], { do: 'ask' }],
] as const)('next step: %s', (_, history, step) => {
  expect(nextStep(newState(history as readonly Message[]))).toEqual(step)
})

test('a fold looks at what is new, not at the history', () => {
  let reads = 0
  const history = Array.from({ length: 5000 }, (_, index) => userMessage(String(index)))
  const state = newState(history)
  state.messages = new Proxy(state.messages, {
    get: (target, key, receiver) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1
      return Reflect.get(target, key, receiver)
    },
  })
  reduce(state, said(userMessage('go')))
  reduce(state, asking('1', '2'))
  reduce(state, intent('1'))
  reduce(state, result('1'))
  reduce(state, result('2'))
  nextStep(state)
  expect(reads).toBeLessThan(40)
})
