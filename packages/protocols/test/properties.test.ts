import { textOf, toolCalls, type AssistantMessage, type RunEvent } from '@harnext/core'
import { readUIMessageStream, type UIMessageChunk } from 'ai'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createContentBlocksProjector,
  createDottedEventsProjector,
  createMessagesProjector,
  createStreamJsonProjector,
  createUiMessageStreamProjector,
  type Projector,
} from '../src/index.ts'
import { plans, runPlan } from './runs.ts'
import { soup } from './soup.ts'

const makers = {
  'stream-json': () => createStreamJsonProjector(),
  'stream-json with everything': () =>
    createStreamJsonProjector({
      includePartialMessages: true,
      permissionRequests: true,
      replayUserMessages: true,
    }),
  'ui-message-stream': () => createUiMessageStreamProjector(),
  'content-blocks': () => createContentBlocksProjector(),
  'dotted-events': () => createDottedEventsProjector(),
  messages: () => createMessagesProjector(),
} satisfies Record<string, () => Projector<unknown>>

/** What a projector makes of the events, as the other side reads it. */
function read(make: () => Projector<unknown>, events: readonly RunEvent[]): readonly Line[] {
  const projector = make()
  const out = [...events.flatMap((event) => projector.push(event)), ...projector.end()]
  expect(projector.end()).toEqual([])
  return out.map((value) => JSON.parse(JSON.stringify(value)) as Line)
}

// Each format has other fields; a test names those that it looks at.
interface Line {
  readonly type?: string
  readonly [key: string]: unknown
}

const seed = Number(process.env['HARNEXT_SEED'] ?? 20261121)
const numRuns = Number(process.env['HARNEXT_COUNT'] ?? 100)

test('whatever comes in whatever order: nothing throws, everything is JSON, and twice is the same', () => {
  fc.assert(
    fc.property(soup, (events) => {
      for (const make of Object.values(makers))
        expect(read(make, events)).toEqual(read(make, events))
    }),
    { seed, numRuns: numRuns * 5 },
  )
})

test('the reader of the AI SDK takes whatever order of events', async () => {
  await fc.assert(
    fc.asyncProperty(soup, async (events) => {
      const chunks = read(makers['ui-message-stream'], events)
      const errors: unknown[] = []
      const stream = ReadableStream.from(chunks as unknown as UIMessageChunk[])
      for await (const message of readUIMessageStream({ stream, onError: (e) => errors.push(e) }))
        expect(message.role).toBe('assistant')
      // An error chunk comes here as well: it says what the event said.
      expect(errors.map(String).filter((text) => !/^Error: (Failed|It failed)/.test(text))).toEqual(
        [],
      )
    }),
    { seed, numRuns },
  )
})

test('of a run, the deltas add up to the text, and every call has its result', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const events = await runPlan(plan)
      for (const event of events)
        if (event.type === 'tool_result') seen.add(event.status)
        else if (event.type === 'run_end') seen.add(event.result.stopReason)
      const facts = factsOf(events)
      checkStreamJson(read(makers['stream-json with everything'], events), facts)
      checkUi(read(makers['ui-message-stream'], events), facts)
      checkContentBlocks(read(makers['content-blocks'], events), facts)
      checkDotted(read(makers['dotted-events'], events), facts)
      checkMessages(read(makers.messages, events), facts)
    }),
    { seed, numRuns },
  )
  // The plans lead to runs of every kind.
  expect([...seen]).toEqual(expect.arrayContaining(['ok', 'error', 'denied', 'complete', 'paused']))
}, 60_000)

interface Facts {
  readonly text: string
  readonly thinking: string
  /** Ids of the calls, in order, and of their results, in any. */
  readonly calls: readonly string[]
  readonly results: readonly string[]
  readonly stopReason: string
}

/** What was said, whole answers and the beginning of one that failed. */
function factsOf(events: readonly RunEvent[]): Facts {
  const answers = events.flatMap((event): AssistantMessage[] =>
    event.type === 'message' && event.message.role === 'assistant' ? [event.message] : [],
  )
  const last = events.findLastIndex((event) => event.type === 'message')
  const cut = events.slice(last + 1)
  const rest = (kind: string): string =>
    cut.map((event) => (event.type === kind && 'text' in event ? event.text : '')).join('')
  const end = events.at(-1)
  return {
    text: answers.map(({ content }) => textOf(content)).join('') + rest('text'),
    thinking:
      answers
        .flatMap(({ content }) => content.map((p) => (p.type === 'thinking' ? p.text : '')))
        .join('') + rest('thinking'),
    calls: answers.flatMap((answer) => toolCalls(answer).map(({ id }) => id)),
    results: events.flatMap((event) => (event.type === 'tool_result' ? [event.id] : [])),
    stopReason: end?.type === 'run_end' ? end.result.stopReason : '',
  }
}

/** Every call has exactly one result, but for those that a paused run leaves open. */
function checkResults(calls: readonly unknown[], results: readonly unknown[], facts: Facts): void {
  expect(calls).toEqual(facts.calls)
  expect(results).toEqual(facts.results)
  if (facts.stopReason === 'paused') return
  for (const call of new Set(calls))
    expect(results.filter((result) => result === call).length).toBe(
      calls.filter((id) => id === call).length,
    )
}

