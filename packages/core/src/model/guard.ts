import { costOf } from '../budget/price.ts'
import { ProviderError, isProviderError, messageOf } from '../errors.ts'
import type { AssistantPart } from '../messages.ts'
import { toDisplayName } from '../tool/names.ts'
import type { CallContext, ModelEvent, Price, ProviderAdapter } from './adapter.ts'
import { callSignal } from './call-signal.ts'
import { wireRequests, type WireRequest } from './wire-messages.ts'

export interface GuardOptions {
  /** Milliseconds for one call, from the request to its last event. */
  readonly timeoutMs: number
  /** Milliseconds without a byte of the answer, while somebody waits for it. */
  readonly idleMs: number
  readonly price: Price | null
}

/**
 * Holds an adapter to the laws that the loop relies on: it ends or throws when it is cancelled or takes too long, it throws only
 * `ProviderError`, it ends with one `finish`, every call has an id of its own. Adds the cost to the usage. The adapter sees the names of
 * tools as vendors take them, everybody else as events show them.
 */
export function guarded(adapter: ProviderAdapter, options: GuardOptions): ProviderAdapter {
  const toWire = wireRequests()
  return wrapStream(adapter, (request, context) =>
    guardedStream(
      adapter,
      options,
      toWire(request, adapter.capabilities?.(request.model).images ?? true),
      context,
    ),
  )
}

/** The same adapter with another `stream`. */
export function wrapStream(
  adapter: ProviderAdapter,
  stream: ProviderAdapter['stream'],
): ProviderAdapter {
  return {
    id: adapter.id,
    api: adapter.api,
    stream,
    ...(adapter.capabilities && { capabilities: adapter.capabilities.bind(adapter) }),
    ...(adapter.countTokens && { countTokens: adapter.countTokens.bind(adapter) }),
    ...(adapter.listModels && { listModels: adapter.listModels.bind(adapter) }),
  }
}

type Chunk = ModelEvent | readonly ModelEvent[]

async function* guardedStream(
  adapter: ProviderAdapter,
  options: GuardOptions,
  { request, warnings }: WireRequest,
  context: CallContext,
): AsyncGenerator<Chunk, void, undefined> {
  const call = callSignal(context.signal, options)
  const window = adapter.capabilities?.(request.model).contextWindow ?? Infinity
  const answer = answerCheck(options.price, window)
  let source: AsyncIterator<Chunk> | undefined
  let ended = false
  try {
    if (warnings.length) yield warnings
    source = adapter.stream(request, { ...context, signal: call.signal })[Symbol.asyncIterator]()
    for (;;) {
      const result = await call.race(source.next())
      if (result.done) break
      yield answer.check(result.value)
    }
    ended = true
    if (!answer.finished)
      throw new ProviderError('The stream ended before the model had finished.', {
        kind: 'stream_truncated',
        retryable: true,
      })
  } catch (error) {
    const { aborted, reason } = call.signal as { aborted: boolean; reason: unknown }
    // An answer that is whole counts, also when the call was cancelled before the adapter had ended.
    if (!(aborted && answer.finished)) throw withPartial(aborted ? reason : error, answer.text)
  } finally {
    call.close(ended)
    if (!ended) leave(source)
  }
}

/** Not waited for: an adapter that hangs would hang here too. */
function leave(source: AsyncIterator<Chunk> | undefined): void {
  Promise.resolve()
    .then(() => source?.return?.())
    .catch(() => {})
}

function answerCheck(price: Price | null, window: number) {
  const ids = new Set<string>()
  let isEmpty = true
  const answer = {
    finished: false,
    text: '',
    check(chunk: Chunk): Chunk {
      if (!Array.isArray(chunk)) return checkEvent(chunk as ModelEvent)
      let changed: ModelEvent[] | undefined
      let index = 0
      for (const event of chunk as readonly ModelEvent[]) {
        const checked = checkEvent(event)
        if (checked !== event) (changed ??= [...chunk])[index] = checked
        index += 1
      }
      return changed ?? chunk
    },
  }
  function checkEvent(event: ModelEvent): ModelEvent {
    if (answer.finished)
      throw new ProviderError('The adapter went on after its finish event.', { kind: 'protocol' })
    if (event.type === 'text') answer.text += event.text
    else if (event.type === 'tool_input') return displayed(event)
    else if (event.type === 'part') {
      isEmpty &&= event.part.type === 'thinking'
      return checkPart(event, ids)
    } else if (event.type === 'finish') {
      answer.finished = true
      checkFinish(event, isEmpty, window)
      if (event.usage && event.usage.costUsd === null && price)
        return { ...event, usage: { ...event.usage, costUsd: costOf(event.usage, price) } }
    }
    return event
  }
  return answer
}

type Finish = Extract<ModelEvent, { type: 'finish' }>

function checkFinish(
  { stopReason, rawStopReason = 'no reason given', usage }: Finish,
  isEmpty: boolean,
  window: number,
): void {
  if (stopReason === 'error' || stopReason === 'cancelled')
    throw new ProviderError(
      `The provider ended the answer with ${stopReason}: ${rawStopReason}.`,
      // A call that the model wrote wrong, or a fault of the server: the next answer is another one.
      { kind: 'server', retryable: stopReason === 'error' },
    )
  if (stopReason !== 'length' || !isEmpty || !usage) return
  const sent = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  // Some servers do not refuse an input that is too long: they have no room left to answer.
  if (sent >= window)
    throw new ProviderError(
      `The model had no room for an answer: ${sent} input tokens fill its window of ${window}.`,
      { kind: 'overflow' },
    )
}

function displayed(event: Extract<ModelEvent, { type: 'tool_input' }>): ModelEvent {
  const tool = toDisplayName(event.tool)
  return tool === event.tool ? event : { ...event, tool }
}

/** Some vendors give two calls of one answer the same id, or none. Results are matched by it. */
function checkPart(event: Extract<ModelEvent, { type: 'part' }>, ids: Set<string>): ModelEvent {
  const { part } = event
  if (part.type !== 'tool_call') return event
  const base = part.id || 'call'
  let id = base
  for (let count = 2; ids.has(id); count++) id = `${base}_${count}`
  ids.add(id)
  const tool = toDisplayName(part.tool)
  if (id === part.id && tool === part.tool) return event
  const renamed: AssistantPart = Object.freeze({ ...part, id, tool })
  return { type: 'part', part: renamed }
}

function withPartial(thrown: unknown, text: string): ProviderError {
  const error = isProviderError(thrown)
    ? thrown
    : new ProviderError(`The provider's adapter failed: ${messageOf(thrown)}`, {
        kind: 'protocol',
        cause: thrown,
      })
  if (text && !error.partial)
    Object.defineProperty(error, 'partial', { value: text, enumerable: true })
  return error
}
