import type {
  Batch,
  PermissionDecisionEvent,
  PermissionRequestEvent,
  RunEvent,
  RunIdentity,
  ToolStartEvent,
} from '../events.ts'
import { messageOf } from '../harnext-error.ts'
import type { Json } from '../json.ts'
import type { ToolCallPart } from '../messages.ts'
import type { PermissionRule, Verdict } from '../permission/permission.ts'
import type { Hooks } from '../run/hooks.ts'
import type { RunState } from '../run/state.ts'
import { conflicts, type Effect } from './effects.ts'
import {
  executeCall,
  resultEvent,
  staticContext,
  untilAborted,
  type PlannedCall,
} from './execute.ts'
import { merge } from './merge.ts'
import type { Tool } from './tool.ts'
import type { Workspace } from './workspace.ts'

/** What the calls of a turn need. All that is not a function of the log (clock, people, the world) comes in from here. */
export interface DispatchOptions {
  readonly state: RunState
  readonly identity: RunIdentity
  readonly agentPath: readonly string[]
  readonly workspace: Workspace
  readonly hooks: Hooks
  readonly signal: AbortSignal
  findTool(name: string): Tool | undefined
  toolNames(): readonly string[]
  decide(call: { readonly tool: string; readonly args: Json }, effects: readonly Effect[]): Verdict
  /** The rules that an "always" grants. */
  toRemember(tool: string, effects: readonly Effect[]): readonly PermissionRule[]
  /** `null`: there is nobody. */
  ask(request: PermissionRequestEvent): Promise<Answer | null>
  /** For what shows up while a call runs. Throws `PermissionDenied`. */
  authorize(
    start: ToolStartEvent,
    effects: readonly Effect[],
    emit: (event: RunEvent) => Promise<void>,
  ): Promise<void>
  /** Counts a call; a sentence when the budget has no room for it. */
  refuseCall(): string | null
  /** Milliseconds; only differences count. */
  clock(): number
}

/** A `PermissionAnswer` in its one long form. */
export interface Answer {
  readonly decision: 'allow' | 'deny' | 'defer'
  readonly remember?: boolean
  readonly args?: Json
  readonly message?: string
}

type Stream<T> = AsyncGenerator<Batch, T, undefined>

/**
 * All open calls of one turn: first every decision, in call order, then waves of calls that do not touch the same things. A call
 * whose answer is deferred stays open. Each other one gets its result. With `settleOnly` nothing new is begun: only what an earlier
 * process left behind is brought to an outcome.
 */
export async function* dispatch(
  options: DispatchOptions,
  calls: readonly ToolCallPart[],
  settleOnly = false,
): Stream<void> {
  const ready: PlannedCall[] = []
  for (const call of calls) {
    // It finished before the crash, and waits for an earlier call.
    if (options.state.outcomes.has(call.id)) continue
    const intent = options.state.intents.get(call.id)
    if (options.signal.aborted && !intent) yield [notRun(call)]
    else if (settleOnly && !intent)
      yield [
        resultEvent(call, 'error', 'Not run: the conversation went on without it.', 'cancelled'),
      ]
    else {
      const planned = yield* plan(options, call, intent)
      if (planned) ready.push(planned)
    }
  }
  for (const wave of waves(ready)) yield* runWave(options, wave)
}

/** Finds out what a call would do, and whether it may. Yields its result when it will not run. */
async function* plan(
  options: DispatchOptions,
  call: ToolCallPart,
  intent: ToolStartEvent | undefined,
): Stream<PlannedCall | null> {
  const tool = options.findTool(call.tool)
  if (!tool) {
    const text = `There is no tool ${JSON.stringify(call.tool)}. The tools are: ${options.toolNames().join(', ') || 'none'}.`
    yield [resultEvent(call, 'error', text, 'invalid')]
    return null
  }
  if (call.invalid !== undefined && !intent) {
    yield [resultEvent(call, 'error', call.invalid, 'invalid')]
    return null
  }
  if (intent) {
    const checked = await prepare(options, tool, intent, intent.effects)
    if ('failed' in checked) return yield* fail(call, checked)
    return { ...checked, recovering: true }
  }
  const hooked = await beforeTool(options, call)
  if ('deny' in hooked) {
    yield [
      {
        type: 'permission_decision',
        id: call.id,
        decision: 'deny',
        tier: 'rule',
        by: 'hook',
        message: hooked.deny,
      },
      resultEvent(call, 'denied', hooked.deny),
    ]
    return null
  }
  return yield* permit(options, tool, { ...call, args: hooked.args })
}

