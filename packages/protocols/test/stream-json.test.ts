import { ConfigError, ValidationError, type RunEvent, type RunResult } from '@harnext/core'
import { call } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import {
  controlError,
  controlSuccess,
  createStreamJsonProjector,
  toStreamJsonLine,
  toStreamJsonResult,
  type StreamJsonMessage,
  type StreamJsonOptions,
} from '../src/stream-json.ts'
import { record, stub } from './record.ts'
import { scenarios } from './scenarios.ts'

async function project(
  scenario: string,
  options: StreamJsonOptions = {},
): Promise<readonly StreamJsonMessage[]> {
  const events = (await scenarios[scenario]?.()) ?? []
  const projector = createStreamJsonProjector(options)
  return [...events.flatMap(projector.push), ...projector.end()]
}

const types = (lines: readonly StreamJsonMessage[]): readonly string[] =>
  lines.map((line) => ('subtype' in line ? `${line.type}/${line.subtype}` : line.type))

test('init, answers and results, the result last', async () => {
  expect(types(await project('tools'))).toEqual([
    'system/init',
    'assistant',
    'user',
    'user',
    'assistant',
    'result/success',
  ])
})

test('init has what the options say', async () => {
  const [init] = await project('tools', {
    cwd: '/here',
    permissionMode: 'accept_edits',
    mcpServers: [{ name: 'docs', status: 'connected' }],
    slashCommands: ['review'],
    agents: ['explore'],
    skills: ['pdf'],
    uuid: () => 'u',
  })
  expect(init).toEqual({
    type: 'system',
    subtype: 'init',
    cwd: '/here',
    model: 'model-1',
    permissionMode: 'acceptEdits',
    tools: ['echo', 'broken'],
    mcp_servers: [{ name: 'docs', status: 'connected' }],
    slash_commands: ['review'],
    agents: ['explore'],
    skills: ['pdf'],
    session_id: 'sess_1',
    uuid: 'u',
  })
})

test('a second run of the conversation knows the tools of the first', async () => {
  const events = await record(['Hi.'], { tools: [stub('echo', () => '')] })
  const projector = createStreamJsonProjector()
  events.flatMap(projector.push)
  const second = events.filter(({ type }) => type !== 'prompt').flatMap(projector.push)
  expect(second[0]).toMatchObject({ subtype: 'init', tools: ['echo'] })
  expect(types(second)).toEqual(['system/init', 'assistant', 'result/success'])
})

test('requests are printed only where somebody answers them', async () => {
  expect(types(await project('denials'))).not.toContain('control_request')
  const lines = await project('denials', { permissionRequests: true })
  expect(lines.filter(({ type }) => type === 'control_request')).toMatchObject([
    { request_id: '1', request: { subtype: 'can_use_tool', tool_name: 'bash' } },
    { request_id: '3', request: { input: { command: 'date' } } },
    { request_id: '4' },
  ])
  // Each was answered.
  expect(types(lines)).not.toContain('control_cancel_request')
})

test.each(['cancelled while it asks', 'nobody to ask', 'paused'])(
  'a request that nobody answered is taken back: %s',
  async (scenario) => {
    const lines = await project(scenario, { permissionRequests: true })
    const asked = lines.findIndex(({ type }) => type === 'control_request')
    const back = lines.findIndex(({ type }) => type === 'control_cancel_request')
    expect(asked).toBeGreaterThan(0)
    expect(back).toBeGreaterThan(asked)
    expect(lines[back]).toEqual({ type: 'control_cancel_request', request_id: '1' })
  },
)

test('a stream that is cut says what it is, and takes back what it asked', async () => {
  const events = (await scenarios['paused']?.()) ?? []
  const projector = createStreamJsonProjector({ permissionRequests: true })
  events.slice(0, 1).flatMap(projector.push)
  expect(types(projector.end())).toEqual(['system/init'])
  const asked = events.findIndex(({ type }) => type === 'permission_request')
  events.slice(1, asked + 1).flatMap(projector.push)
  expect(types(projector.end())).toEqual(['control_cancel_request'])
})

