import { isProviderError, type ProviderError, type ProviderErrorKind } from '../errors.ts'
import type { Message } from '../messages.ts'
import {
  isBatch,
  type CallContext,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
} from './adapter.ts'
import { wrapStream } from './guard.ts'
import { isAnswer } from './retry.ts'

/** A model to go on with when the ones before it cannot answer. */
export interface FallbackModel {
  readonly adapter: ProviderAdapter
  readonly model: string
}

type Chunk = ModelEvent | readonly ModelEvent[]

/**
 * Asks the next model of the chain when one cannot answer, as long as nothing of its answer was passed on; each at most once for a call.
 * Yields a `fallback` before each change, and the `finish` of another model than the first says who answered.
 *
 * A run stays with the model that answered last, so that the vendor's cache holds and what the model thought comes back to it: which one
 * that is stands in the messages, also after a crash. The person's next message begins with the first model again.
 */
export function withFallback(
  first: FallbackModel,
  others: readonly FallbackModel[],
): ProviderAdapter {
  if (others.length === 0) return first.adapter
  const chain = [first, ...others] as const
  return wrapStream(first.adapter, (request, context) => ({
    [Symbol.asyncIterator]: () => chainIterator(chain, request, context),
  }))
}

function chainIterator(
  chain: readonly [FallbackModel, ...FallbackModel[]],
  request: ModelRequest,
  context: CallContext,
): AsyncIterator<Chunk> {
  const [first] = chain
  const untried = inOrder(chain, request.messages)
  let source: AsyncIterator<Chunk> | undefined
  let current = untried.shift() ?? first
  let answering = false
  async function next(): Promise<IteratorResult<Chunk>> {
    try {
      source ??= streamOf(current)
      const result = await source.next()
      answering = result.done === true || isAnswer(result.value)
      return current === first ? result : named(result, current)
    } catch (error) {
      const at = untried.findIndex((other) => canTakeOver(error, current, other))
      const following = untried.splice(0, at + 1).at(-1)
      if (!following || context.signal.aborted) throw error
      const events = change(error as ProviderError, current, following, request)
      current = following
      source = undefined
      return { done: false, value: events }
    }
  }
  function streamOf(one: FallbackModel): AsyncIterator<Chunk> {
    const own = one === first ? request : requestFor(one, request, first)
    return one.adapter.stream(own, context)[Symbol.asyncIterator]()
  }
  return {
    next() {
      if (!answering || !source) return next()
      // The first model's answer passes as it is, so that a delta costs nothing.
      return current === first
        ? source.next()
        : source.next().then((result) => named(result, current))
    },
    return: async (value?: unknown) =>
      (await source?.return?.(value)) ?? { done: true, value: undefined },
  }
}

/** The whole chain, beginning with the model that gave the last answer of this run. */
function inOrder(chain: readonly FallbackModel[], messages: readonly Message[]): FallbackModel[] {
  const last = messages.findLast((message) => message.role === 'assistant' || isOfPerson(message))
  const at =
    last?.role === 'assistant'
      ? chain.findIndex(
          ({ adapter, model }) => adapter.id === last.provider && model === last.model,
        )
      : 0
  return at > 0 ? [...chain.slice(at), ...chain.slice(0, at)] : [...chain]
}

function isOfPerson(message: Message): boolean {
  return message.role === 'user' && (message.origin ?? 'user') === 'user'
}

/** What another model, or another company, may do better. The same request is as wrong, or as long, there. */
const passesOn: ReadonlySet<ProviderErrorKind> = new Set([
  'rate_limit',
  'quota',
  'overloaded',
  'server',
  'network',
  'timeout',
  'not_found',
  'permission',
  'stream_truncated',
  'protocol',
])

function canTakeOver(error: unknown, failed: FallbackModel, next: FallbackModel): boolean {
  if (!isProviderError(error) || error.partial) return false
  // A key that one company does not know says nothing about the key of another.
  if (error.kind === 'auth') return next.adapter.id !== failed.adapter.id
  return passesOn.has(error.kind)
}

function requestFor(
  { adapter, model }: FallbackModel,
  { params, maxOutputTokens, ...request }: ModelRequest,
  first: FallbackModel,
): ModelRequest {
  const most = adapter.capabilities?.(model).maxOutputTokens ?? Infinity
  return {
    ...request,
    model,
    ...(maxOutputTokens !== undefined && { maxOutputTokens: Math.min(maxOutputTokens, most) }),
    // They are words of the first model's vendor.
    ...(params && adapter.id === first.adapter.id && { params }),
  }
}

function change(
  error: ProviderError,
  from: FallbackModel,
  to: FallbackModel,
  { params = {} }: ModelRequest,
): Chunk {
  const event = { type: 'fallback', from: nameOf(from), to: nameOf(to), error } as const
  const names = Object.keys(params)
  if (names.length === 0 || from.adapter.id === to.adapter.id) return event
  const message = `The option params (${names.join(', ')}) is not sent to ${nameOf(to)}: it is meant for ${from.adapter.id}.`
  return [event, { type: 'warning', code: 'params_unsupported', message }]
}

function nameOf({ adapter, model }: FallbackModel): string {
  return `${adapter.id}/${model}`
}

/** The finish says who answered. */
function named(result: IteratorResult<Chunk>, { adapter, model }: FallbackModel): typeof result {
  if (result.done) return result
  const by = { provider: adapter.id, api: adapter.api, model }
  const { value } = result
  if (isBatch(value)) {
    if (value.at(-1)?.type !== 'finish') return result
    return {
      done: false,
      value: value.map((event) => (event.type === 'finish' ? { ...event, by } : event)),
    }
  }
  return value.type === 'finish' ? { done: false, value: { ...value, by } } : result
}
