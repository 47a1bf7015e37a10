import { GRACE_MS, untilAborted } from '../abort.ts'
import type { RunEvent, ToolReason, ToolResultEvent } from '../events.ts'
import { HarnextError, messageOf } from '../harnext-error.ts'
import type { ToolPart, ToolStatus } from '../messages.ts'
import type { Merge } from './concurrency.ts'
import type { DispatchOptions, PlannedCall } from './dispatch.ts'
import type { ToolContext, ToolResultLike } from './tool.ts'

/** Runs one call to its outcome, which it emits. Never rejects. */
export async function executeCall(
  options: DispatchOptions,
  planned: PlannedCall,
  signal: AbortSignal,
  events: Merge,
): Promise<void> {
  const { start } = planned
  const begun = options.clock()
  let over = false
  const emit = (event: RunEvent) => (over ? onlyWhileItRuns() : events.emit(event))
  const context: ToolContext = {
    ...staticContext(options, start, signal),
    effects: start.effects,
    emit,
    progress(update) {
      if (!over) events.emitLatest({ type: 'tool_progress', id: start.id, update })
    },
    authorize: (effects) => options.gate.authorize(start, effects, emit),
  }
  const grace = start.effects.some(({ kind }) => kind === 'spawn') ? 2 * GRACE_MS : GRACE_MS
  const ended = await untilAborted(attempt(options, planned, context), signal, grace).catch(
    (error: unknown) => (signal.aborted ? undefined : failed(start, error)),
  )
  over = true
  if (ended === null) return
  const event = ended ?? interrupted(start, 'cancelled')
  const reason = event.reason ?? (signal.aborted && event.status === 'error' ? 'cancelled' : null)
  const durationMs = options.clock() - begun
  // Rejects only when the consumer has left: then nobody records anything any more.
  await events.emit({ ...event, ...(reason && { reason }), durationMs }).catch(() => {})
}

async function attempt(
  { state, workspace }: DispatchOptions,
  { tool, args, start, recovering }: PlannedCall,
  context: ToolContext,
): Promise<ToolResultEvent> {
  if (recovering)
    for (const left of state.processes.get(start.id) ?? []) await workspace.endProcess(left)
  const known = !recovering || (tool?.recovery !== 'report' && !context.signal.aborted)
  if (!tool || !known) return interrupted(start, 'unknown')
  if (recovering && typeof tool.recovery === 'function') {
    const settled = await tool.recovery(args, context)
    if (settled !== 'rerun') return outcome(start, settled)
  }
  return outcome(start, await tool.execute(args, context))
}

export type CallName = { readonly id: string; readonly tool: string }

function outcome(
  call: CallName,
  { output, isError, content, changes, changesComplete }: ToolResultLike,
): ToolResultEvent {
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  return {
    ...resultEvent(call, isError ? 'error' : 'ok', content ?? text),
    ...(changes?.length && { changes }),
    ...(changesComplete && { changesComplete }),
  }
}

/** `null`: it waits for an answer, so its call stays open. */
function failed(call: CallName, error: unknown): ToolResultEvent | null {
  const code = HarnextError.is(error) ? error.code : ''
  if (code === 'paused') return null
  const status = code === 'permission_denied' ? 'denied' : 'error'
  return resultEvent(call, status, messageOf(error), code === 'timeout' ? code : undefined)
}

const interruptions = {
  cancelled: 'Cancelled while it ran.',
  unknown: 'The process that ran this call died before its outcome was recorded.',
}
function interrupted(call: CallName, reason: keyof typeof interruptions): ToolResultEvent {
  const text = `${interruptions[reason]} The outcome is unknown: it may have taken effect wholly, in part, or not at all. Check before you rely on it or repeat it.`
  return resultEvent(call, 'error', text, reason)
}

/** The context of `effects`, which runs before anything was decided: it cannot put anything into the run. */
export function staticContext(
  { workspace, identity, agentPath }: DispatchOptions,
  call: { readonly id: string; readonly idempotencyKey: string },
  signal: AbortSignal,
): ToolContext {
  return {
    signal,
    workspace,
    callId: call.id,
    sessionId: identity.sessionId,
    agentPath,
    idempotencyKey: call.idempotencyKey,
    effects: [],
    authorize: onlyWhileItRuns,
    progress: () => {},
    emit: onlyWhileItRuns,
  }
}

/** Rejects. Who does not look at it, as a timer that a tool forgot, must not bring the process down. */
export function onlyWhileItRuns(): Promise<never> {
  const refusal = Promise.reject(new HarnextError('A call can do this only while it runs.'))
  refusal.catch(() => {})
  return refusal
}

/** The outcome as an event; `output` is the text of `content`. */
export function resultEvent(
  { id, tool }: CallName,
  status: ToolStatus,
  text: string | readonly ToolPart[],
  reason?: ToolReason,
): ToolResultEvent {
  const content: readonly ToolPart[] = typeof text === 'string' ? [{ type: 'text', text }] : text
  const output = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const why = reason && { reason }
  return { type: 'tool_result', id, tool, status, content, output, ...why, durationMs: 0 }
}
