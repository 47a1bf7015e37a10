import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  BudgetExceeded,
  HarnextError,
  ProviderError,
  RateLimitError,
  SessionCorrupt,
} from '../../src/errors.ts'
import type { RunEvent } from '../../src/events.ts'
import type { AssistantMessage } from '../../src/messages.ts'
import type { RunResult } from '../../src/run/result.ts'
import { fromRecord, isBarrier, isRecorded, toRecord } from '../../src/session/record.ts'
import type { SessionRecord } from '../../src/session/store.ts'
import { validateJson } from '../../src/tool/validate.ts'
import { zeroUsage } from '../../src/usage.ts'

type EventOf<Type extends RunEvent['type']> = RunEvent & { readonly type: Type }

const identity = {
  sessionId: 'sess_0',
  runId: 'run_0',
  provider: 'p',
  model: 'm',
  systemHash: 'a',
  toolsHash: 'b',
}
const assistant: AssistantMessage = {
  role: 'assistant',
  content: [
    { type: 'text', text: 'hi' },
    {
      type: 'thinking',
      text: '',
      redacted: true,
      opaque: { by: 'p.m', model: 'm', data: [1, null] },
    },
    { type: 'tool_call', id: 'c', tool: 'read', args: { path: 'ä' } },
  ],
  provider: 'p',
  api: 'p.m',
  model: 'm',
  stopReason: 'tool_calls',
  usage: zeroUsage,
}
const result: RunResult<unknown> = {
  text: 'done',
  output: null,
  steps: [],
  filesChanged: [],
  filesChangedComplete: true,
  usage: { ...zeroUsage, totalTokens: 0 },
  sessionId: 'sess_0',
  runId: 'run_0',
  turns: 1,
  toolCalls: 0,
  stopReason: 'complete',
  success: true,
  cancelled: false,
  messages: [assistant],
  durationMs: 12,
}
const rateLimit = new RateLimitError('slow down', {
  kind: 'rate_limit',
  status: 429,
  retryAfterMs: 1_500,
  retryable: true,
})
const effects = [{ kind: 'read', target: '/a' }] as const

