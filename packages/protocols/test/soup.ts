import {
  HarnextError,
  ProviderError,
  zeroUsage,
  type AssistantPart,
  type RunEvent,
  type RunResult,
} from '@harnext/core'
import fc from 'fast-check'

// Events in any order: not a run, but what a reader may get that begins in the middle, or an adapter that keeps no rule.

const id = fc.constantFrom('1', '2', '')
const tool = fc.constantFrom('echo', 'mcp:docs.search')
const text = fc.string({ maxLength: 6 })
const failure = fc
  .constantFrom('network', 'rate_limit')
  .map((kind) => new ProviderError('Failed.', { kind }))

const part: fc.Arbitrary<AssistantPart> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.record({ type: fc.constant('thinking' as const), text }),
  fc.record({ type: fc.constant('thinking' as const), text, redacted: fc.constant(true as const) }),
  fc.record({ type: fc.constant('tool_call' as const), id, tool, args: fc.constant({ a: 1 }) }),
  fc.record({
    type: fc.constant('tool_call' as const),
    id,
    tool,
    args: fc.constant('{'),
    invalid: fc.constant('Not JSON.'),
  }),
  fc.record({ type: fc.constant('source' as const), url: fc.constant('https://example.org') }),
  fc.constant<AssistantPart>({
    type: 'provider',
    opaque: { by: 'x', model: 'y', data: null },
  }),
)

const stopReason = fc.constantFrom('stop', 'tool_calls', 'length', 'error', 'other' as const)

const result = fc
  .constantFrom<RunResult['stopReason'][]>('complete', 'paused', 'cancelled', 'error', 'budget')
  .map((reason): RunResult => ({
    text: '',
    output: null,
    steps: [],
    filesChanged: [],
    filesChangedComplete: true,
    usage: { ...zeroUsage, totalTokens: 0 },
    sessionId: 'sess_1',
    runId: 'run_1',
    turns: 0,
    toolCalls: 0,
    stopReason: reason,
    success: reason === 'complete',
    cancelled: reason === 'cancelled',
    ...(reason === 'error' && { error: new HarnextError('It failed.') }),
    messages: [],
    durationMs: 1,
  }))

const said: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('text', 'thinking'), text }) as fc.Arbitrary<RunEvent>,
  fc.record({
    type: fc.constantFrom('text', 'thinking'),
    text,
    index: fc.nat(2),
  }) as fc.Arbitrary<RunEvent>,
  fc.record({ type: fc.constant('tool_input' as const), id, tool, delta: text }),
  fc.record({
    type: fc.constant('message' as const),
    message: fc.record({
      role: fc.constant('assistant' as const),
      content: fc.array(part, { maxLength: 4 }),
      provider: fc.constant('p'),
      api: fc.constant('a'),
      model: fc.constant('m'),
      stopReason,
    }),
  }),
  fc.record({
    type: fc.constant('message' as const),
    message: fc.record({
      role: fc.constant('user' as const),
      content: fc.constant([{ type: 'text' as const, text: 'Hm.' }]),
      origin: fc.constantFrom('user', 'reminder', 'steer', 'summary'),
    }),
  }),
)

const called: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({ type: fc.constant('tool_call' as const), id, tool, args: fc.constant({}) }),
  fc.record({
    type: fc.constant('permission_request' as const),
    id,
    tool,
    args: fc.constant({}),
    effects: fc.constant([]),
    reason: fc.constant('Why not.'),
  }),
  fc.record({
    type: fc.constant('permission_decision' as const),
    id,
    decision: fc.constantFrom('allow', 'deny'),
    tier: fc.constant('mode' as const),
    by: fc.constantFrom('user', 'engine', 'nobody'),
  }),
  fc.record({
    type: fc.constant('permission_decision' as const),
    id,
    decision: fc.constant('allow' as const),
    tier: fc.constant('mode' as const),
    by: fc.constant('user' as const),
    args: fc.constant({ b: 2 }),
    message: fc.constant('Go on.'),
  }),
  fc.record({
    type: fc.constant('tool_start' as const),
    id,
    tool,
    args: fc.constant({}),
    effects: fc.constant([]),
    idempotencyKey: fc.constant('k'),
  }),
  fc.record({ type: fc.constant('tool_progress' as const), id, update: fc.constant(0.5) }),
  fc.record({
    type: fc.constant('tool_result' as const),
    id,
    tool,
    status: fc.constantFrom('ok', 'error', 'denied'),
    content: fc.constant([{ type: 'text' as const, text: 'out' }]),
    output: fc.constant('out'),
    durationMs: fc.constant(1),
    changes: fc.constant(['/a']),
  }),
)

const identity = { sessionId: 'sess_1', runId: 'run_1', provider: 'p', model: 'm' }
const other: fc.Arbitrary<RunEvent> = fc.oneof(
  fc
    .constantFrom('run_start', 'run_resumed')
    .map((type): RunEvent => ({ type, ...identity, systemHash: 'h', toolsHash: 'h' })),
  fc.record({ type: fc.constant('run_end' as const), result }),
  fc.record({ type: fc.constant('error' as const), error: failure }),
  fc.record({ type: fc.constant('turn_start' as const), turn: fc.nat(3) }),
  fc.record({ type: fc.constant('turn_end' as const), turn: fc.nat(3), stopReason }),
  fc.record({
    type: fc.constant('retry' as const),
    attempt: fc.constant(1),
    delayMs: fc.constant(5),
    error: failure,
  }),
  fc.record({
    type: fc.constant('fallback' as const),
    from: fc.constant('a'),
    to: fc.constant('b'),
    error: failure,
  }),
  fc.constantFrom<RunEvent>(
    { type: 'usage', ...zeroUsage },
    { type: 'prompt', hash: 'h', system: 's', tools: [] },
    { type: 'process', id: '1', pid: 1, startedAt: 'x' },
    { type: 'warning', code: 'c', message: 'm' },
    { type: 'compaction', tokensBefore: 2, tokensAfter: 1, summary: 's', replaced: 1 },
    { type: 'cache_break', segment: 's', cause: 'c', tokens: 1, costUsd: null },
    { type: 'budget_warning', kind: 'cost', used: 1, limit: 2, fraction: 0.5 },
    { type: 'budget_exceeded', kind: 'tokens', used: 2, limit: 2, fraction: 1 },
    { type: 'verification', round: 1, turn: 1, verification: 'failed', checks: [] },
    { type: 'subagent_start', agent: 'a', id: '1', task: 't', call: '1' },
    {
      type: 'subagent_end',
      id: '1',
      result: { agent: 'a', stopReason: 'complete', text: 'done', turns: 1, toolCalls: 0 },
    },
  ),
)

export const soup: fc.Arbitrary<readonly RunEvent[]> = fc.array(
  fc
    .tuple(
      fc.oneof(
        { weight: 4, arbitrary: said },
        { weight: 4, arbitrary: called },
        { weight: 2, arbitrary: other },
      ),
      fc.option(fc.constant(['1']), { freq: 8, nil: undefined }),
    )
    .map(([event, agentPath]): RunEvent => ({ ...event, ...(agentPath && { agentPath }) })),
  { maxLength: 40 },
)
