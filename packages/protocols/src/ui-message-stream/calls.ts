import { toWireName, type Json, type ToolCallPart } from '@harnext/core'
import type { EventOf } from '../projector.ts'
import type { UiToolChunk } from './chunk.ts'

/** The calls of one run as its reader knows them. A reader throws on a chunk about a call that it was never told of. */
export interface Calls {
  readonly known: Map<string, Call>
  /** How often the call of an id was asked about: vendors use ids again, but an approval has one of its own. */
  readonly asked: Map<string, number>
}

interface Call {
  readonly tool: string
  /** The last question about it. */
  approval?: Approval
}

interface Approval {
  readonly id: string
  approved?: boolean
}

type ToolName = { readonly toolName: string; readonly dynamic?: true }

export function newCalls(): Calls {
  return { known: new Map(), asked: new Map() }
}

export function startInput(calls: Calls, id: string, tool: string): UiToolChunk {
  calls.known.set(id, { tool })
  return { type: 'tool-input-start', toolCallId: id, ...toolName(tool) }
}

export function inputDelta(id: string, delta: string): UiToolChunk {
  return { type: 'tool-input-delta', toolCallId: id, inputTextDelta: delta }
}

/** A call of an answer that is whole. */
export function inputAvailable({ id, tool, args, invalid }: ToolCallPart): UiToolChunk {
  const call = { toolCallId: id, ...toolName(tool), input: args }
  return invalid === undefined
    ? { type: 'tool-input-available', ...call }
    : { type: 'tool-input-error', ...call, errorText: invalid }
}

/** A call that the model began and did not finish. It never runs. */
export function inputUnfinished(id: string, tool: string): UiToolChunk {
  const errorText = 'The model did not finish this call.'
  return { type: 'tool-input-error', toolCallId: id, ...toolName(tool), input: {}, errorText }
}

/** A call that an earlier process was told of, and this reader was not. */
function introduce(
  calls: Calls,
  { id, tool, args = {} }: { readonly id: string; readonly tool: string; readonly args?: Json },
): { readonly call: Call; readonly chunks: UiToolChunk[] } {
  const known = calls.known.get(id)
  if (known) return { call: known, chunks: [] }
  const call = { tool }
  calls.known.set(id, call)
  const name = toolName(tool)
  return {
    call,
    chunks: [{ type: 'tool-input-available', toolCallId: id, ...name, input: args }],
  }
}

export function begin(calls: Calls, start: EventOf<'tool_start'>): UiToolChunk[] {
  return introduce(calls, start).chunks
}

export function request(calls: Calls, event: EventOf<'permission_request'>): UiToolChunk[] {
  const { call, chunks } = introduce(calls, event)
  return [...chunks, ask(calls, event.id, call, { reason: event.reason }).question]
}

export function decide(
  calls: Calls,
  { id, decision, message, args }: EventOf<'permission_decision'>,
): UiToolChunk[] {
  const call = calls.known.get(id)
  if (!call) return []
  const reason = message === undefined ? {} : { reason: message }
  if (decision === 'deny') return deny(calls, id, call, reason)
  if (!call.approval || call.approval.approved !== undefined) return []
  const answer = respond(call.approval, true, reason)
  if (args === undefined) return [answer]
  return [
    answer,
    { type: 'tool-input-available', toolCallId: id, ...toolName(call.tool), input: args },
  ]
}

export function progress(calls: Calls, { id, update }: EventOf<'tool_progress'>): UiToolChunk[] {
  if (!calls.known.has(id)) return []
  return [{ type: 'tool-output-available', toolCallId: id, output: update, preliminary: true }]
}

/** A question that nobody is on record to have answered counts as denied, unless the call went well all the same. */
export function settle(calls: Calls, event: EventOf<'tool_result'>): UiToolChunk[] {
  const { id, status, content, output } = event
  const { call, chunks } = introduce(calls, event)
  calls.known.delete(id)
  const { approval } = call
  const open = approval && approval.approved === undefined
  if (status === 'denied' || (status === 'error' && open))
    return [
      ...chunks,
      ...deny(calls, id, call, { reason: output }),
      { type: 'tool-output-denied', toolCallId: id },
    ]
  if (open) chunks.push(respond(approval, true, {}))
  if (status === 'error')
    return [...chunks, { type: 'tool-output-error', toolCallId: id, errorText: output }]
  const plain = content.every(({ type }) => type === 'text')
  return [
    ...chunks,
    { type: 'tool-output-available', toolCallId: id, output: plain ? output : content },
  ]
}

/** The AI SDK keeps the reason of a denial with the question, so there is always one. */
function deny(
  calls: Calls,
  id: string,
  call: Call,
  reason: { readonly reason?: string },
): UiToolChunk[] {
  if (call.approval?.approved === false) return []
  if (call.approval && call.approval.approved === undefined)
    return [respond(call.approval, false, reason)]
  const { question, approval } = ask(calls, id, call, { ...reason, isAutomatic: true })
  return [question, respond(approval, false, reason)]
}

function ask(
  calls: Calls,
  toolCallId: string,
  call: Call,
  more: { readonly reason?: string; readonly isAutomatic?: true },
): { readonly question: UiToolChunk; readonly approval: Approval } {
  const count = (calls.asked.get(toolCallId) ?? 0) + 1
  calls.asked.set(toolCallId, count)
  const id = count === 1 ? toolCallId : `${toolCallId}:${count}`
  const approval: Approval = { id }
  call.approval = approval
  return {
    question: { type: 'tool-approval-request', approvalId: id, toolCallId, ...more },
    approval,
  }
}

function respond(
  approval: Approval,
  approved: boolean,
  reason: { readonly reason?: string },
): UiToolChunk {
  approval.approved = approved
  return { type: 'tool-approval-response', approvalId: approval.id, approved, ...reason }
}

function toolName(tool: string): ToolName {
  const name = toWireName(tool)
  return { toolName: name, ...(name.startsWith('mcp__') && { dynamic: true }) }
}
