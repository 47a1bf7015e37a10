import { untilAborted } from '../abort.ts'
import { PermissionDenied, messageOf } from '../errors.ts'
import type {
  Batch,
  PermissionDecisionEvent,
  PermissionRequestEvent,
  RunEvent,
  ToolStartEvent,
} from '../events.ts'
import type { Json } from '../json.ts'
import type { ToolCallPart } from '../messages.ts'
import type { Hooks } from '../run/hooks.ts'
import type { RunState } from '../run/run-state.ts'
import type { FailedCall, PreparedCall } from '../tool/dispatch.ts'
import type { Effect } from '../tool/effects.ts'
import { toAnswer, type Answer, type Asker } from './answer.ts'
import { decide } from './decide.ts'
import type { DecideInput, Verdict } from './permission.ts'
import { rulesToRemember } from './remember.ts'

/** Stands before every call: hooks, the engine, and the person, in this order. */
export interface Gate {
  /**
   * Whether a call may run, and with which arguments. Yields the request and the decision. `null`: the answer is deferred, the call
   * stays open. A decision that is on record is used again.
   */
  permit(call: ToolCallPart, prepare: Prepare): AsyncGenerator<Batch, Permitted, undefined>
  /** For what shows up while a call runs. Throws `PermissionDenied`. */
  authorize(
    start: ToolStartEvent,
    effects: readonly Effect[],
    emit: (event: RunEvent) => Promise<void>,
  ): Promise<void>
}
export type Prepare = (args: Json) => Promise<PreparedCall | FailedCall>
/** A decision that was not yielded is to be told before the call starts. */
export type Permitted =
  | (PreparedCall & { readonly decision?: PermissionDecisionEvent })
  | FailedCall
  | { readonly denied: string }
  | null

export interface GateOptions extends Omit<DecideInput, 'call' | 'effects'> {
  readonly state: RunState
  readonly sessionId: string
  readonly agentPath: readonly string[]
  readonly hooks: Hooks
  readonly signal: AbortSignal
  /** Before a request is shown: its answer may come before it is asked for. */
  readonly expect: Asker['expect']
  /** `null`: there is nobody. */
  readonly ask: Asker['ask']
}

export function createGate(options: GateOptions): Gate {
  return {
    permit: (call, prepare) => permit(options, call, prepare),
    authorize: (start, effects, emit) => authorize(options, start, effects, emit),
  }
}

async function* permit(
  options: GateOptions,
  call: ToolCallPart,
  prepare: Prepare,
): AsyncGenerator<Batch, Permitted, undefined> {
  const recorded = options.state.decisions.get(call.id)
  if (recorded?.decision === 'deny') return { denied: denialText(recorded) }
  if (recorded) return prepare(recorded.args ?? call.args)
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
    ]
    return { denied: hooked.deny }
  }
  const prepared = await prepare(hooked.args)
  if ('failed' in prepared) return prepared
  const verdict = stricter(verdictOn(options, prepared.start, prepared.start.effects), hooked.ask)
  if (verdict.decision !== 'ask') {
    const event = decisionEvent(call.id, verdict, verdict.decision, 'engine')
    if (event.decision === 'allow') return { ...prepared, decision: event }
    yield [event]
    return { denied: denialText(event) }
  }
  const request = requestOf(prepared.start, prepared.start.effects, verdict)
  // Also when the log holds it already: whoever reads now has not seen it.
  options.expect(withPath(options, request))
  yield [request]
  const answer = await untilAborted(askFor(options, request, verdict), options.signal)
  // Nobody has denied anything: the run was cancelled while the question was open.
  if (answer === undefined || (answer === null && options.signal.aborted))
    return { failed: 'Cancelled before it ran.', reason: 'cancelled' }
  if (answer?.decision === 'defer') return null
  const { event, granted } = await answered(options, prepared, prepare, verdict, answer)
  yield [event]
  return event.decision === 'allow' ? granted : { denied: denialText(event) }
}

/** A hook may want to be sure of what the engine allows. */
function stricter(verdict: Verdict, reason: string | undefined): Verdict {
  if (reason === undefined || verdict.decision !== 'allow') return verdict
  return { decision: 'ask', tier: 'rule', reason }
}

/** The hook before the person; a floor's ask is for a person alone. */
async function askFor(
  options: GateOptions,
  request: PermissionRequestEvent,
  { tier }: Verdict,
): Promise<Answer | null> {
  const { hooks, sessionId, signal } = options
  const { type: _type, ...asked } = withPath(options, request)
  if (hooks.beforeAsk && tier !== 'floor') {
    try {
      const said = await hooks.beforeAsk(asked, { sessionId, signal })
      if (said !== undefined) return { ...toAnswer(said), by: 'hook' }
    } catch (error) {
      const message = `The hook before this question failed: ${messageOf(error)}`
      return { decision: 'deny', message, by: 'hook' }
    }
  }
  return options.ask(withPath(options, request))
}