// Complete by its type: a new event does not compile without a sample.
const samples: { readonly [Type in RunEvent['type']]: readonly EventOf<Type>[] } = {
  run_start: [{ type: 'run_start', ...identity }],
  run_resumed: [{ type: 'run_resumed', ...identity, agentPath: ['child'] }],
  run_end: [
    { type: 'run_end', result },
    {
      type: 'run_end',
      result: { ...result, stopReason: 'error', error: rateLimit, verification: 'failed' },
      agentPath: ['child'],
    },
  ],
  error: [
    { type: 'error', error: rateLimit },
    {
      type: 'error',
      error: new BudgetExceeded('too much', { kind: 'cost', used: 1, limit: 2, needed: 3 }),
    },
    { type: 'error', error: new SessionCorrupt('s', 7, 'bad'), agentPath: ['a', 'b'] },
  ],
  text: [{ type: 'text', text: 'a' }],
  thinking: [{ type: 'thinking', text: 'a', index: 0 }],
  tool_input: [{ type: 'tool_input', id: 'c', tool: 'read', delta: '{' }],
  warning: [{ type: 'warning', code: 'x', message: 'y' }],
  retry: [{ type: 'retry', attempt: 1, delayMs: 5, error: rateLimit }],
  fallback: [
    { type: 'fallback', from: 'a', to: 'b', error: new ProviderError('x', { kind: 'server' }) },
  ],
  tool_call: [{ type: 'tool_call', id: 'c', tool: 'read', args: {} }],
  message: [
    { type: 'message', message: assistant },
    { type: 'message', message: { role: 'user', content: [], origin: 'steer' } },
  ],
  usage: [{ type: 'usage', ...zeroUsage, costUsd: null }],
  verification: [
    {
      type: 'verification',
      round: 1,
      turn: 2,
      verification: 'failed',
      checks: [{ check: 'npm test', status: 'failed', exitCode: 1, output: 'no' }],
    },
  ],
  turn_start: [
    { type: 'turn_start', turn: 1 },
    { type: 'turn_start', turn: 2, reservedUsd: 0.5, reservedTokens: 7, elapsedMs: 8 },
  ],
  turn_end: [{ type: 'turn_end', turn: 1, stopReason: 'stop', rawStopReason: 'end_turn' }],
  permission_request: [
    { type: 'permission_request', id: 'c', tool: 'read', args: null, effects, reason: 'why' },
  ],
  permission_decision: [
    {
      type: 'permission_decision',
      id: 'c',
      decision: 'allow',
      tier: 'rule',
      rule: 'read(*)',
      by: 'user',
      args: [],
      message: 'ok',
      remember: [{ tool: 'read', decision: 'allow', exact: true }],
    },
  ],
  tool_start: [
    { type: 'tool_start', id: 'c', tool: 'read', args: {}, effects, idempotencyKey: 'k' },
  ],
  tool_progress: [{ type: 'tool_progress', id: 'c', update: 1 }],
  tool_result: [
    toolResult([{ type: 'text', text: 'one' }], 'one'),
    toolResult([{ type: 'text', text: '' }], ''),
    toolResult([], ''),
    toolResult(
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      'ab',
    ),
    toolResult([{ type: 'text', text: 'for the model' }], 'something else'),
    toolResult([{ type: 'image', url: 'https://a.test' }], ''),
  ],
  process: [{ type: 'process', id: 'c', pid: 7, startedAt: '1' }],
  prompt: [{ type: 'prompt', hash: 'h', system: 's', tools: [] }],
  compaction: [{ type: 'compaction', tokensBefore: 2, tokensAfter: 1, summary: 's', replaced: 3 }],
  cache_break: [{ type: 'cache_break', segment: 'tools', cause: 'c', tokens: 1, costUsd: null }],
  budget_warning: [{ type: 'budget_warning', kind: 'cost', used: 1, limit: 2, fraction: 0.5 }],
  budget_exceeded: [{ type: 'budget_exceeded', kind: 'tokens', used: 1, limit: 1, fraction: 1 }],
  subagent_start: [{ type: 'subagent_start', agent: 'a', id: 'c', task: 't', call: '1' }],
  subagent_end: [
    {
      type: 'subagent_end',
      id: 'c',
      result: { agent: 'a', stopReason: 'complete', text: 't', turns: 1, toolCalls: 0 },
    },
  ],
}
const all: readonly RunEvent[] = Object.values(samples).flat()

function toolResult(
  content: EventOf<'tool_result'>['content'],
  output: string,
): EventOf<'tool_result'> {
  return {
    type: 'tool_result',
    id: 'c',
    tool: 'read',
    status: 'ok',
    content,
    output,
    durationMs: 3,
    reason: 'timeout',
    changes: ['/a'],
  }
}

/** What the log promises to give back. */
function kept(event: RunEvent): object {
  if (event.type !== 'run_end') return event
  const { stopReason, durationMs, error, verification } = event.result
  return {
    type: 'run_end',
    stopReason,
    durationMs,
    ...(error && { error }),
    ...(verification && { verification }),
    ...(event.agentPath && { agentPath: event.agentPath }),
  }
}

/** With its error as a value: an error that was revived has no stack. */
function comparable(event: object | null): unknown {
  if (!event || !('error' in event) || !HarnextError.is(event.error)) return event
  return { ...event, error: event.error.toJSON() }
}

/** The record as a log gives it back. */
function logged(event: RunEvent): SessionRecord | null {
  return isRecorded(event) ? JSON.parse(JSON.stringify(toRecord(event, 5, 1_000))) : null
}

const schema = JSON.parse(
  readFileSync(new URL('../../session-log.schema.json', import.meta.url), 'utf8'),
)

