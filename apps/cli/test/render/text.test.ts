import {
  BudgetExceeded,
  ConfigError,
  ProviderError,
  RateLimitError,
  newState,
  type PermissionDecisionEvent,
  type RunEvent,
  type RunResult,
} from '@harnext/core'
import { expect, test } from 'vitest'
import { styleFor } from '../../src/render/style.ts'
import { TextRenderer, type TextOptions } from '../../src/render/text.ts'
import { fakeIo } from '../fake-io.ts'

const style = styleFor(fakeIo().stderr, {})
const identity = {
  sessionId: 'sess_1',
  runId: 'run_1',
  provider: 'anthropic',
  model: 'claude-sonnet-5-5',
  systemHash: '',
  toolsHash: '',
}
const start: RunEvent = { type: 'run_start', ...identity }
const user = { role: 'user', content: [{ type: 'text', text: 'go' }] } as const
const answered: RunEvent = {
  type: 'message',
  message: {
    role: 'assistant',
    content: [],
    provider: 'a',
    api: 'a',
    model: 'm',
    stopReason: 'stop',
  },
}

function show(events: readonly RunEvent[], options: Partial<TextOptions> = {}) {
  const renderer = new TextRenderer({ style, mode: 'auto', isShared: false, ...options })
  const chunks = events.flatMap((event) => renderer.render(event))
  const join = (to?: string): string =>
    chunks.map((chunk) => (to === undefined || chunk.to === to ? chunk.text : '')).join('')
  return { stdout: join('stdout'), stderr: join('stderr'), screen: join() }
}

function end(given: Partial<RunResult> = {}): RunEvent {
  const whole: RunResult = {
    text: '',
    output: null,
    steps: [],
    filesChanged: [],
    filesChangedComplete: true,
    usage: { ...newState().run.usage, totalTokens: 1234 },
    sessionId: 'sess_1',
    runId: 'run_1',
    turns: 2,
    toolCalls: 0,
    stopReason: 'complete',
    success: (given.stopReason ?? 'complete') === 'complete',
    cancelled: false,
    messages: [user],
    durationMs: 1,
    ...given,
  }
  return { type: 'run_end', result: whole }
}

function call(id: string, command: string): readonly RunEvent[] {
  const args = { command }
  return [
    { type: 'tool_call', id, tool: 'bash', args },
    { type: 'tool_start', id, tool: 'bash', args, effects: [], idempotencyKey: '' },
  ]
}

function result(id: string, given: Partial<Extract<RunEvent, { type: 'tool_result' }>>): RunEvent {
  const { output = '' } = given
  return {
    type: 'tool_result',
    id,
    tool: 'bash',
    status: 'ok',
    content: [],
    durationMs: 1500,
    ...given,
    output,
  }
}

test('the words of the model go to standard output, each part and each answer on lines of its own', () => {
  const { stdout, stderr } = show([
    start,
    { type: 'text', text: 'One ', index: 0 },
    { type: 'text', text: 'line.', index: 0 },
    { type: 'text', text: 'A part.', index: 2 },
    answered,
    { type: 'text', text: 'An end.\n', index: 0 },
    answered,
    end(),
  ])
  expect(stdout).toBe('One line.\nA part.\nAn end.\n')
  expect(stderr).toBe(
    'session sess_1, anthropic/claude-sonnet-5-5, auto mode\n2 turns, 1,234 tokens, $0.0000, session sess_1\n',
  )
})

test('where both are one screen, nothing begins in the middle of a line', () => {
  const warning: RunEvent = { type: 'warning', code: 'x', message: 'Careful.' }
  const events: readonly RunEvent[] = [
    { type: 'text', text: 'In the mid' },
    warning,
    { type: 'text', text: 'dle.' },
    answered,
    warning,
  ]
  expect(show(events, { isShared: true }).screen).toBe(
    'In the mid\nwarning: Careful.\ndle.\nwarning: Careful.\n',
  )
  expect(show(events).stdout).toBe('In the middle.\n')
  expect(show(events).stderr).toBe('warning: Careful.\nwarning: Careful.\n')
})