async function* fail(call: ToolCallPart, { failed, reason }: Failed): Stream<null> {
  yield [resultEvent(call, 'error', failed, reason)]
  return null
}

interface Failed {
  readonly failed: string
  readonly reason?: 'invalid'
}

/** Validates the arguments, and asks the tool once what it would do. */
async function prepare(
  options: DispatchOptions,
  tool: Tool,
  call: { readonly id: string; readonly tool: string; readonly args: Json },
  known?: readonly Effect[],
): Promise<Omit<PlannedCall, 'recovering'> | Failed> {
  const { state, identity, signal } = options
  const idempotencyKey =
    state.intents.get(call.id)?.idempotencyKey ?? `${identity.sessionId}/${state.turn}/${call.id}`
  try {
    const checked = await tool.validate(call.args)
    if ('issues' in checked)
      return {
        failed: `The arguments are not valid. ${checked.issues.join('; ')}`,
        reason: 'invalid',
      }
    const context = staticContext(options, call.id, idempotencyKey, signal)
    const effects =
      known ?? (await untilAborted(Promise.resolve(tool.effects(checked.value, context)), signal))
    if (!effects) return { failed: 'Cancelled before it ran.' }
    const { id, args } = call
    const start: ToolStartEvent = {
      type: 'tool_start',
      id,
      tool: tool.name,
      args,
      effects,
      idempotencyKey,
    }
    return { tool, start, args: checked.value }
  } catch (error) {
    return { failed: messageOf(error) }
  }
}

async function* permit(
  options: DispatchOptions,
  tool: Tool,
  call: ToolCallPart,
): Stream<PlannedCall | null> {
  const recorded = options.state.decisions.get(call.id)
  const prepared = await prepare(options, tool, { ...call, args: recorded?.args ?? call.args })
  if ('failed' in prepared) return yield* fail(call, prepared)
  if (recorded) return yield* settle(call, recorded, prepared)

  const verdict = options.decide(prepared.start, prepared.start.effects)
  const { id, effects } = prepared.start
  const { tier, rule, reason } = verdict
  const base = {
    type: 'permission_decision',
    id,
    tier,
    ...(rule !== undefined && { rule }),
  } as const
  if (verdict.decision !== 'ask') {
    const { decision } = verdict
    const event = {
      ...base,
      decision,
      by: 'engine',
      ...(decision === 'deny' && { message: reason }),
    } as const
    yield [event]
    return yield* settle(call, event, prepared)
  }
  const request: PermissionRequestEvent = {
    type: 'permission_request',
    id,
    tool: tool.name,
    args: prepared.start.args,
    effects,
    reason,
  }
  if (!options.state.requests.has(id)) yield [request]
  const answer = await untilAborted(options.ask(request), options.signal)
  if (answer?.decision === 'defer') return null
  const person = yield* answered(options, tool, prepared, answer, { ...base, reason })
  yield [person.event]
  return yield* settle(call, person.event, person.planned)
}