/** The answer as a decision. Changed arguments are decided again: a person answers an ask, never a deny. */
async function answered(
  options: GateOptions,
  prepared: PreparedCall,
  prepare: Prepare,
  verdict: Verdict,
  answer: Answer | null,
): Promise<{ readonly event: PermissionDecisionEvent; readonly granted: PreparedCall }> {
  const { id, tool } = prepared.start
  const deny = (by: PermissionDecisionEvent['by'], message: string) => ({
    event: { ...decisionEvent(id, verdict, 'deny', by), message },
    granted: prepared,
  })
  if (!answer) return deny('nobody', verdict.reason)
  const { by = 'user' } = answer
  if (answer.decision !== 'allow') return deny(by, answer.message ?? 'The user declined this call.')
  const granted = answer.args === undefined ? prepared : await prepare(answer.args)
  if ('failed' in granted) return deny(by, `The arguments that the user put in: ${granted.failed}`)
  const again =
    answer.args === undefined ? verdict : verdictOn(options, granted.start, granted.start.effects)
  const isForPerson = again.decision === 'ask' && again.tier === 'floor' && by === 'hook'
  if (again.decision === 'deny' || isForPerson) return deny('engine', again.reason)
  const remember =
    answer.remember && again.tier !== 'floor' ? rulesToRemember(granted.start.effects, tool) : []
  const event: PermissionDecisionEvent = {
    ...decisionEvent(id, again, 'allow', by),
    ...(answer.args !== undefined && { args: answer.args }),
    ...(answer.message !== undefined && { message: answer.message }),
    ...(remember.length && { remember }),
  }
  return { event, granted }
}

async function authorize(
  options: GateOptions,
  start: ToolStartEvent,
  effects: readonly Effect[],
  emit: (event: RunEvent) => Promise<void>,
): Promise<void> {
  const verdict = verdictOn(options, start, effects)
  if (verdict.decision !== 'ask') {
    const event = decisionEvent(start.id, verdict, verdict.decision, 'engine')
    await emit(event)
    return throwIfDenied(start, event)
  }
  const request = requestOf(start, effects, verdict)
  options.expect(withPath(options, request))
  await emit(request)
  const answer = await untilAborted(askFor(options, request, verdict), options.signal)
  const event = answeredWhileRunning(start, effects, verdict, answer ?? null)
  await emit(event)
  throwIfDenied(start, event)
}

/** A running call cannot wait for another day: what is deferred is denied. */
function answeredWhileRunning(
  { id, tool }: ToolStartEvent,
  effects: readonly Effect[],
  verdict: Verdict,
  answer: Answer | null,
): PermissionDecisionEvent {
  const said = answer?.message !== undefined && { message: answer.message }
  const by = answer ? (answer.by ?? 'user') : 'nobody'
  if (answer?.decision !== 'allow') return { ...decisionEvent(id, verdict, 'deny', by), ...said }
  const remember = answer.remember && verdict.tier !== 'floor' ? rulesToRemember(effects, tool) : []
  return {
    ...decisionEvent(id, verdict, 'allow', by),
    ...said,
    ...(remember.length && { remember }),
  }
}

function throwIfDenied({ tool }: ToolStartEvent, event: PermissionDecisionEvent): void {
  if (event.decision === 'allow') return
  const rule = event.rule === undefined ? {} : { rule: event.rule }
  throw new PermissionDenied(tool, denialText(event), rule)
}

function verdictOn(
  options: GateOptions,
  { tool, args }: ToolStartEvent,
  effects: readonly Effect[],
): Verdict {
  const rules = [...(options.rules ?? []), ...options.state.grants]
  return decide({ ...options, rules, call: { tool, args }, effects })
}

function requestOf(
  { id, tool, args }: ToolStartEvent,
  effects: readonly Effect[],
  { reason, tier }: Verdict,
): PermissionRequestEvent {
  return { type: 'permission_request', id, tool, args, effects, reason, tier }
}

/** As a person is asked; in the run, the parent puts the path before it. */
function withPath({ agentPath }: GateOptions, request: PermissionRequestEvent): AskedRequest {
  return agentPath.length ? { ...request, agentPath } : request
}
type AskedRequest = Parameters<Asker['ask']>[0]

function decisionEvent(
  id: string,
  { tier, rule, reason }: Verdict,
  decision: 'allow' | 'deny',
  by: PermissionDecisionEvent['by'],
): PermissionDecisionEvent {
  const why = {
    ...(rule !== undefined && { rule }),
    ...(decision === 'deny' && { message: reason }),
  }
  return { type: 'permission_decision', id, decision, tier, by, ...why }
}

function denialText({ message, rule }: PermissionDecisionEvent): string {
  return message ?? (rule === undefined ? 'It was denied.' : `The rule ${rule} denies it.`)
}

/** What a hook throws denies: a guard that fails must not let anything pass. */
async function beforeTool(
  { hooks, signal, state, sessionId, agentPath }: GateOptions,
  { id, tool, args }: ToolCallPart,
): Promise<{ readonly deny: string } | { readonly args: Json; readonly ask?: string }> {
  if (!hooks.beforeTool) return { args }
  try {
    const hookCall = { id, tool, args, sessionId, signal, agentPath }
    const said = await hooks.beforeTool(hookCall, state.messages)
    return said && 'deny' in said ? said : { args, ...said }
  } catch (error) {
    return { deny: `The hook before this call failed: ${messageOf(error)}` }
  }
}