test('calls and their outcomes', () => {
  const { stderr } = show([
    ...call('1', 'npm test'),
    ...call('2', `echo a\n  b ${'x'.repeat(500)}`),
    result('2', {}),
    result('1', {
      status: 'error',
      reason: 'timeout',
      output: 'Timed out.\n\none\ntwo\nthree\nfour',
    }),
    { type: 'tool_call', id: '3', tool: 'demo', args: { b: 1 } },
    result('3', { tool: 'demo', status: 'error', reason: 'invalid', output: 'No such tool.' }),
  ])
  const long = `echo a b ${'x'.repeat(150)}…`
  expect(stderr.split('\n')).toEqual([
    '> bash npm test',
    `> bash ${long}`,
    `  ok bash ${long} (1.5 s)`,
    '  timeout bash npm test (1.5 s)',
    '    Timed out.',
    '    one',
    '    two',
    '  invalid demo {"b":1} (1.5 s)',
    '    No such tool.',
    '',
  ])
})

test.each<[Partial<PermissionDecisionEvent>, string]>([
  [{ by: 'engine', tier: 'floor', message: 'a floor' }, '[floor] a floor'],
  [
    { by: 'engine', tier: 'rule', rule: 'bash(rm)', message: 'by a rule' },
    '[rule, bash(rm)] by a rule',
  ],
  [
    { by: 'nobody', tier: 'mode', rule: 'bash(rm:*)', message: 'would' },
    '[mode, bash(rm:*)] would',
  ],
  [{ by: 'user', tier: 'mode', message: 'declined' }, '[user] declined'],
  [{ by: 'hook', tier: 'rule', message: 'no' }, '[hook] no'],
])('a denial by %j says who and why', (given, text) => {
  const decision: RunEvent = {
    type: 'permission_decision',
    id: '1',
    decision: 'deny',
    tier: 'mode',
    by: 'engine',
    ...given,
  }
  const [asked] = call('1', 'rm a')
  const denied = result('1', { status: 'denied', output: 'Permission denied. x' })
  expect(show([asked!, decision, denied]).stderr).toBe(`  denied bash rm a: ${text}\n`)
})

test('what is denied while a call runs has no decision of its own', () => {
  const denied = result('1', { status: 'denied', output: 'network b.example is not allowed' })
  expect(show([...call('1', 'x'), denied]).stderr).toContain(
    '  denied bash x: network b.example is not allowed\n',
  )
})

test('waits, warnings and thresholds', () => {
  const error = new RateLimitError('Too many.', { kind: 'rate_limit' })
  const { stderr } = show([
    { type: 'retry', attempt: 2, delayMs: 12_000, error },
    { type: 'fallback', from: 'a/b', to: 'c/d', error },
    { type: 'budget_warning', kind: 'cost', used: 0.8, limit: 1, fraction: 0.8 },
    { type: 'compaction', tokensBefore: 120_000, tokensAfter: 8000, summary: 's', replaced: 3 },
  ])
  expect(stderr).toBe(
    [
      'retry 2 in 12 s: Too many.',
      'going on with c/d, because a/b failed: Too many.',
      'budget: 80 % of the cost is used',
      'context shortened from 120,000 to 8,000 tokens',
      '',
    ].join('\n'),
  )
})

test('thinking is said once an answer, and only to a screen', () => {
  const events: readonly RunEvent[] = [
    { type: 'thinking', text: 'a' },
    { type: 'thinking', text: 'b' },
    answered,
    { type: 'thinking', text: 'c' },
  ]
  expect(show(events, { isShared: true }).screen).toBe('thinking …\nthinking …\n')
  expect(show(events).screen).toBe('')
})

