import type { Batch, RunEvent, RunIdentity, ToolStartEvent } from '../events.ts'
import { messageOf } from '../harnext-error.ts'
import type { Json } from '../json.ts'
import type { ToolCallPart } from '../messages.ts'
import type { Gate } from '../permission/gate.ts'
import type { RunState } from '../run/state.ts'
import { executeCall, resultEvent, staticContext, untilAborted } from './execute.ts'
import { merge } from './merge.ts'
import type { Tool } from './tool.ts'
import { waves } from './waves.ts'
import type { Workspace } from './workspace.ts'

/** What the calls of a turn need. All that is not a function of the log (clock, people, the world) comes in from here. */
export interface DispatchOptions {
  readonly state: RunState
  readonly identity: RunIdentity
  readonly agentPath: readonly string[]
  readonly workspace: Workspace
  readonly gate: Gate
  readonly signal: AbortSignal
  readonly tools: ReadonlyMap<string, Tool>
  /** Counts a call; a sentence when the budget has no room for it. */
  refuseCall(): string | null
  /** Milliseconds; only differences count. */
  clock(): number
}

/** A call whose effects are known. `args` are as `execute` takes them, `start.args` as the model gave them. */
export interface PreparedCall {
  readonly tool: Tool
  readonly start: ToolStartEvent
  readonly args: unknown
}
export interface FailedCall {
  readonly failed: string
  readonly reason?: 'invalid' | 'cancelled'
}
/** `recovering`: its intent was on record already when this process took the run over. */
export type PlannedCall = PreparedCall & { readonly recovering: boolean }

type Stream<T> = AsyncGenerator<Batch, T, undefined>

/**
 * All open calls of one turn: first every decision, in call order, then waves of calls that do not touch the same things. A call
 * whose answer is deferred stays open; each other one gets its result. With `settleOnly` nothing new is begun: only what an earlier
 * process left behind is brought to an outcome.
 */
export async function* dispatch(
  options: DispatchOptions,
  calls: readonly ToolCallPart[],
  settleOnly = false,
): Stream<void> {
  const planned: PlannedCall[] = []
  for (const call of calls) {
    // It finished before the crash, and waits for an earlier call.
    if (options.state.outcomes.has(call.id)) continue
    const intent = options.state.intents.get(call.id)
    if (intent) planned.push(...(yield* recover(options, call, intent)))
    else if (options.signal.aborted) yield [notRun(call)]
    else if (settleOnly) yield [notRun(call, 'Not run: the conversation went on without it.')]
    else planned.push(...(yield* plan(options, call)))
  }
  for (const wave of waves(planned)) yield* runWave(options, wave)
}

/** Finds out what a call would do, and whether it may. Yields its result when it will not run. */
async function* plan(options: DispatchOptions, call: ToolCallPart): Stream<readonly PlannedCall[]> {
  const tool = options.tools.get(call.tool)
  if (!tool) return yield* unknownTool(options, call)
  if (call.invalid !== undefined)
    return yield* fail(call, { failed: call.invalid, reason: 'invalid' })
  const prepared = yield* options.gate.permit(call, (args) =>
    prepare(options, tool, { ...call, args }),
  )
  if (!prepared) return []
  if ('failed' in prepared) return yield* fail(call, prepared)
  if ('denied' in prepared) {
    yield [resultEvent(call, 'denied', `Permission denied. ${prepared.denied}`)]
    return []
  }
  return [{ ...prepared, recovering: false }]
}

/** What was decided and announced before a crash is not decided again. */
async function* recover(
  options: DispatchOptions,
  call: ToolCallPart,
  intent: ToolStartEvent,
): Stream<readonly PlannedCall[]> {
  const tool = options.tools.get(call.tool)
  if (!tool) return yield* unknownTool(options, call)
  const prepared = await prepare(options, tool, intent, intent)
  if ('failed' in prepared) return yield* fail(call, prepared)
  return [{ ...prepared, recovering: true }]
}

async function* unknownTool({ tools }: DispatchOptions, call: ToolCallPart): Stream<[]> {
  const names = [...tools.keys()].join(', ') || 'none'
  const failed = `There is no tool ${JSON.stringify(call.tool)}. The tools are: ${names}.`
  return yield* fail(call, { failed, reason: 'invalid' })
}

async function* fail(call: ToolCallPart, { failed, reason }: FailedCall): Stream<[]> {
  yield [resultEvent(call, 'error', failed, reason)]
  return []
}

/** Validates the arguments and asks the tool, once, what it would do. An intent that is on record is kept as it is. */
async function prepare(
  options: DispatchOptions,
  tool: Tool,
  { id, args }: { readonly id: string; readonly args: Json },
  intent?: ToolStartEvent,
): Promise<PreparedCall | FailedCall> {
  const { state, identity, signal } = options
  const idempotencyKey = `${identity.sessionId}/${state.turn}/${id}`
  try {
    const checked = await tool.validate(args)
    if ('issues' in checked)
      return {
        failed: `The arguments are not valid. ${checked.issues.join('; ')}`,
        reason: 'invalid',
      }
    if (intent) return { tool, start: intent, args: checked.value }
    const context = staticContext(options, { id, idempotencyKey }, signal)
    const effects = await untilAborted(
      Promise.resolve(tool.effects(checked.value, context)),
      signal,
    )
    if (!effects) return { failed: 'Cancelled before it ran.', reason: 'cancelled' }
    const start = {
      type: 'tool_start',
      id,
      tool: tool.name,
      args,
      effects,
      idempotencyKey,
    } as const
    return { tool, start, args: checked.value }
  } catch (error) {
    return { failed: messageOf(error) }
  }
}

function notRun(call: ToolStartEvent | ToolCallPart, text = 'Cancelled before it ran.'): RunEvent {
  return resultEvent(call, 'error', text, 'cancelled')
}

async function* runWave(options: DispatchOptions, wave: readonly PlannedCall[]): Stream<void> {
  const aborter = new AbortController()
  const onAbort = (): void => aborter.abort(options.signal.reason)
  options.signal.addEventListener('abort', onAbort, { once: true })
  const events = merge(onAbort)
  try {
    const runs: PlannedCall[] = []
    for (const call of wave) {
      const refused = call.recovering ? null : options.refuseCall()
      if (refused === null) runs.push(call)
      else yield [notRun(call.start, refused)]
    }
    // The barrier: this yield returns when the consumer asks for more. A recovered call keeps its first intent.
    const starts = runs.filter(({ recovering }) => !recovering).map(({ start }) => start)
    if (starts.length) yield starts
    for (const call of runs) {
      if (options.signal.aborted && !call.recovering) yield [notRun(call.start)]
      else events.add(executeCall(options, call, aborter.signal, events))
    }
    yield* events.drain()
  } finally {
    options.signal.removeEventListener('abort', onAbort)
  }
}
