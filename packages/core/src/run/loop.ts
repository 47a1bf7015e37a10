import type { Hold, Ledger } from '../budget/ledger.ts'
import type { Batch, RunEvent } from '../events.ts'
import { HarnextError, asHarnextError } from '../harnext-error.ts'
import type { AssistantMessage, AssistantPart, UserMessage } from '../messages.ts'
import type { ModelEvent, ModelRequest, Price, ProviderAdapter } from '../model/adapter.ts'
import { dispatch, type DispatchOptions } from '../tool/dispatch.ts'
import type { Hook, HookView, Hooks } from './hooks.ts'
import type { RunResult, RunStopReason } from './result.ts'
import { nextStep, openCalls, reduce } from './state.ts'

export interface LoopOptions extends DispatchOptions {
  readonly adapter: ProviderAdapter
  /** The log goes on: the run is one that was begun before. */
  readonly resumed: boolean
  /** What the person said, as events; absent when a run goes on. */
  readonly input?: readonly RunEvent[]
  readonly prompt: Extract<RunEvent, { type: 'prompt' }>
  /** What does not change between the turns; the messages come from the state. */
  readonly request: Omit<ModelRequest, 'messages'>
  readonly maxTurns: number
  readonly hooks: Hooks
  readonly ledger: Ledger
  readonly price: Price | null
  /** Tokens that the next request may send, at most. */
  estimateInput(): number
  /** What was said to the run since it was last asked. */
  takeSteering(): readonly UserMessage[]
  result(end: RunEnd): RunResult<unknown>
}

export interface RunEnd {
  readonly stopReason: RunStopReason
  readonly error?: HarnextError
  readonly durationMs: number
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
  if (end.stopReason === 'error' && end.error) yield [{ type: 'error', error: end.error }]
  yield [
    { type: 'run_end', result: options.result({ ...end, durationMs: options.clock() - begun }) },
  ]
}

async function* turns(options: LoopOptions): Stream<End> {
  const { state, signal } = options
  const first: RunEvent[] = [
    { type: options.resumed ? 'run_resumed' : 'run_start', ...options.identity },
  ]
  if (state.prompt?.hash !== options.prompt.hash) first.push(options.prompt)
  // What an earlier run left open is brought to an outcome first: a history with an open call is one that no vendor takes.
  const left = options.input ? openCalls(state) : []
  if (left.length) {
    yield put(options, first.splice(0))
    yield* folded(options, dispatch(options, left, true))
  }
  yield put(options, [...first, ...(options.input ?? [])])
  for (;;) {
    const step = nextStep(state)
    if (step.do === 'dispatch') {
      yield* folded(options, dispatch(options, step.calls))
      if (openCalls(state).length) return { stopReason: signal.aborted ? 'cancelled' : 'paused' }
      yield [{ type: 'turn_end', turn: state.turn, stopReason: 'tool_calls' }]
      await options.hooks.afterTurn?.(view(options))
      continue
    }
    if (signal.aborted) return endOf(undefined, signal)
    const steering = options.takeSteering()
    if (steering.length)
      yield put(
        options,
        steering.map((message) => ({ type: 'message', message })),
      )
    else if (step.do === 'end') return { stopReason: step.stopReason }
    if (state.run.turns >= options.maxTurns) return { stopReason: 'max_turns' }
    const end = yield* askModel(options)
    if (end) return end
  }
}

/** One model call: hooks, reservation, the stream, and what came of it. Ends the run only where the budget refuses. */
async function* askModel(options: LoopOptions): Stream<End | undefined> {
  const { state, signal } = options
  for (const hook of beforeModel(options)) {
    const events = await hook(view(options))
    if (events.length) yield put(options, events)
  }
  const maxOutputTokens = options.request.maxOutputTokens ?? 0
  const estimate = { inputTokens: options.estimateInput(), maxOutputTokens, price: options.price }
  const hold = await options.ledger.reserve(estimate, signal)
  if ('refused' in hold) {
    const { kind, used, limit } = hold.refused.snapshot
    yield [{ type: 'budget_exceeded', kind, used, limit, fraction: used / limit }]
    return { stopReason: 'budget', error: hold.refused }
  }
  const reserved = hold.usd > 0 ? { reservedUsd: hold.usd } : {}
  yield put(options, [{ type: 'turn_start', turn: state.turn + 1, ...reserved }])
  const answer: Answer = { parts: [] }
  try {
    yield* stream(options, hold, answer)
  } catch (thrown) {
    const stopReason = signal.aborted ? 'cancelled' : 'error'
    yield notices(await hold.settle(null))
    yield [{ type: 'turn_end', turn: state.turn, stopReason }]
    throw thrown
  }
  yield* joined(options, hold, answer)
  return undefined
}

