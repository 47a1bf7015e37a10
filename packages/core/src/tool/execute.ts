import type { RunEvent, ToolReason, ToolResultEvent } from '../events.ts'
import { HarnextError, messageOf } from '../harnext-error.ts'
import type { ToolPart, ToolStatus } from '../messages.ts'
import type { DispatchOptions, PlannedCall } from './dispatch.ts'
import type { Merge } from './merge.ts'
import type { ToolContext, ToolResultLike } from './tool.ts'

/** What ignores the signal is left behind after this many milliseconds. */
const GRACE_MS = 200

interface Outcome {
  readonly status: ToolStatus
  readonly content: readonly ToolPart[]
  readonly reason?: ToolReason
  readonly changes?: readonly string[]
}

/** Runs one call to its outcome, which it emits. Never rejects. */
export async function executeCall(
  options: DispatchOptions,
  planned: PlannedCall,
  signal: AbortSignal,
  events: Merge,
): Promise<void> {
  const { start } = planned
  const startedAt = options.clock()
  const context: ToolContext = {
    ...staticContext(options, start, signal),
    effects: start.effects,
    emit: events.emit,
    progress: (update) => events.emitLatest({ type: 'tool_progress', id: start.id, update }),
    authorize: (effects) => options.gate.authorize(start, effects, events.emit),
  }
  const outcome = await untilAborted(attempt(options, planned, context), signal).catch(
    (error: unknown) => (signal.aborted ? undefined : failure(error)),
  )
  const { status, content, changes, reason } = outcome ?? interrupted('cancelled')
  const why = reason ?? (signal.aborted && status === 'error' ? 'cancelled' : undefined)
  const durationMs = Math.max(0, options.clock() - startedAt)
  const event = {
    ...resultEvent(start, status, content, why),
    ...(changes && { changes }),
    durationMs,
  }
  // Rejects only when the consumer has left: then nobody records anything any more.
  await events.emit(event).catch(() => {})
}

async function attempt(
  options: DispatchOptions,
  { tool, args, start, recovering }: PlannedCall,
  context: ToolContext,
): Promise<Outcome> {
  if (recovering) {
    const leftover = options.state.processes.get(start.id)
    if (leftover) await options.workspace.endProcess(leftover)
    if (context.signal.aborted || tool.recovery === 'report') return interrupted('unknown')
    if (typeof tool.recovery === 'function') {
      const settled = await tool.recovery(args, context)
      if (settled !== 'rerun') return toOutcome(settled)
    }
  }
  return toOutcome(await tool.execute(args, context))
}

function toOutcome({ output, isError, content, changes }: ToolResultLike): Outcome {
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  return {
    status: isError ? 'error' : 'ok',
    content: content ?? [{ type: 'text', text }],
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
  cancelled: 'Cancelled while it ran.',
  unknown: 'The process that ran this call died before its outcome was recorded.',
}
function interrupted(reason: keyof typeof interruptions): Outcome {
  const text = `${interruptions[reason]} The outcome is unknown: it may have taken effect wholly, in part, or not at all. Check before you rely on it or repeat it.`
  return { status: 'error', content: [{ type: 'text', text }], reason }
}

/** The context of `effects`, which runs before anything was decided: it cannot put anything into the run. */
export function staticContext(
  { workspace, identity, agentPath }: DispatchOptions,
  call: { readonly id: string; readonly idempotencyKey: string },
  signal: AbortSignal,
): ToolContext {
  const tooEarly = () => Promise.reject(new HarnextError('A call can do this only while it runs.'))
  return {
    signal,
    workspace,
    callId: call.id,
    sessionId: identity.sessionId,
    agentPath,
    idempotencyKey: call.idempotencyKey,
    effects: [],
    authorize: tooEarly,
    progress: () => {},
    emit: tooEarly,
  }
}

/** The outcome as an event; `output` is the text of `content`. */
export function resultEvent(
  { id, tool }: { readonly id: string; readonly tool: string },
  status: ToolStatus,
  text: string | readonly ToolPart[],
  reason?: ToolReason,
): ToolResultEvent & RunEvent {
  const content: readonly ToolPart[] = typeof text === 'string' ? [{ type: 'text', text }] : text
  const output = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const why = reason && { reason }
  return { type: 'tool_result', id, tool, status, content, output, ...why, durationMs: 0 }
}

/** `undefined` when the signal aborted and the work did not end within the grace period. */
export async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const onAbort = (): void => {
    timer = setTimeout(() => resolve(undefined), GRACE_MS)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(timer)
    work.catch(() => {})
  }
}
