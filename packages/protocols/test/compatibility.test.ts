import type { RunEvent, RunResult } from '@harnext/core'
import { call } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { createContentBlocksProjector } from '../src/content-blocks.ts'
import { createDottedEventsProjector } from '../src/dotted-events.ts'
import { project } from '../src/index.ts'
import {
  createMessagesProjector,
  isCompactionEvent,
  isResult,
  isSystemEvent,
  isTextMessage,
  isToolResult,
  isToolUse,
} from '../src/messages.ts'
import { agentOf, record, stub } from './record.ts'
import { scenarios } from './scenarios.ts'

// What the users of the other systems were promised, one test a promise.

const events = async (name: string): Promise<readonly RunEvent[]> =>
  (await scenarios[name]?.()) ?? []

function resultOf(all: readonly RunEvent[]): RunResult<unknown> {
  const last = all.at(-1)
  if (last?.type !== 'run_end') throw new Error('The run has no end.')
  return last.result
}

test('5 Harness: many partial texts, then one whole text in each turn', async () => {
  const all = (await events('tools')).flatMap(createMessagesProjector().push)
  const turns = all
    .filter(isTextMessage)
    .map(({ text, isPartial }) => (isPartial ? '…' : text))
    .join('')
  expect(turns).toBe('……I will look at both of them.……One went well, one did not.')
})

test('5 Harness: the result is last, its totals are the sums, and a known price costs something', async () => {
  const all = await events('tools')
  const messages = all.flatMap(createMessagesProjector().push)
  const result = messages.find(isResult)
  expect(messages.at(-1)).toBe(result)
  const used = all.flatMap((event) => (event.type === 'usage' ? [event] : []))
  const tokens = used.map(
    (u) => u.inputTokens + u.outputTokens + u.cacheReadTokens + u.cacheWriteTokens,
  )
  expect(result?.totalTokens).toBe(tokens.reduce((a, b) => a + b, 0))
  expect(result?.totalCost).toBeGreaterThan(0)
  expect(result?.totalCost).toBeCloseTo(
    used.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    12,
  )
  expect(result).toMatchObject({ turns: 2, toolCalls: 2, stopReason: 'end_turn' })
})

test('Harness: a denied call has its use and its result', async () => {
  const messages = (await events('nobody to ask')).flatMap(createMessagesProjector().push)
  expect(messages.filter((message) => isToolUse(message) || isToolResult(message))).toMatchObject([
    { kind: 'tool_use', id: '1' },
    { kind: 'tool_result', toolUseId: '1', isError: true },
  ])
})

test('Harness: warnings of the budget come in the middle of the session', async () => {
  const messages = (await events('budget')).flatMap(createMessagesProjector().push)
  expect(messages.filter(isSystemEvent).map(({ type }) => type)).toEqual([
    'session_start',
    'budget_warning',
    'budget_exceeded',
  ])
})

test('Harness: compaction, retries, errors', async () => {
  const of = async (name: string) => (await events(name)).flatMap(createMessagesProjector().push)
  expect((await of('hooks')).filter(isCompactionEvent)).toMatchObject([{ tokensBefore: 900 }])
  expect(await of('retries')).toContainEqual({
    kind: 'system_event',
    type: 'retry',
    data: {
      attempt: 1,
      delayMs: 1,
      error: expect.objectContaining({ code: 'provider_rate_limit' }),
    },
  })
  const failed = await of('an error in mid-answer')
  expect(failed.slice(-2)).toMatchObject([
    { kind: 'system_event', type: 'error', data: { code: 'provider_stream_truncated' } },
    { kind: 'result', stopReason: 'error' },
  ])
})

test.each([
  ['tools', 'complete'],
  ['turn limit', 'max_steps'],
  ['cancelled', 'stopped'],
  ['budget', 'stopped'],
  ['length', 'stopped'],
  ['an error in mid-answer', 'error'],
])('OpenHarness: a run of the kind %s is done as %s', async (name, result) => {
  const all = (await events(name)).flatMap(createDottedEventsProjector().push)
  expect(all.at(-1)).toMatchObject({ type: 'done', result })
  const errors = all.filter(({ type }) => type === 'error')
  expect(errors.length).toBe(
    ['cancelled', 'budget', 'an error in mid-answer'].includes(name) ? 1 : 0,
  )
})

test('OpenHarness: the messages of `done` are the history of the next run', async () => {
  const first = agentOf(['I am Bo.']).run([], 'Who are you?')
  const events1 = []
  for await (const event of project(first, createDottedEventsProjector())) events1.push(event)
  const done = events1.at(-1)
  if (done?.type !== 'done') throw new Error('It is not done.')
  const second = await agentOf(['Bo.']).run(done.messages, 'Again?').result
  expect(second.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'user',
    'assistant',
  ])
})

test('OpenHarness: steps count from 1 in each run, and say what they used', async () => {
  const all = await events('tools')
  const projector = createDottedEventsProjector()
  all.forEach((event) => projector.push(event))
  const steps = all.flatMap(projector.push).filter(({ type }) => type === 'step.done')
  expect(steps).toEqual([
    {
      type: 'step.done',
      stepNumber: 1,
      usage: { inputTokens: 130, outputTokens: 5, totalTokens: 135 },
      finishReason: 'tool-calls',
    },
    {
      type: 'step.done',
      stepNumber: 2,
      usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
      finishReason: 'stop',
    },
  ])
})

test('data-harness: a whole message for each model call, and a result after each dispatch', async () => {
  const all = (await events('tools')).flatMap(createContentBlocksProjector().push)
  const outline = all
    .map(({ type }) => type)
    .filter((type, index, types) => type !== types[index - 1] && !type.startsWith('content'))
  expect(outline).toEqual([
    'message_start',
    'message_delta',
    'message_stop',
    'tool_result',
    'message_start',
    'message_delta',
    'message_stop',
  ])
})

test('data-harness: the blocks add up to the input of the call', async () => {
  const args = { text: 'a', list: [1, { b: null }] }
  const all = (
    await record([[call('1', 'echo', args)], 'Done.'], { tools: [stub('echo', () => 'ok')] })
  ).flatMap(createContentBlocksProjector().push)
  const json = all
    .flatMap((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'input_json_delta'
        ? [event.delta.partial_json]
        : [],
    )
    .join('')
  expect(JSON.parse(json)).toEqual(args)
})

test('data-harness: a run that fails says so', async () => {
  for (const name of ['an error in mid-answer', 'budget', 'turn limit']) {
    const all = await events(name)
    expect(all.flatMap(createContentBlocksProjector().push).at(-1)).toEqual({
      type: 'error',
      error: { type: resultOf(all).error?.code, message: resultOf(all).error?.message },
    })
  }
})

test('a reader that leaves a projected run cancels it', async () => {
  const wait = stub(
    'wait',
    (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped'))),
      ),
  )
  const run = agentOf([[call('1', 'wait')]], { tools: [wait] }).run([], 'Go.')
  for await (const message of project(run, createMessagesProjector())) if (isToolUse(message)) break
  expect((await run.result).stopReason).toBe('cancelled')
})
