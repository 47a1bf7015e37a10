import type { Usage } from '@harnext/core'

// What is open, and how it is opened and closed.

/** A name of the GenAI semantic conventions, and its value. */
export interface Attributes {
  readonly [name: string]: string | number | readonly string[]
}

/** What a run does to spans and metrics. Names of spans here are those of this stream alone; nothing is open twice under one. */
export type TelemetryStep =
  | {
      readonly type: 'start'
      readonly span: string
      readonly parent?: string
      readonly name: string
      readonly kind: 'internal' | 'client'
      readonly attributes: Attributes
    }
  | {
      readonly type: 'end'
      readonly span: string
      /** Where it became known only now. */
      readonly name?: string
      readonly attributes: Attributes
      /** Why it failed: the span's status, and `error.type` of span and metric. */
      readonly error?: { readonly type: string; readonly message: string }
      /** The histogram that the span's seconds are recorded in. */
      readonly duration: { readonly metric: string; readonly attributes: Attributes }
    }
  | {
      readonly type: 'measure'
      readonly metric: 'gen_ai.client.token.usage' | 'harnext.cost.usd'
      readonly value: number
      readonly attributes: Attributes
    }

/** What is known of a stream so far. */
export interface State {
  readonly agentName: string
  readonly captureContent: boolean
  /** The open spans, each with what its end needs; a span comes behind its parent. */
  readonly open: Map<string, { readonly metric: string; readonly attributes: Attributes }>
  /** By the key of their path. */
  readonly runs: Map<string, RunInfo>
}
export interface RunInfo {
  readonly attributes: Attributes
  readonly agent: string
  chat?: { usage?: Usage }
  error?: { readonly type: string; readonly message: string }
  decisions: Map<string, Attributes>
}
export type Failure = { readonly type: string; readonly message: string }

export const cut: Failure = { type: 'incomplete', message: 'The events ended before it did.' }

/** One that is open under the name ends first. */
export function start(
  state: State,
  {
    metric,
    ofMetric: attributes,
    ...span
  }: Omit<Extract<TelemetryStep, { type: 'start' }>, 'type'> & {
    readonly metric: string
    readonly ofMetric: Attributes
  },
): readonly TelemetryStep[] {
  const owed = end(state, span.span, {}, cut)
  state.open.set(span.span, { metric, attributes })
  return [...owed, { type: 'start', ...span }]
}

/** Nothing where no such span is open. `name`: where it became known only now. */
export function end(
  state: State,
  span: string,
  attributes: Attributes,
  error?: Failure,
  name?: string,
): readonly TelemetryStep[] {
  const duration = state.open.get(span)
  if (!duration) return []
  state.open.delete(span)
  const why = error ? { error } : {}
  return [{ type: 'end', span, ...(name !== undefined && { name }), attributes, ...why, duration }]
}

/** The innermost first. */
export function endBelow(state: State, prefix: string, failure: Failure): readonly TelemetryStep[] {
  const spans = [...state.open.keys()].filter((span) => span.startsWith(prefix)).toReversed()
  return spans.flatMap((span) => end(state, span, {}, failure))
}

export const agentSpan = (path: readonly string[]): string => `agent${path.map(segment).join('')}`
export const chatSpan = (path: readonly string[]): string => `${agentSpan(path)}/chat`
export const toolSpan = (path: readonly string[], id: string): string =>
  `${agentSpan(path)}/tool:${encodeURIComponent(id)}`
const segment = (id: string): string => `/agent:${encodeURIComponent(id)}`