/** The person's answer as a decision. Changed arguments are decided again: a person answers an ask, never a deny. */
async function* answered(
  options: DispatchOptions,
  tool: Tool,
  prepared: Omit<PlannedCall, 'recovering'>,
  answer: Answer | null | undefined,
  {
    reason,
    ...base
  }: Pick<PermissionDecisionEvent, 'type' | 'id' | 'tier' | 'rule'> & { readonly reason: string },
): Stream<{
  readonly event: PermissionDecisionEvent
  readonly planned: Omit<PlannedCall, 'recovering'>
}> {
  const deny = (by: PermissionDecisionEvent['by'], message: string) =>
    ({ event: { ...base, decision: 'deny', by, message }, planned: prepared }) as const
  if (!answer) return deny('nobody', reason)
  const message = answer.message
  if (answer.decision === 'deny') return deny('user', message ?? 'The user declined this call.')
  let planned = prepared
  if (answer.args !== undefined) {
    const changed = await prepare(options, tool, { ...prepared.start, args: answer.args })
    if ('failed' in changed)
      return deny('user', `The arguments that the user put in were not valid: ${changed.failed}`)
    const verdict = options.decide(changed.start, changed.start.effects)
    if (verdict.decision === 'deny') return deny('engine', verdict.reason)
    planned = changed
  }
  const remember =
    answer.remember && base.tier !== 'floor'
      ? options.toRemember(tool.name, planned.start.effects)
      : undefined
  const event: PermissionDecisionEvent = {
    ...base,
    decision: 'allow',
    by: 'user',
    ...(answer.args !== undefined && { args: answer.args }),
    ...(message !== undefined && { message }),
    ...(remember && { remember }),
  }
  return { event, planned }
}

async function* settle(
  call: ToolCallPart,
  decision: PermissionDecisionEvent,
  planned: Omit<PlannedCall, 'recovering'>,
): Stream<PlannedCall | null> {
  if (decision.decision === 'allow') return { ...planned, recovering: false }
  yield [
    resultEvent(
      call,
      'denied',
      `Permission denied. ${decision.message ?? decision.rule ?? ''}`.trimEnd(),
    ),
  ]
  return null
}

function notRun(call: { readonly id: string; readonly tool: string }): RunEvent {
  return resultEvent(call, 'error', 'Cancelled before it ran.', 'cancelled')
}

/** What a hook throws denies: a guard that fails must not let anything pass. */
async function beforeTool(
  { hooks, signal }: DispatchOptions,
  { id, tool, args }: ToolCallPart,
): Promise<{ readonly deny: string } | { readonly args: Json }> {
  if (!hooks.beforeTool) return { args }
  try {
    return (await hooks.beforeTool({ id, tool, args, signal })) ?? { args }
  } catch (error) {
    return { deny: `The hook before this call failed: ${messageOf(error)}` }
  }
}

/**
 * A call joins the first wave after the last one that holds a call it conflicts with. Static, so that the order in which effects
 * start never depends on which one ends first.
 */
export function waves(calls: readonly PlannedCall[]): readonly (readonly PlannedCall[])[] {
  const result: PlannedCall[][] = []
  for (const call of calls) {
    const last = result.findLastIndex((wave) =>
      wave.some((other) => conflicts(other.start.effects, call.start.effects)),
    )
    ;(result[last + 1] ??= []).push(call)
  }
  return result
}

async function* runWave(options: DispatchOptions, wave: readonly PlannedCall[]): Stream<void> {
  const aborter = new AbortController()
  const onAbort = (): void => aborter.abort(options.signal.reason)
  options.signal.addEventListener('abort', onAbort, { once: true })
  const events = merge(() => aborter.abort())
  try {
    const refused = new Map(
      wave.map(({ start, recovering }) => [start.id, recovering ? null : options.refuseCall()]),
    )
    const runs = wave.filter(({ start }) => refused.get(start.id) === null)
    const overBudget = wave.filter((call) => !runs.includes(call))
    if (overBudget.length)
      yield overBudget.map(({ start }) =>
        resultEvent(start, 'error', refused.get(start.id) ?? '', 'cancelled'),
      )
    // The barrier: this yield returns when the consumer asks for more. A recovered call keeps its first intent.
    const starts = runs.filter(({ recovering }) => !recovering).map(({ start }) => start)
    if (starts.length) yield starts
    const begun = options.signal.aborted ? runs.filter(({ recovering }) => recovering) : runs
    for (const call of begun) events.add(executeCall(options, call, aborter.signal, events))
    const stopped = runs.filter((call) => !begun.includes(call))
    if (stopped.length) yield stopped.map(({ start }) => notRun(start))
    yield* events.drain()
  } finally {
    options.signal.removeEventListener('abort', onAbort)
  }
}
