import type { Ledger } from '../budget/ledger.ts'
import type { BudgetExceeded } from '../errors.ts'
import type { Batch, RunEvent } from '../events.ts'
import { HarnextError, asHarnextError } from '../harnext-error.ts'
import type { AssistantMessage, AssistantPart } from '../messages.ts'
import type { ModelEvent, ModelRequest, Price, ProviderAdapter } from '../model/adapter.ts'
import { dispatch, type DispatchOptions } from '../tool/dispatch.ts'
import type { Hook, HookView, Hooks } from './hooks.ts'
import type { RunEnd, RunResult } from './result.ts'
import { nextStep, openCalls, reduce } from './state.ts'

export interface LoopOptions extends DispatchOptions {
  readonly adapter: ProviderAdapter
  /** What the person said, as events; absent when a run goes on that was begun before. */
  readonly input?: readonly RunEvent[]
  readonly prompt: Extract<RunEvent, { type: 'prompt' }>
  /** What does not change between the turns; the messages come from the state. */
  readonly request: Omit<ModelRequest, 'messages'> & { readonly maxOutputTokens: number }
  readonly maxTurns: number
  /** They end, or throw, when the signal aborts. */
  readonly hooks: Pick<Hooks, 'afterTurn'> & { readonly beforeModel: readonly Hook[] }
  readonly ledger: Ledger
  readonly price: Price | null
  /** Tokens that the next request may send, at most. */
  estimateInput(): number
  /** What is to be said to the model before it goes on, or instead of an end, and what is found out for that. `null`: nothing. */
  takeSteering(): Stream<void> | null
  /** Whether a model call that failed is made once more, because its hooks can shorten what is sent. */
  triesAgain(error: unknown): boolean
  result(end: RunEnd): RunResult<unknown>
}

type Stream<T> = AsyncGenerator<Batch, T, undefined>
type End = Omit<RunEnd, 'durationMs'>

/**
 * One run, as batches of what became known at one moment. The world is touched in two places: the adapter's stream and the tools. An
 * effect starts only after the batch that announces it was taken and the consumer has asked for the next one; so nothing that reads
 * ahead may stand between this and a log. It never throws, and `run_end` is last unless the consumer calls `return()`: cancel by signal.
 */
export async function* loop(options: LoopOptions): Stream<void> {
  const begun = options.clock()
  let end: End
  try {
    end = yield* turns(options)
  } catch (thrown) {
    end = endOf(thrown, options.signal)
  }
  const { error } = end
  if (isBudget(error)) {
    const { kind, used, limit } = error.snapshot
    yield put(options, [{ type: 'budget_exceeded', kind, used, limit, fraction: used / limit }])
  } else if (error) yield put(options, [{ type: 'error', error }])
  const result = options.result({ ...end, durationMs: options.clock() - begun })
  yield put(options, [{ type: 'run_end', result }])
}

async function* turns(options: LoopOptions): Stream<End> {
  const { state, signal, input } = options
  const first: RunEvent[] = [{ type: input ? 'run_start' : 'run_resumed', ...options.identity }]
  if (state.prompt?.hash !== options.prompt.hash) first.push(options.prompt)
  // What an earlier run left open is brought to an outcome first: a history with an open call is one that no vendor takes.
  const given = (id: string) => input?.some((one) => one.type === 'tool_result' && one.id === id)
  const left = input ? openCalls(state).filter(({ id }) => !given(id)) : []
  if (left.length) {
    yield put(options, first.splice(0))
    for await (const batch of dispatch(options, left, true)) yield put(options, batch)
  }
  yield put(options, [...first, ...(input ?? [])])
  for (;;) {
    const step = nextStep(state)
    if (step.do === 'dispatch') {
      for await (const batch of dispatch(options, step.calls)) yield outcomes(options, batch)
      if (!openCalls(state).length) await options.hooks.afterTurn?.(view(options))
      else if (!signal.aborted) return { stopReason: 'paused' }
      // A run that was cancelled leaves no call open: what was deferred is dispatched again, and gets its outcome.
      continue
    }
    if (signal.aborted) return endOf(undefined, signal)
    const steering = options.takeSteering()
    if (steering) for await (const batch of steering) yield put(options, batch)
    const next = steering ? nextStep(state) : step
    if (next.do === 'end') return { stopReason: next.stopReason }
    if (state.run.turns >= options.maxTurns) return { stopReason: 'max_turns' }
    try {
      const end = yield* askModel(options)
      if (end) return end
    } catch (thrown) {
      if (signal.aborted || !options.triesAgain(thrown)) throw thrown
    }
  }
}

