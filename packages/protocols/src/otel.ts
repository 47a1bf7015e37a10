import type { RunEvent } from '@harnext/core'
import {
  SpanKind,
  SpanStatusCode,
  context,
  trace,
  type Attributes as SpanAttributes,
  type Context,
  type Counter,
  type Histogram,
  type Meter,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import type { Attributes, TelemetryStep } from './otel/spans.ts'
import { createTelemetryProjector, type TelemetryOptions } from './otel/steps.ts'

export type { Attributes, TelemetryStep } from './otel/spans.ts'
export { createTelemetryProjector, type TelemetryOptions } from './otel/steps.ts'

export interface OpenTelemetryOptions extends TelemetryOptions {
  readonly tracer: Tracer
  /** Absent: no metrics. */
  readonly meter?: Meter
  /** What the run's span belongs below. @default the context that is active when the run begins */
  readonly context?: Context
}

/** Takes the events of one run after the other. */
export interface Telemetry {
  readonly see: (event: RunEvent) => void
  /** No more events come: what is open ends, as a failure. */
  readonly end: () => void
}

/**
 * Puts runs into OpenTelemetry: spans `invoke_agent`, `chat` and `execute_tool`, a child's below its call, and the metrics of tokens,
 * durations and cost. Spans have the time at which an event is seen.
 */
export function createTelemetry(options: OpenTelemetryOptions): Telemetry {
  const projector = createTelemetryProjector(options)
  const recorder = createRecorder(options)
  return {
    see: (event) => projector.push(event).forEach(recorder),
    end: () => projector.end().forEach(recorder),
  }
}

/** The events as they are, seen by the telemetry on their way. A reader that leaves ends the source. */
export async function* traced(
  events: AsyncIterable<RunEvent> | Iterable<RunEvent>,
  telemetry: Telemetry,
): AsyncGenerator<RunEvent, void, undefined> {
  try {
    for await (const event of events) {
      telemetry.see(event)
      yield event
    }
  } finally {
    telemetry.end()
  }
}

interface OpenSpan {
  readonly span: Span
  readonly context: Context
  readonly begun: number
}

/** Applies steps: the only thing here that has an effect. */
function createRecorder(options: OpenTelemetryOptions): (step: TelemetryStep) => void {
  const { tracer, meter } = options
  const open = new Map<string, OpenSpan>()
  const histograms = new Map<string, Histogram>()
  let cost: Counter | undefined

  function measure(metric: string, value: number, attributes: Attributes): void {
    if (!meter) return
    if (metric === 'harnext.cost.usd') {
      cost ??= meter.createCounter(metric, { unit: '{USD}', description: 'US dollars spent.' })
      cost.add(value, toSpanAttributes(attributes))
      return
    }
    const histogram = histograms.get(metric) ?? createHistogram(meter, metric)
    histograms.set(metric, histogram)
    histogram.record(value, toSpanAttributes(attributes))
  }

  return (step) => {
    if (step.type === 'measure') return measure(step.metric, step.value, step.attributes)
    if (step.type === 'start') {
      const { name, parent, attributes } = step
      const kind = step.kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL
      const above = (parent === undefined ? undefined : open.get(parent)?.context) ?? root(options)
      const span = tracer.startSpan(name, { kind, attributes: toSpanAttributes(attributes) }, above)
      open.set(step.span, { span, context: trace.setSpan(above, span), begun: performance.now() })
      return
    }
    const ended = open.get(step.span)
    if (!ended) return
    open.delete(step.span)
    const { span, begun } = ended
    const error = step.error && { 'error.type': step.error.type }
    if (step.name !== undefined) span.updateName(step.name)
    span.setAttributes(toSpanAttributes({ ...step.attributes, ...error }))
    if (step.error) span.setStatus({ code: SpanStatusCode.ERROR, message: step.error.message })
    span.end()
    const { metric, attributes } = step.duration
    measure(metric, (performance.now() - begun) / 1000, { ...attributes, ...error })
  }
}

function root(options: OpenTelemetryOptions): Context {
  return options.context ?? context.active()
}

/** The boundaries that the conventions ask for. */
const tokenBoundaries = Array.from({ length: 14 }, (_, power) => 4 ** power)
const secondBoundaries = Array.from({ length: 14 }, (_, power) => 2 ** power / 100)

function createHistogram(meter: Meter, metric: string): Histogram {
  const counts = metric === 'gen_ai.client.token.usage'
  return meter.createHistogram(metric, {
    unit: counts ? '{token}' : 's',
    description: counts ? 'Number of input and output tokens used.' : 'Duration in seconds.',
    advice: { explicitBucketBoundaries: counts ? tokenBoundaries : secondBoundaries },
  })
}

function toSpanAttributes(attributes: Attributes): SpanAttributes {
  const entries = Object.entries(attributes)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  )
}
