import type { RunEvent } from '../events.ts'
import type { AssistantMessage, Message } from '../messages.ts'
import type { Price } from '../model/adapter.ts'
import type { RunState } from '../run/run-state.ts'
import { sum } from './shorten.ts'

// A vendor's cache holds the beginning of a request: model, tools, system prompt, messages. What changes in front of the end of it makes
// the vendor read everything behind the change anew.

export type CacheBreakEvent = Extract<RunEvent, { type: 'cache_break' }>
type Prompt = Extract<RunEvent, { type: 'prompt' }>

export interface SegmentsHost {
  readonly state: RunState
  /** Those that may answer, as `provider/model`, in the order in which they are asked. */
  readonly models: readonly string[]
  readonly price: Price | null
  readonly prompt: () => Prompt
  /** Tokens of the next request, at most. */
  estimate(): number
}

/** The parts of a request that stay as they are from turn to turn. */
interface Segments {
  readonly model: string
  readonly prompt: Prompt
  /** Keeps its identity while the history only grows. */
  readonly messages: readonly Message[]
}

/**
 * Says before a model call which stable segment is another one than in the call before it, also the last one on record of the session. Of
 * several that changed it names the first in the order of the request, because the others lie behind it, and all causes.
 */
export function createCacheWatch(host: SegmentsHost): () => readonly CacheBreakEvent[] {
  const { state } = host
  const answered = lastAnswer(state.messages)
  // What a session holds was sent; a history that is only given was perhaps never sent.
  let last: Segments | undefined =
    answered && state.prompt
      ? { model: nameOf(answered), prompt: state.prompt, messages: state.messages }
      : undefined
  let expected = ''
  return () => {
    const said = lastAnswer(state.messages, state.run.from)
    const now = {
      model: modelAfter(said, host.models),
      prompt: host.prompt(),
      messages: state.messages,
    }
    const before = last
    const wasFallback = said !== undefined && expected !== ''
    last = now
    expected = now.model
    const change = before && changeOf(before, now, wasFallback)
    if (!change) return []
    // What stands in front of the messages is still in the cache.
    const all = host.estimate()
    const tokens = change.segment === 'messages' ? Math.min(all, sum(state.messages)) : all
    return [{ type: 'cache_break', ...change, tokens, costUsd: costOf(tokens, host.price) }]
  }
}

function changeOf(
  before: Segments,
  now: Segments,
  isFallback: boolean,
): Pick<CacheBreakEvent, 'segment' | 'cause'> | undefined {
  const tools = toolsChange(before.prompt, now.prompt)
  const why = isFallback ? 'fallback' : 'another model'
  const changes = [
    before.model !== now.model && ['model', `${why}: ${before.model} to ${now.model}`],
    tools !== undefined && ['tools', tools],
    before.prompt.system !== now.prompt.system && ['system', 'another system prompt'],
    before.messages !== now.messages && ['messages', 'compaction'],
  ].filter((change) => change !== false)
  const segment = changes[0]?.[0]
  return segment === undefined
    ? undefined
    : { segment, cause: changes.map(([, cause]) => cause).join('; ') }
}

function toolsChange(before: Prompt, now: Prompt): string | undefined {
  if (before.tools === now.tools || JSON.stringify(before.tools) === JSON.stringify(now.tools))
    return undefined
  const names = (prompt: Prompt): readonly string[] => prompt.tools.map(({ name }) => name)
  const [old, current] = [names(before), names(now)]
  const added = current.filter((name) => !old.includes(name))
  const removed = old.filter((name) => !current.includes(name))
  const what = [
    ...(added.length ? [`added ${added.join(', ')}`] : []),
    ...(removed.length ? [`removed ${removed.join(', ')}`] : []),
  ]
  return what.join('; ') || 'changed'
}

function lastAnswer(messages: readonly Message[], from = 0): AssistantMessage | undefined {
  for (let index = messages.length - 1; index >= from; index--) {
    const message = messages[index]
    if (message?.role === 'assistant') return message
  }
  return undefined
}

/** A run stays with the model that answered last. */
function modelAfter(said: AssistantMessage | undefined, models: readonly string[]): string {
  const name = said && nameOf(said)
  return name !== undefined && models.includes(name) ? name : (models[0] ?? '')
}

function nameOf({ provider, model }: AssistantMessage): string {
  return `${provider}/${model}`
}

/** What reading them anew costs more than reading them from the cache. */
function costOf(tokens: number, price: Price | null): number | null {
  return price && (tokens * (Math.max(price.input, price.cacheWrite) - price.cacheRead)) / 1e6
}
