import {
  isBatch,
  type AssistantMessage,
  type AssistantPart,
  type ModelEvent,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core/provider'

/** All that came of one call. */
export interface Collected {
  readonly events: readonly ModelEvent[]
  /** What each thing that the adapter yielded held: one event, or an array of them. */
  readonly batches: readonly (readonly ModelEvent[])[]
  readonly parts: readonly AssistantPart[]
  readonly finishes: readonly Finish[]
  /** What was thrown. */
  readonly error?: unknown
}

export type Finish = Extract<ModelEvent, { type: 'finish' }>

export interface CollectOptions {
  readonly signal?: AbortSignal
  readonly fetch?: typeof fetch
  /** Called for each event, before the next one is asked for. */
  readonly onEvent?: (event: ModelEvent) => void
}

/** Reads a call to its end, whichever it is. */
export async function collect(
  adapter: ProviderAdapter,
  request: ModelRequest,
  options: CollectOptions = {},
): Promise<Collected> {
  const { signal = new AbortController().signal, fetch, onEvent } = options
  const batches: (readonly ModelEvent[])[] = []
  let thrown: { readonly error: unknown } | undefined
  try {
    const context = { signal, ...(fetch && { fetch }) }
    for await (const value of adapter.stream(request, context)) {
      const batch = isBatch(value) ? [...value] : [value]
      batches.push(batch)
      if (onEvent) batch.forEach(onEvent)
    }
  } catch (error) {
    thrown = { error }
  }
  const events = batches.flat()
  return {
    events,
    batches,
    parts: events.flatMap((event) => (event.type === 'part' ? [event.part] : [])),
    finishes: events.filter((event) => event.type === 'finish'),
    ...thrown,
  }
}

/** The texts of a kind that were shown, joined. */
export function shownText(events: readonly ModelEvent[], type: 'text' | 'thinking'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('')
}

/** The texts of the parts of a kind, joined. */
export function partText(parts: readonly AssistantPart[], type: 'text' | 'thinking'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('')
}

/** The message that core would put into the history. Throws where the call did not finish. */
export function foldedMessage(
  adapter: ProviderAdapter,
  model: string,
  { parts, finishes }: Collected,
): AssistantMessage {
  const [finish] = finishes
  if (!finish) throw new Error('The call did not finish.')
  const { stopReason, rawStopReason, usage } = finish
  return Object.freeze({
    role: 'assistant',
    content: Object.freeze([...parts]),
    provider: adapter.id,
    api: adapter.api,
    model,
    stopReason,
    ...(rawStopReason !== undefined && { rawStopReason }),
    ...(usage && { usage }),
  })
}