function checkStreamJson(lines: readonly Line[], facts: Facts): void {
  const of = (type: string) => lines.filter((line) => line.type === type)
  const raw = of('stream_event').map(({ event }) => event as Line)
  checkBlocks(raw, facts)
  const blocks = of('assistant').flatMap(({ message }) => (message as Content).content)
  const results = of('user').flatMap(({ message }) => (message as Content).content)
  checkResults(
    blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id),
    results.filter(({ type }) => type === 'tool_result').map((block) => block['tool_use_id']),
    facts,
  )
  expect(lines[0]).toMatchObject({ type: 'system', subtype: 'init' })
  expect(of('system').filter(({ subtype }) => subtype === 'init').length).toBe(1)
  expect(of('result').length).toBe(1)
  expect(lines.at(-1)).toMatchObject({ type: 'result', run_stop_reason: facts.stopReason })
  const uuids = lines.flatMap(({ uuid }) => (uuid === undefined ? [] : [uuid]))
  expect(new Set(uuids).size).toBe(uuids.length)
  expect(of('control_cancel_request').length).toBeLessThanOrEqual(of('control_request').length)
}

interface Content {
  readonly content: readonly Line[]
}

function checkContentBlocks(events: readonly Line[], facts: Facts): void {
  checkBlocks(events, facts)
  const starts = events.flatMap((event): readonly Line[] =>
    'content_block' in event ? [event['content_block'] as Line] : [],
  )
  const calls = starts.flatMap((block) => block['tool_use_id'] ?? [])
  // A call that the model did not finish has a block too.
  if (facts.stopReason !== 'error')
    checkResults(
      calls,
      events.filter(({ type }) => type === 'tool_result').map((event) => event['tool_use_id']),
      facts,
    )
}

interface Delta {
  readonly text?: string
  readonly thinking?: string
}

function checkBlocks(events: readonly Line[], facts: Facts): void {
  const deltas = events.flatMap((event) => ('delta' in event ? [event['delta'] as Delta] : []))
  const joined = (key: keyof Delta): string => deltas.map((delta) => delta[key] ?? '').join('')
  expect(joined('text')).toBe(facts.text)
  expect(joined('thinking')).toBe(facts.thinking)
  const count = (name: string): number => events.filter(({ type }) => type === name).length
  expect(count('content_block_stop')).toBe(count('content_block_start'))
  expect(count('message_stop')).toBe(count('message_start'))
  expect(count('message_delta')).toBe(count('message_start'))
}

function checkUi(chunks: readonly Line[], facts: Facts): void {
  const of = (type: string) => chunks.filter((chunk) => chunk.type === type)
  const joined = (type: string): string =>
    of(type)
      .map(({ delta }) => delta)
      .join('')
  expect(joined('text-delta')).toBe(facts.text)
  expect(joined('reasoning-delta')).toBe(facts.thinking)
  for (const kind of ['text', 'reasoning'])
    expect(of(`${kind}-end`).map(({ id }) => id)).toEqual(of(`${kind}-start`).map(({ id }) => id))
  expect(of('finish-step').length).toBe(of('start-step').length)
  const settled = ['tool-output-available', 'tool-output-error', 'tool-output-denied']
  const results = chunks.filter(
    ({ type, preliminary }) => settled.includes(type ?? '') && !preliminary,
  )
  expect(results.map((chunk) => chunk['toolCallId'])).toEqual(facts.results)
  expect(of('start').length).toBe(1)
  expect(of('finish').length + of('abort').length).toBe(1)
  expect(chunks.at(-1)?.type).toMatch(/^(finish|abort)$/)
}

function checkDotted(events: readonly Line[], facts: Facts): void {
  const of = (type: string) => events.filter((event) => event.type === type)
  const joined = (type: string): string =>
    of(type)
      .map(({ text }) => text)
      .join('')
  expect(joined('text.delta')).toBe(facts.text)
  expect(joined('reasoning.delta')).toBe(facts.thinking)
  if (facts.stopReason !== 'error') expect(joined('text.done')).toBe(facts.text)
  const results = events.filter(({ type }) => type === 'tool.done' || type === 'tool.error')
  checkResults(
    of('tool.start').map((event) => event['toolCallId']),
    results.map((event) => event['toolCallId']),
    facts,
  )
  expect(of('step.done').map((event) => event['stepNumber'])).toEqual(
    of('step.start')
      .map((event) => event['stepNumber'])
      // A paused turn goes on another day.
      .slice(0, of('step.done').length),
  )
  expect(of('done').length).toBe(1)
  expect(events.at(-1)?.type).toBe('done')
}

function checkMessages(messages: readonly Line[], facts: Facts): void {
  const of = (kind: string) => messages.filter((message) => message['kind'] === kind)
  const texts = (partial: boolean): string =>
    of('text_message')
      .map(({ isPartial, text }) => (isPartial === partial ? text : ''))
      .join('')
  expect(texts(true)).toBe(facts.text)
  if (facts.stopReason !== 'error') expect(texts(false)).toBe(facts.text)
  checkResults(
    of('tool_use').map(({ id }) => id),
    of('tool_result').map((message) => message['toolUseId']),
    facts,
  )
  expect(messages.at(-1)).toMatchObject({ kind: 'result', sessionId: 'sess_1' })
  expect(of('result').length).toBe(1)
}