/** One turn up to the calls that the model asks for: hooks, reservation, the model call. Ends the run only where the budget refuses. */
async function* askModel(options: LoopOptions): Stream<End | undefined> {
  const { state, signal, hooks, ledger, price } = options
  for (const hook of hooks.beforeModel) {
    const events = await hook(view(options))
    for (const event of events) if (event.type === 'usage') ledger.spend(event)
    if (events.length) yield put(options, events)
  }
  const inputTokens = options.estimateInput()
  const asked = { inputTokens, maxOutputTokens: options.request.maxOutputTokens, price }
  const hold = await ledger.reserve(asked, signal)
  if ('refused' in hold) return { stopReason: 'budget', error: hold.refused }
  const { reservation, maxOutputTokens } = hold
  const request = { ...options.request, messages: state.messages, maxOutputTokens }
  const answer: Answer = { parts: [], warnings: [] }
  let failure: { readonly thrown: unknown } | undefined
  try {
    yield put(options, [{ type: 'turn_start', turn: state.turn + 1, ...reservation }])
    // Deltas are passed on as the objects and arrays that the adapter yields.
    for await (const chunk of options.adapter.stream(request, { signal })) {
      const deltas = collect(Array.isArray(chunk) ? chunk : [chunk], answer)
      if (deltas.length) yield deltas
    }
  } catch (thrown) {
    failure = { thrown }
  } finally {
    // Also when the consumer has left: other runs of the tree may wait for what this call does not need.
    const notices = await hold.settle((!failure && answer.finish?.usage) || null)
    answer.warnings = notices.map((notice) => ({ type: 'budget_warning', ...notice }))
  }
  if (failure) {
    const stopReason = signal.aborted ? 'cancelled' : 'error'
    yield put(options, [...answer.warnings, { type: 'turn_end', turn: state.turn, stopReason }])
    throw failure.thrown
  }
  yield put(options, answerEvents(options, answer))
  if (!openCalls(state).length) await hooks.afterTurn?.(view(options))
  return undefined
}

interface Answer {
  readonly parts: AssistantPart[]
  finish?: Extract<ModelEvent, { type: 'finish' }>
  warnings: readonly RunEvent[]
}

/** Keeps what the answer is made of, and gives the rest: what came is the batch, where nothing of it is kept. */
function collect(chunk: readonly ModelEvent[], answer: Answer): Batch {
  let deltas: RunEvent[] | undefined
  for (const event of chunk) {
    const isDelta = event.type !== 'part' && event.type !== 'finish'
    if (!isDelta) deltas ??= chunk.slice(0, chunk.indexOf(event)) as RunEvent[]
    if (event.type === 'finish') answer.finish = event
    else if (event.type === 'part') answer.parts.push(event.part)
    else deltas?.push(event)
  }
  return deltas ?? (chunk as Batch)
}

/** The answer joins the history, with what it cost. */
function answerEvents(options: LoopOptions, { parts, finish, warnings }: Answer): Batch {
  const { state, adapter, request } = options
  const usage = finish?.usage
  const raw = finish?.rawStopReason === undefined ? {} : { rawStopReason: finish.rawStopReason }
  const message: AssistantMessage = {
    role: 'assistant',
    content: parts,
    ...(finish?.by ?? { provider: adapter.id, api: adapter.api, model: request.model }),
    stopReason: finish?.stopReason ?? 'other',
    ...raw,
    ...(usage && { usage }),
  }
  const events: RunEvent[] = usage ? [{ type: 'usage', ...usage }] : []
  events.push({ type: 'message', message }, ...warnings)
  const calls = parts.filter((part) => part.type === 'tool_call')
  for (const { id, tool, args } of calls) events.push({ type: 'tool_call', id, tool, args })
  const { stopReason } = message
  if (!calls.length) events.push({ type: 'turn_end', turn: state.turn, stopReason, ...raw })
  return events
}

/** All that the loop yields is folded first: the state is never behind the log. */
function put(options: LoopOptions, events: Batch): Batch {
  for (const event of events) reduce(options.state, event)
  return events
}

/** Where a turn ends, the batch with its last outcome says so too: the log waits for the disk once. */
function outcomes(options: LoopOptions, batch: Batch): Batch {
  put(options, batch)
  const end = { type: 'turn_end', turn: options.state.turn, stopReason: 'tool_calls' } as const
  return openCalls(options.state).length ? batch : [...batch, ...put(options, [end])]
}

function view(options: LoopOptions): HookView {
  const { state, identity, maxTurns, adapter, request, signal, agentPath } = options
  const at = { sessionId: identity.sessionId, turn: state.run.turns + 1, maxTurns, agentPath }
  return { ...at, messages: state.messages, adapter, model: request.model, signal }
}

/** A run that was cancelled says so whatever was thrown on the way out; its signal may carry the reason that its budget is used up. */
function endOf(thrown: unknown, signal: AbortSignal): End {
  const reason: unknown = signal.aborted ? signal.reason : thrown
  if (isBudget(reason)) return { stopReason: 'budget', error: reason }
  return signal.aborted
    ? { stopReason: 'cancelled' }
    : { stopReason: 'error', error: asHarnextError(thrown) }
}

function isBudget(error: unknown): error is BudgetExceeded {
  return HarnextError.is(error) && error.code === 'budget_exceeded'
}