test.each<[Partial<RunResult>, readonly string[]]>([
  [
    { turns: 1, usage: { ...newState().run.usage, costUsd: null, totalTokens: 1 } },
    ['1 turn, 1 token, cost unknown, session sess_1'],
  ],
  [{ filesChanged: ['a', 'b'] }, ['2 turns, 1,234 tokens, $0.0000, session sess_1; changed: a, b']],
  [
    { filesChanged: ['odd\nname'] },
    ['2 turns, 1,234 tokens, $0.0000, session sess_1; changed: odd name'],
  ],
  [
    {
      filesChanged: Array.from({ length: 12 }, (_, index) => `${index}`),
      filesChangedComplete: false,
    },
    [
      '2 turns, 1,234 tokens, $0.0000, session sess_1; changed: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more (commands may have changed others)',
    ],
  ],
  [
    { stopReason: 'cancelled' },
    ['cancelled after 2 turns, 1,234 tokens, $0.0000, session sess_1', 'Go on: harnext -r sess_1'],
  ],
  [
    { stopReason: 'length' },
    [
      'error: the answer was cut off at the most tokens that the model may write.',
      'length after 2 turns, 1,234 tokens, $0.0000, session sess_1',
    ],
  ],
  [
    { stopReason: 'refused' },
    [
      'error: the model refused to answer.',
      'refused after 2 turns, 1,234 tokens, $0.0000, session sess_1',
    ],
  ],
  [
    {
      stopReason: 'budget',
      error: new BudgetExceeded('No room.', { kind: 'cost', used: 1, limit: 1, needed: 1 }),
    },
    [
      'error: No room.',
      'budget after 2 turns, 1,234 tokens, $0.0000, session sess_1',
      'Go on with a higher limit: harnext -r sess_1',
    ],
  ],
  [
    { stopReason: 'error', error: new ProviderError('Bad \u001B[31mkey.', { kind: 'auth' }) },
    [
      'error: Bad ␛[31mkey. Check ANTHROPIC_API_KEY.',
      'error after 2 turns, 1,234 tokens, $0.0000, session sess_1',
      'Go on: harnext -r sess_1',
    ],
  ],
])('the end of a run with %j', (given, lines) => {
  expect(
    show([start, end(given)])
      .stderr.split('\n')
      .slice(1, -1),
  ).toEqual(lines)
})

test('of a run that could not begin only its error is said', () => {
  const error = new ConfigError('It makes no sense.')
  expect(
    show([{ type: 'error', error }, end({ stopReason: 'error', error, messages: [] })]).screen,
  ).toBe('error: It makes no sense.\n')
})

test('an answer that an earlier process printed is printed again where only the end was missing', () => {
  const resumed: RunEvent = { type: 'run_resumed', ...identity }
  expect(show([resumed, end({ text: 'All done.' })]).stdout).toBe('All done.\n')
  expect(show([resumed, { type: 'text', text: 'More.' }, end({ text: 'More.' })]).stdout).toBe(
    'More.\n',
  )
  expect(show([start, end({ text: 'Half', stopReason: 'error' })]).stdout).toBe('')
})

test('nothing of a model, a tool or a file drives the terminal', () => {
  const evil = 'a\u001B]0;x\u0007\u009B2J\r'
  const { screen } = show([
    { type: 'run_start', ...identity, model: evil },
    { type: 'text', text: evil },
    { type: 'warning', code: evil, message: evil },
    ...call('1', evil),
    result('1', { status: 'error', tool: evil, output: evil }),
    { type: 'tool_call', id: '2', tool: evil, args: { [evil]: evil } },
    {
      type: 'permission_decision',
      id: '2',
      decision: 'deny',
      tier: 'rule',
      by: 'engine',
      rule: evil,
      message: evil,
    },
    result('2', { tool: evil, status: 'denied', output: evil }),
    { type: 'retry', attempt: 1, delayMs: 1, error: new ProviderError(evil, { kind: 'server' }) },
    { type: 'subagent_start', agent: evil, id: '3', task: evil, call: '1' },
    end({
      filesChanged: [evil],
      stopReason: 'error',
      error: new ProviderError(evil, { kind: 'server' }),
    }),
  ])
  // oxlint-disable-next-line no-control-regex -- this is what it is about
  expect(screen).not.toMatch(/[\0-\x08\x0B-\x1F\x7F-\x9F]/)
})
