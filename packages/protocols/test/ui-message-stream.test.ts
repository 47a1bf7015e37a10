import type { RunEvent, ToolResultEvent } from '@harnext/core'
import { call } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import {
  createUiMessageStreamProjector,
  toServerSentEvent,
  type UiMessageChunk,
} from '../src/ui-message-stream.ts'
import { record, stub } from './record.ts'
import { scenarios } from './scenarios.ts'

function project(events: readonly RunEvent[]): readonly UiMessageChunk[] {
  const projector = createUiMessageStreamProjector()
  return [...events.flatMap(projector.push), ...projector.end()]
}

const result = (id: string, rest: Partial<ToolResultEvent> = {}): RunEvent => ({
  type: 'tool_result',
  id,
  tool: 'fetch',
  status: 'ok',
  content: [{ type: 'text', text: 'done' }],
  output: 'done',
  durationMs: 1,
  ...rest,
})
const request = (id: string): RunEvent => ({
  type: 'permission_request',
  id,
  tool: 'fetch',
  args: { url: 'x' },
  effects: [],
  reason: 'A redirect.',
})

test('a question that came up while the call ran is answered by how the call went', () => {
  expect(project([request('1'), result('1')]).slice(1)).toEqual([
    { type: 'tool-approval-request', approvalId: '1', toolCallId: '1', reason: 'A redirect.' },
    { type: 'tool-approval-response', approvalId: '1', approved: true },
    { type: 'tool-output-available', toolCallId: '1', output: 'done' },
  ])
  expect(project([request('1'), result('1', { status: 'error', output: 'no' })]).slice(2)).toEqual([
    { type: 'tool-approval-response', approvalId: '1', approved: false, reason: 'no' },
    { type: 'tool-output-denied', toolCallId: '1' },
  ])
})

test('each question has an id of its own, also when the call of another turn has the same', async () => {
  const again = [call('1', 'shell')]
  const events = await record([again, again, 'Done.'], {
    tools: [stub('shell', () => 'ran', { effects: () => [{ kind: 'unknown' }] })],
    onPermission: () => true,
  })
  const chunks = project(events)
  const asked = chunks.filter(({ type }) => type === 'tool-approval-request')
  expect(asked).toMatchObject([
    { approvalId: '1', toolCallId: '1' },
    { approvalId: '1:2', toolCallId: '1' },
  ])
  const answered = chunks.filter(({ type }) => type === 'tool-approval-response')
  expect(answered).toMatchObject([{ approvalId: '1' }, { approvalId: '1:2' }])
})

test('a call of an earlier process is introduced with what is known of it', () => {
  expect(project([request('1')])[0]).toEqual({
    type: 'tool-input-available',
    toolCallId: '1',
    toolName: 'fetch',
    input: { url: 'x' },
  })
  expect(project([result('1')])[0]).toMatchObject({ type: 'tool-input-available', input: {} })
})

test('the tools of MCP servers are dynamic and have the name that the model knows', () => {
  expect(project([result('1', { tool: 'mcp:docs.search' })])[0]).toMatchObject({
    toolName: 'mcp__docs__search',
    dynamic: true,
  })
})

test('progress of a call that is over, or was never known, is dropped', () => {
  const progress: RunEvent = { type: 'tool_progress', id: '1', update: 1 }
  expect(project([progress])).toEqual([])
  expect(project([result('1'), progress]).at(-1)?.type).toBe('tool-output-available')
})

test('two runs are two messages', async () => {
  const events = await record(['Hi.'])
  const projector = createUiMessageStreamProjector()
  const first = events.flatMap(projector.push)
  expect(events.flatMap(projector.push)).toEqual(first)
})

test('a subagent can be followed by itself', async () => {
  const events = (await scenarios['subagents']?.()) ?? []
  const projector = createUiMessageStreamProjector({ agentPath: ['1'] })
  expect(events.flatMap(projector.push).map(({ type }) => type)).toEqual([
    'start-step',
    'text-start',
    'text-delta',
    'text-end',
    'tool-input-start',
    'tool-input-delta',
    'tool-input-available',
    'tool-output-available',
    'finish-step',
  ])
})

test('a chunk is one server-sent event, whatever is in it', () => {
  const chunk: UiMessageChunk = { type: 'text-delta', id: 'text-1', delta: 'a\n\ndata: b\r\u2028' }
  const event = toServerSentEvent(chunk)
  expect(event).toMatch(/^data: [^\n\r]*\n\n$/)
  expect(JSON.parse(event.slice('data: '.length))).toEqual(chunk)
})