const complete: RunResult = {
  text: 'Hi.',
  output: null,
  steps: [],
  filesChanged: [],
  filesChangedComplete: true,
  usage: {
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWriteTokens: 4,
    reasoningTokens: 0,
    totalTokens: 10,
    costUsd: 0.5,
  },
  sessionId: 'sess_1',
  runId: 'run_1',
  turns: 1,
  toolCalls: 0,
  stopReason: 'complete',
  success: true,
  cancelled: false,
  messages: [],
  durationMs: 7.4,
}

test('the result alone is the whole of the json format', () => {
  expect(toStreamJsonResult(complete)).toEqual({
    type: 'result',
    subtype: 'success',
    is_error: false,
    run_stop_reason: 'complete',
    result: 'Hi.',
    stop_reason: null,
    duration_ms: 7,
    duration_api_ms: 7,
    num_turns: 1,
    total_cost_usd: 0.5,
    usage: {
      input_tokens: 1,
      output_tokens: 2,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 4,
    },
    permission_denials: [],
    session_id: 'sess_1',
    uuid: 'run_1',
  })
})

test.each<[RunResult['stopReason'], string]>([
  ['complete', 'success'],
  ['max_turns', 'error_max_turns'],
  ['budget', 'error_max_budget_usd'],
  ['cancelled', 'error_during_execution'],
  ['paused', 'error_during_execution'],
  ['length', 'error_during_execution'],
  ['refused', 'error_during_execution'],
  ['error', 'error_during_execution'],
])('a run that ended as %s is %s', (stopReason, subtype) => {
  const result = toStreamJsonResult({ ...complete, stopReason })
  expect(result).toMatchObject({ subtype, is_error: subtype !== 'success' })
  expect(result.errors?.every((error) => error.length > 10)).toBe(
    subtype === 'success' ? undefined : true,
  )
})

test('an error is told; an answer that did not fit the schema has a subtype of its own', () => {
  const failed = { ...complete, stopReason: 'error' } as const
  const config = toStreamJsonResult({ ...failed, error: new ConfigError('No model.') })
  expect(config.errors).toEqual(['No model.'])
  const invalid = toStreamJsonResult({
    ...failed,
    error: new ValidationError('Not the shape.', ['$.a']),
  })
  expect(invalid.subtype).toBe('error_max_structured_output_retries')
})

test('what an output schema asked for is in the result', () => {
  const result = toStreamJsonResult({ ...(complete as RunResult<unknown>), output: { a: 1 } })
  expect(result.structured_output).toEqual({ a: 1 })
})

test('redacted thinking has a block, what only its vendor reads has none', () => {
  const event: RunEvent = {
    type: 'message',
    message: {
      role: 'assistant',
      content: [
        { type: 'thinking', text: '', redacted: true },
        { type: 'provider', opaque: { by: 'x', model: 'm', data: 1 } },
        call('1', 'mcp:docs.search'),
      ],
      provider: 'p',
      api: 'a',
      model: 'm',
      stopReason: 'stop',
      rawStopReason: 'stop_sequence',
    },
  }
  expect(createStreamJsonProjector().push(event)[0]).toMatchObject({
    message: {
      content: [
        { type: 'redacted_thinking' },
        { type: 'tool_use', id: '1', name: 'mcp__docs__search' },
      ],
      stop_reason: 'stop_sequence',
    },
  })
})

test('a line is one line for every reader', () => {
  const text = 'a\nb\r\u2028c\u2029'
  const line = toStreamJsonLine({
    type: 'user',
    message: { role: 'user', content: [{ type: 'text', text }] },
    parent_tool_use_id: null,
    session_id: 's',
    uuid: 'u',
  })
  expect(line).toMatch(/^[^\n\r\u2028\u2029]*\n$/)
  expect(JSON.parse(line)).toMatchObject({ message: { content: [{ text }] } })
})

test('answers to what the client asks', () => {
  expect(controlSuccess('r1')).toEqual({
    type: 'control_response',
    response: { subtype: 'success', request_id: 'r1' },
  })
  expect(controlSuccess('r1', { model: 'm' }).response).toMatchObject({ response: { model: 'm' } })
  expect(controlError('r1', 'No.').response).toEqual({
    subtype: 'error',
    request_id: 'r1',
    error: 'No.',
  })
})
