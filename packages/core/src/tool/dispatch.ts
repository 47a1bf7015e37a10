import { newAborter, untilAborted } from '../abort.ts'
import type { Batch, RunEvent, RunIdentity, ToolResultEvent, ToolStartEvent } from '../events.ts'
import { messageOf } from '../harnext-error.ts'
import type { Json } from '../json.ts'
import type { ToolCallPart } from '../messages.ts'
import type { Gate, Permitted } from '../permission/gate.ts'
import type { RunState } from '../run/run-state.ts'
import { merge, waves } from './concurrency.ts'
import { executeCall, resultEvent, staticContext, type CallName } from './execute.ts'
import type { Tool } from './tool.ts'
import type { Workspace } from './workspace.ts'

/** What the calls of a turn need. All that is not a function of the log (clock, people, the world) comes in from here. */
export interface DispatchOptions {
  readonly state: RunState
  readonly identity: RunIdentity
  readonly agentPath: readonly string[]
  readonly workspace: Workspace
  readonly gate: Gate
  readonly signal: AbortSignal
  /** The tool that a call means, or a sentence for the model why there is none. */
  readonly findTool: (call: Pick<ToolCallPart, 'tool' | 'args'>) => Tool | FailedCall
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
export interface PlannedCall {
  readonly start: ToolStartEvent
  readonly args: unknown
  /** Its intent was on record already when this process took the run over. */
  readonly recovering: boolean
  /** `null`: a recovered call whose tool is gone since. */
  readonly tool: Tool | null
}

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
  const plans: Plans = { calls: [], untold: [] }
  // The others have an outcome, which waits for an earlier call. Looked up now: it joins as soon as that one has its own.
  const open = calls.filter(({ id }) => !options.state.outcomes.has(id))
  for (const call of open) {
    if (plans.untold.length) yield plans.untold.splice(0)
    const intent = options.state.intents.get(call.id)
    if (intent) plans.calls.push(await recover(options, call, intent))
    else if (options.signal.aborted) yield [notRun(call)]
    else if (settleOnly) yield [notRun(call, 'Not run: the conversation went on without it.')]
    else yield* plan(options, call, plans)
  }
  for (const wave of waves(plans.calls)) yield* runWave(options, wave, plans.untold.splice(0))
}

interface Plans {
  readonly calls: PlannedCall[]
  /** The last decision, which is told in one batch with the first start. */
  readonly untold: RunEvent[]
}

/** Finds out what a call would do, and whether it may. Yields its result when it will not run. */
async function* plan(options: DispatchOptions, asked: ToolCallPart, to: Plans): Stream<void> {
  const { gate, findTool } = options
  const tool = findTool(asked)
  const call = 'failed' in tool ? asked : { ...asked, tool: tool.name }
  let permitted: Permitted
  if ('failed' in tool) permitted = tool
  else if (call.invalid !== undefined) permitted = { failed: call.invalid, reason: 'invalid' }
  else permitted = yield* gate.permit(call, (args) => prepare(options, tool, { ...call, args }))
  if (permitted && 'start' in permitted) {
    const { decision, ...prepared } = permitted
    if (decision) to.untold.push(decision)
    to.calls.push({ ...prepared, recovering: false })
  } else if (permitted && 'denied' in permitted)
    yield [resultEvent(call, 'denied', `Permission denied. ${permitted.denied}`)]
  else if (permitted) yield [resultEvent(call, 'error', permitted.failed, permitted.reason)]
}

/** What was decided and announced before a crash is not decided again, and its arguments were valid then. */
async function recover(
  options: DispatchOptions,
  call: ToolCallPart,
  start: ToolStartEvent,
): Promise<PlannedCall> {
  const tool = options.findTool({ tool: call.tool, args: start.args })
  const prepared = 'failed' in tool ? tool : await prepare(options, tool, start, start)
  if ('start' in prepared) return { ...prepared, recovering: true }
  return { tool: null, start, args: null, recovering: true }
}

/** Validates the arguments and asks the tool, once, what it would do. An intent that is on record is kept as it is. */
async function prepare(
  options: DispatchOptions,
  tool: Tool,
  { id, args }: { readonly id: string; readonly args: Json },
  intent?: ToolStartEvent,
): Promise<PreparedCall | FailedCall> {
  const { state, identity, signal, agentPath } = options
  const idempotencyKey = [identity.sessionId, ...agentPath, state.turn, id].join('/')
  const call = { id, tool: tool.name, idempotencyKey }
  const work = async (): Promise<PreparedCall | FailedCall> => {
    const checked = await tool.validate(args)
    if ('issues' in checked) {
      const failed = `The arguments are not valid. ${checked.issues.join('; ')}`
      return { failed, reason: 'invalid' }
    }
    if (intent) return { tool, start: intent, args: checked.value }
    const effects = await tool.effects(checked.value, staticContext(options, call, signal))
    return { tool, start: { type: 'tool_start', ...call, args, effects }, args: checked.value }
  }
  const failed = (error: unknown): FailedCall => ({ failed: messageOf(error) })
  const prepared = await untilAborted(work(), signal).catch(failed)
  return prepared ?? { failed: NOT_BEGUN, reason: 'cancelled' }
}

const NOT_BEGUN = 'Cancelled before it ran.'
function notRun(call: CallName, text = NOT_BEGUN): ToolResultEvent {
  return resultEvent(call, 'error', text, 'cancelled')
}

type Wave = readonly PlannedCall[]
/** What is in `first` is told before the calls start, in the same batch. */
async function* runWave(options: DispatchOptions, wave: Wave, first: RunEvent[]): Stream<void> {
  const aborter = newAborter(options.signal)
  const events = merge(aborter.abort)
  try {
    const runs: PlannedCall[] = []
    for (const call of wave) {
      const cancelled = options.signal.aborted ? NOT_BEGUN : null
      const refused = call.recovering ? null : (cancelled ?? options.refuseCall())
      if (refused === null) runs.push(call)
      else first.push(notRun(call.start, refused))
    }
    // The barrier: this yield returns when the consumer asks for more. A recovered call keeps its first intent.
    first.push(...runs.filter(({ recovering }) => !recovering).map(({ start }) => start))
    if (first.length) yield first
    for (const call of runs) {
      if (options.signal.aborted && !call.recovering) yield [notRun(call.start)]
      else events.add(executeCall(options, call, aborter.signal, events))
    }
    yield* events.drain()
  } finally {
    aborter.unlink()
  }
}