interface Answer {
  readonly parts: AssistantPart[]
  finish?: Extract<ModelEvent, { type: 'finish' }>
}

/** Passes deltas on, as the objects and arrays that the adapter yields, and collects the rest. */
async function* stream(options: LoopOptions, hold: Hold, answer: Answer): Stream<void> {
  const { adapter, signal, state } = options
  const request = {
    ...options.request,
    messages: state.messages,
    maxOutputTokens: hold.maxOutputTokens,
  }
  for await (const chunk of adapter.stream(request, { signal })) {
    const deltas = collect(Array.isArray(chunk) ? chunk : [chunk], answer)
    if (deltas.length) yield deltas
  }
}

function collect(chunk: readonly ModelEvent[], answer: Answer): Batch {
  let deltas: RunEvent[] | undefined
  for (const [index, event] of chunk.entries()) {
    if (event.type === 'part' || event.type === 'finish') {
      deltas ??= chunk.slice(0, index) as RunEvent[]
      if (event.type === 'finish') answer.finish = event
      else answer.parts.push(event.part)
      continue
    }
    deltas?.push(event)
  }
  return deltas ?? (chunk as Batch)
}

/** The answer joins the history, with what it cost. */
async function* joined(options: LoopOptions, hold: Hold, { parts, finish }: Answer): Stream<void> {
  const { state, adapter, request } = options
  const usage = finish?.usage ?? null
  const raw = finish?.rawStopReason === undefined ? {} : { rawStopReason: finish.rawStopReason }
  const message: AssistantMessage = {
    role: 'assistant',
    content: parts,
    provider: adapter.id,
    api: adapter.api,
    model: request.model,
    stopReason: finish?.stopReason ?? 'other',
    ...raw,
    ...(usage && { usage }),
  }
  const events: RunEvent[] = usage ? [{ type: 'usage', ...usage }] : []
  events.push({ type: 'message', message })
  let calls = 0
  for (const part of parts)
    if (part.type === 'tool_call')
      calls = events.push({ type: 'tool_call', id: part.id, tool: part.tool, args: part.args })
  if (!calls)
    events.push({ type: 'turn_end', turn: state.turn, stopReason: message.stopReason, ...raw })
  yield put(options, events)
  yield notices(await hold.settle(usage))
  if (!calls) await options.hooks.afterTurn?.(view(options))
}

/** Everything that the loop yields and that is a fact is folded first: the state is never behind the log. */
function put(options: LoopOptions, events: Batch): Batch {
  for (const event of events) reduce(options.state, event)
  return events
}

async function* folded(options: LoopOptions, batches: Stream<void>): Stream<void> {
  for await (const batch of batches) yield put(options, batch)
}

function view({ state, maxTurns, adapter, request, signal }: LoopOptions): HookView {
  return {
    messages: state.messages,
    turn: state.run.turns + 1,
    maxTurns,
    adapter,
    model: request.model,
    signal,
  }
}

function beforeModel({ hooks }: LoopOptions): readonly Hook[] {
  const { beforeModel: given = [] } = hooks
  return typeof given === 'function' ? [given] : given
}

function notices(found: Awaited<ReturnType<Hold['settle']>>): Batch {
  return found.map((notice) => ({ type: 'budget_warning', ...notice }))
}

/** A run that was cancelled says so whatever its adapter or its tools threw on the way out; its signal may carry the reason. */
function endOf(thrown: unknown, signal: AbortSignal): End {
  if (!signal.aborted) return { stopReason: 'error', error: asHarnextError(thrown) }
  const { reason } = signal as { reason: unknown }
  if (HarnextError.is(reason) && reason.code === 'budget_exceeded')
    return { stopReason: 'budget', error: reason }
  return { stopReason: 'cancelled' }
}
