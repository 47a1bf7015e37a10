import type { AssistantMessage, AssistantPart, RunEvent } from '@harnext/core'
import { call } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { createAnswerReader } from '../src/answer.ts'

const says = (text: string, index?: number): RunEvent => ({
  type: 'text',
  text,
  ...(index !== undefined && { index }),
})
const thinks = (text: string, index: number): RunEvent => ({ type: 'thinking', text, index })
const writes = (id: string, delta: string): RunEvent => ({
  type: 'tool_input',
  id,
  tool: 'echo',
  delta,
})

function message(...content: readonly AssistantPart[]): RunEvent {
  const whole: AssistantMessage = {
    role: 'assistant',
    content,
    provider: 'p',
    api: 'a',
    model: 'm',
    stopReason: 'stop',
  }
  return { type: 'message', message: whole }
}

/** Each step in a few letters: `open 0 text`, `0 Hi`, `close 0`. */
function read(...events: readonly RunEvent[]): readonly string[] {
  const reader = createAnswerReader()
  return [...events.flatMap((event) => reader.push(event)), ...reader.cut()].map((step) => {
    if (step.type === 'begin') return 'begin'
    if (step.type === 'end') return step.message ? 'end' : `end without message: ${step.stopReason}`
    const { block } = step
    if (step.type === 'open') return `open ${block.index} ${block.kind}`
    if (step.type === 'delta') return `${block.index} ${step.text}`
    return `close ${block.index}${step.whole ? '' : ' unfinished'}: ${step.text}`
  })
}

test('what is streamed comes as it is, and the message adds nothing', () => {
  const parts = [
    { type: 'thinking', text: 'Hm.' },
    { type: 'text', text: 'Hi you.' },
  ] as const
  expect(read(thinks('Hm.', 0), says('Hi ', 1), says('you.', 1), message(...parts))).toEqual([
    'begin',
    'open 0 thinking',
    '0 Hm.',
    'close 0: Hm.',
    'open 1 text',
    '1 Hi ',
    '1 you.',
    'close 1: Hi you.',
    'end',
  ])
})

test('of a log, which has no deltas, the message says all, in the order of its parts', () => {
  const text = { type: 'text', text: 'Hi.' } as const
  expect(read(message(text, call('1', 'echo', { a: 1 }), text))).toEqual([
    'begin',
    'open 0 text',
    '0 Hi.',
    'close 0: Hi.',
    'open 1 tool_call',
    '1 {"a":1}',
    'close 1: {"a":1}',
    'open 2 text',
    '2 Hi.',
    'close 2: Hi.',
    'end',
  ])
})

test('a reader that came late gets the rest', () => {
  expect(read(says('Hi '), message({ type: 'text', text: 'Hi you.' }))).toEqual([
    'begin',
    'open 0 text',
    '0 Hi ',
    '0 you.',
    'close 0: Hi you.',
    'end',
  ])
})

test('parts without numbers are one block, with numbers they are two', () => {
  const parts = [
    { type: 'text', text: 'A' },
    { type: 'text', text: 'B' },
  ] as const
  const closed = (steps: readonly string[]) => steps.filter((step) => step.startsWith('close'))
  expect(closed(read(says('A'), says('B'), message(...parts)))).toEqual(['close 0: AB'])
  expect(closed(read(says('A', 0), says('B', 1), message(...parts)))).toEqual([
    'close 0: A',
    'close 1: B',
  ])
})

test('calls that are written at the same time', () => {
  expect(
    read(
      writes('1', '{"a"'),
      writes('2', '{"b"'),
      writes('1', ':1}'),
      writes('2', ':2}'),
      message(call('1', 'echo', { a: 1 }), call('2', 'echo', { b: 2 })),
    ),
  ).toEqual([
    'begin',
    'open 0 tool_call',
    '0 {"a"',
    'open 1 tool_call',
    '1 {"b"',
    '0 :1}',
    '1 :2}',
    'close 0: {"a":1}',
    'close 1: {"b":2}',
    'end',
  ])
})

test('a call whose arguments did not stream gets them from the message', () => {
  expect(read(writes('1', ''), message(call('1', 'echo')))).toEqual([
    'begin',
    'open 0 tool_call',
    '0 {}',
    'close 0: {}',
    'end',
  ])
})

test('a call that is not in the message was not finished', () => {
  expect(read(writes('1', '{'), message({ type: 'text', text: 'No.' }))).toContain(
    'close 0 unfinished: {',
  )
})

test('where the message says something else, what was said stays', () => {
  expect(read(says('Hi.'), message({ type: 'text', text: 'Bye.' }))).toEqual([
    'begin',
    'open 0 text',
    '0 Hi.',
    'close 0: Hi.',
    'end',
  ])
})

test.each<[string, RunEvent, string]>([
  ['a failed turn', { type: 'turn_end', turn: 1, stopReason: 'cancelled' }, 'cancelled'],
  ['the next turn', { type: 'turn_start', turn: 2 }, 'error'],
])('%s ends an answer without a message', (_, event, reason) => {
  expect(read(says('Hi'), event)).toEqual([
    'begin',
    'open 0 text',
    '0 Hi',
    'close 0 unfinished: Hi',
    `end without message: ${reason}`,
  ])
  expect(read(event)).toEqual([])
})

test('the end of the events ends an answer too', () => {
  expect(read(says('Hi')).at(-1)).toBe('end without message: error')
})

test('an answer without content begins and ends', () => {
  expect(read(message())).toEqual(['begin', 'end'])
})