describe('the schema of a line', () => {
  const problemsOf = (line: object, name?: string) => {
    const chosen = name === undefined ? schema : { ...schema.$defs[name], $defs: schema.$defs }
    return validateJson(chosen, JSON.parse(JSON.stringify(line)))
  }

  test.each(all.filter(isRecorded).map((event) => [event.type, event] as const))(
    '%s fits the schema of its type, and that of a line',
    (type, event) => {
      const line = { ...logged(event), crc: '01234567' }
      expect(problemsOf(line, type)).toEqual([])
      expect(problemsOf(line)).toEqual([])
      // A field that it has to have is missed.
      for (const field of schema.$defs[type].required.slice(3)) {
        const { [field]: _, ...without } = line as Record<string, unknown>
        expect([field, problemsOf(without, type)]).not.toEqual([field, []])
      }
    },
  )

  test('has every type that a run records, and no other', () => {
    const recorded = new Set(all.filter(isRecorded).map(({ type }) => type))
    const listed = schema.oneOf.map(({ $ref }: { $ref: string }) => $ref.slice('#/$defs/'.length))
    expect(new Set(listed)).toEqual(new Set(['session', ...recorded, 'other']))
    expect(new Set(schema.$defs.other.properties.type.not.enum)).toEqual(
      new Set(['session', ...recorded]),
    )
  })

  test('takes a header, and records of another release', () => {
    const header = {
      type: 'session',
      version: 1,
      id: 's',
      cwd: '/',
      createdAt: 'now',
      crc: '0a0b0c0d',
    }
    expect(problemsOf(header)).toEqual([])
    expect(problemsOf({ ...header, version: 2 })).not.toEqual([])
    expect(problemsOf({ seq: 1, time: 2, type: 'later', more: [] })).toEqual([])
    expect(problemsOf({ seq: 0, time: 2, type: 'later' })).not.toEqual([])
    expect(problemsOf({ seq: 1, time: 2, type: 'turn_start' })).not.toEqual([])
  })
})

describe('records', () => {
  test('everything but deltas and calls is kept', () => {
    const left = new Set(all.filter((event) => !isRecorded(event)).map(({ type }) => type))
    expect(left).toEqual(new Set(['text', 'thinking', 'tool_input', 'tool_progress', 'tool_call']))
  })

  test('what an effect, a person or the end of a run depends on is a barrier', () => {
    expect(new Set(all.filter(isBarrier).map(({ type }) => type))).toEqual(
      new Set(['tool_start', 'tool_result', 'permission_request', 'turn_end', 'error', 'run_end']),
    )
  })

  test.each(all.filter(isRecorded).map((event) => [event.type, event] as const))(
    '%s comes back from a log',
    (type, event) => {
      const record = logged(event)
      expect(record).toMatchObject({ seq: 5, time: 1_000, type })
      expect(comparable(fromRecord(record as SessionRecord))).toEqual(comparable(kept(event)))
    },
  )

  test('errors come back as their class, with their fields', () => {
    for (const event of all) {
      if (event.type !== 'error' && event.type !== 'retry' && event.type !== 'fallback') continue
      const back = fromRecord(logged(event) as SessionRecord)
      if (!back || !('error' in back) || !back.error) throw new Error(`no error in ${event.type}`)
      expect(back.error.constructor).toBe(event.error.constructor)
      expect(HarnextError.is(back.error)).toBe(true)
      expect(back.error.toJSON()).toEqual(event.error.toJSON())
      expect(back.error.message).toBe(event.error.message)
    }
  })

  test('the text of a result is held once', () => {
    const outputs = samples.tool_result.map((event) => logged(event)?.['output'])
    expect(outputs).toEqual([undefined, undefined, '', 'ab', 'something else', ''])
  })

  test('the end of a run is kept small', () => {
    const [plain] = samples.run_end
    expect(plain && logged(plain)).toEqual({
      seq: 5,
      time: 1_000,
      type: 'run_end',
      stopReason: 'complete',
      durationMs: 12,
    })
  })

  test('the event is not changed', () => {
    const before = JSON.stringify(all)
    for (const event of all) logged(event)
    expect(JSON.stringify(all)).toBe(before)
  })

  test('types of another release, and of no release, are null', () => {
    for (const type of ['of_another_release', 'session', 'text', 'toString', '__proto__', ''])
      expect([type, fromRecord({ seq: 1, time: 1, type })]).toEqual([type, null])
  })

  test('fields of another release stay', () => {
    const record = { seq: 1, time: 1, type: 'turn_start', turn: 1, later: [1] }
    expect(fromRecord(record)).toEqual({ type: 'turn_start', turn: 1, later: [1] })
  })

  test('an error that is none is still an error', () => {
    const back = fromRecord({ seq: 1, time: 1, type: 'error', error: 'broken' })
    expect(back).toMatchObject({ type: 'error', error: { code: 'internal' } })
    expect(back?.type === 'error' && HarnextError.is(back.error)).toBe(true)
  })
})
