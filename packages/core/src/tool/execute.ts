import type { RunEvent, ToolReason, ToolResultEvent, ToolStartEvent } from '../events.ts'
import { HarnextError, messageOf } from '../harnext-error.ts'
import type { Json } from '../json.ts'
import type { ToolPart, ToolStatus } from '../messages.ts'
import type { DispatchOptions } from './dispatch.ts'
import type { Effect } from './effects.ts'
import type { Merge } from './merge.ts'
import type { Tool, ToolContext, ToolResultLike } from './tool.ts'

/** A call that was decided: what it would do is known, and it is allowed to. */
export interface PlannedCall {
  readonly tool: Tool
  readonly start: ToolStartEvent
  /** As `execute` takes them. */
  readonly args: unknown
  /** Its intent was on record already when this process took the run over. */
  readonly recovering: boolean
}

/** What ignores the signal is left behind after this many milliseconds. */
const GRACE_MS = 200

/** Runs one call to its outcome, which it emits. Never rejects. */
export async function executeCall(
  options: DispatchOptions,
  planned: PlannedCall,
  signal: AbortSignal,
  events: Merge,
): Promise<void> {
  const { start } = planned
  const startedAt = options.clock()
  const context = contextOf(options, start, signal, events)
  const outcome = await untilAborted(attempt(options, planned, context), signal).catch(
    (error: unknown) => (signal.aborted ? undefined : failure(error)),
  )
  const result = outcome ?? interrupted('cancelled')
  const reason =
    result.reason ?? (signal.aborted && result.status === 'error' ? 'cancelled' : undefined)
  const event = {
    ...resultEvent(start, result.status, result.content, reason),
    ...(result.changes && { changes: result.changes }),
    durationMs: Math.max(0, options.clock() - startedAt),
  }
  // Rejects only when the consumer has left: then nobody records anything any more.
  await events.emit(event).catch(() => {})
}

interface Outcome {
  readonly status: ToolStatus
  readonly content: readonly ToolPart[]
  readonly reason?: ToolReason
  readonly changes?: readonly string[]
}

async function attempt(
  options: DispatchOptions,
  planned: PlannedCall,
  context: ToolContext,
): Promise<Outcome> {
  const { tool, args, start } = planned
  if (planned.recovering) {
    const leftover = options.state.processes.get(start.id)
    if (leftover) await options.workspace.endProcess(leftover)
    if (context.signal.aborted) return interrupted('unknown')
    if (typeof tool.recovery === 'function') {
      const settled = await tool.recovery(args, context)
      if (settled !== 'rerun') return toOutcome(settled)
    } else if (tool.recovery === 'report') return interrupted('unknown')
  }
  return toOutcome(await tool.execute(args, context))
}

function toOutcome({ output, isError, content, changes }: ToolResultLike): Outcome {
  return {
    status: isError ? 'error' : 'ok',
    content: content ?? [
      { type: 'text', text: typeof output === 'string' ? output : JSON.stringify(output) },
    ],
    ...(changes?.length && { changes }),
  }
}

function failure(error: unknown): Outcome {
  const code = HarnextError.is(error) ? error.code : ''
  return {
    status: code === 'permission_denied' ? 'denied' : 'error',
    content: [{ type: 'text', text: messageOf(error) }],
    ...(code === 'timeout' && { reason: 'timeout' }),
  }
}

const interruptions = {
  cancelled: 'Cancelled while it ran. ',
  unknown: 'The process that ran this call died before its outcome was recorded. ',
}
function interrupted(reason: keyof typeof interruptions): Outcome {
  const text = `${interruptions[reason]}The outcome is unknown: it may have taken effect wholly, in part, or not at all. Check before you rely on it or repeat it.`
  return { status: 'error', content: [{ type: 'text', text }], reason }
}

function contextOf(
  options: DispatchOptions,
  start: ToolStartEvent,
  signal: AbortSignal,
  events: Merge,
): ToolContext {
  return {
    ...staticContext(options, start.id, start.idempotencyKey, signal, start.effects),
    emit: events.emit,
    progress: (update: Json) => events.emitLatest({ type: 'tool_progress', id: start.id, update }),
    authorize: (effects) => options.authorize(start, effects, events.emit),
  }
}

/** The context of `effects`, which runs before anything was decided: it cannot put anything into the run. */
export function staticContext(
  options: DispatchOptions,
  callId: string,
  idempotencyKey: string,
  signal: AbortSignal,
  effects: readonly Effect[] = [],
): ToolContext {
  const { workspace, identity, agentPath } = options
  const tooEarly = () => Promise.reject(new HarnextError('A call can do this only while it runs.'))
  return {
    signal,
    workspace,
    callId,
    sessionId: identity.sessionId,
    agentPath,
    idempotencyKey,
    effects,
    authorize: tooEarly,
    progress: () => {},
    emit: tooEarly,
  }
}

/** The outcome as an event; `output` is the text of `content`. */
export function resultEvent(
  call: { readonly id: string; readonly tool: string },
  status: ToolStatus,
  content: string | readonly ToolPart[],
  reason?: ToolReason,
): ToolResultEvent & RunEvent {
  const parts: readonly ToolPart[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : content
  const { id, tool } = call
  return {
    type: 'tool_result',
    id,
    tool,
    status,
    content: parts,
    output: outputOf(parts),
    ...(reason && { reason }),
    durationMs: 0,
  }
}

function outputOf(content: readonly ToolPart[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** `undefined` when the signal aborted and the work did not end within the grace period. */
export async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let onAbort = (): void => {}
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => {
      timer = setTimeout(() => resolve(undefined), GRACE_MS)
    }
  })
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(timer)
    work.catch(() => {})
  }
}
