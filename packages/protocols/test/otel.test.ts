import { ProviderError, type AgentOptions, type RunEvent } from '@harnext/core'
import { call, collect, scripted } from '@harnext/core/testing'
import { context, trace, type Attributes } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTelemetry, createTelemetryProjector, traced } from '../src/otel.ts'
import type { OpenTelemetryOptions } from '../src/otel.ts'
import { agentOf, stub } from './record.ts'
import { plans, runPlan } from './runs.ts'

/** The SDK that people install, with exporters that keep what they get. */
function sdk() {
  const spans = new InMemorySpanExporter()
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ readers: [reader] })
  return {
    tracer: provider.getTracer('test'),
    meter: meters.getMeter('test'),
    spans: () => spans.getFinishedSpans(),
    async points(name: string): Promise<{ attributes: Attributes; value: unknown }[]> {
      await reader.forceFlush()
      const all =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
      return all
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap((metric) =>
          metric.dataPoints.map(({ attributes, value }) => ({ attributes, value })),
        )
    },
    close: () => Promise.all([provider.shutdown(), meters.shutdown()]),
  }
}

async function tell(
  events: AsyncIterable<RunEvent> | Iterable<RunEvent>,
  options: Partial<OpenTelemetryOptions> = {},
) {
  const { tracer, meter, ...rest } = sdk()
  await collect(traced(events, createTelemetry({ tracer, meter, ...options })))
  return rest
}

const price = () => ({ input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 })
const echo = stub('echo', ({ text }) => `${String(text)}!`)

function withChild(options: Partial<AgentOptions> = {}) {
  const child = scripted([[call('1', 'echo', { text: 'b' })], 'Found.'])
  return agentOf(
    [
      {
        content: [
          call('1', 'echo', { text: 'a' }),
          call('2', 'task', { agent: 'finder', prompt: 'Find it.' }),
        ],
        usage: { inputTokens: 100, cacheReadTokens: 40, cacheWriteTokens: 2, outputTokens: 7 },
      },
      'Done.',
    ],
    {
      tools: [echo],
      price,
      subagents: true,
      agents: [{ name: 'finder', description: 'Finds.', adapter: child, model: 'small' }],
      ...options,
    },
  )
}

test('a run is a tree of spans, a child below the call that began it', async () => {
  const run = withChild().run([], 'Go.', { session: 'sess_1' })
  const { spans, close } = await tell(run, { agentName: 'helper' })
  const finished = spans()
  const nameOf = (id: string | undefined) =>
    finished.find((span) => span.spanContext().spanId === id)?.name
  const tree = finished.map((span) => `${nameOf(span.parentSpanContext?.spanId)} > ${span.name}`)
  expect(tree.toSorted()).toEqual(
    [
      'undefined > invoke_agent helper',
      'invoke_agent helper > chat model-1',
      'invoke_agent helper > chat model-1',
      'invoke_agent helper > execute_tool echo',
      'invoke_agent helper > execute_tool task',
      'execute_tool task > invoke_agent finder',
      'invoke_agent finder > chat small',
      'invoke_agent finder > chat small',
      'invoke_agent finder > execute_tool echo',
    ].toSorted(),
  )
  expect(new Set(finished.map((span) => span.spanContext().traceId)).size).toBe(1)
  const root = finished.find(({ name }) => name === 'invoke_agent helper')
  const { usage } = await run.result
  expect(root?.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'helper',
    'gen_ai.conversation.id': 'sess_1',
    'gen_ai.request.model': 'model-1',
    'gen_ai.usage.input_tokens': usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'harnext.stop_reason': 'complete',
  })
  const [chat] = finished.filter(({ name }) => name === 'chat model-1')
  expect(chat?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'scripted',
    'gen_ai.response.model': 'model-1',
    'gen_ai.response.finish_reasons': ['tool_calls'],
    'gen_ai.usage.input_tokens': 142,
    'gen_ai.usage.cache_read.input_tokens': 40,
    'gen_ai.usage.cache_creation.input_tokens': 2,
  })
  const tool = finished.find(({ name }) => name === 'execute_tool echo')
  expect(tool?.attributes).toMatchObject({
    'gen_ai.tool.name': 'echo',
    'gen_ai.tool.call.id': '1',
    'harnext.permission.decision': 'allow',
  })
  expect(JSON.stringify(finished.map(({ attributes }) => attributes))).not.toContain('a!')
  await close()
})

test('the metrics add up to the result', async () => {
  const run = withChild().run([], 'Go.')
  const { points, close } = await tell(run)
  const { usage } = await run.result
  const tokens = await points('gen_ai.client.token.usage')
  const sum = (type: string): number =>
    tokens
      .filter(({ attributes }) => attributes['gen_ai.token.type'] === type)
      .reduce((total, { value }) => total + ((value as { sum?: number }).sum ?? 0), 0)
  expect(sum('input')).toBe(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens)
  expect(sum('output')).toBe(usage.outputTokens)
  const models = new Set(
    tokens.map(({ attributes }) => String(attributes['gen_ai.response.model'])),
  )
  expect(models).toEqual(new Set(['model-1', 'small']))
  const costs = await points('harnext.cost.usd')
  expect(costs.reduce((total, { value }) => total + Number(value), 0)).toBeCloseTo(
    usage.costUsd ?? Number.NaN,
    12,
  )
  const count = async (name: string) =>
    (await points(name)).reduce((total, { value }) => total + (value as { count: number }).count, 0)
  expect(await count('gen_ai.client.operation.duration')).toBe(4)
  expect(await count('gen_ai.execute_tool.duration')).toBe(3)
  expect(await count('gen_ai.invoke_agent.duration')).toBe(2)
  await close()
})

test('what was said is told only where it was asked for', async () => {
  const { spans, close } = await tell(withChild().run([], 'Go.'), { captureContent: true })
  const tool = spans().find(({ name }) => name === 'execute_tool echo')
  expect(tool?.attributes).toMatchObject({
    'gen_ai.tool.call.arguments': '{"text":"a"}',
    'gen_ai.tool.call.result': 'a!',
  })
  const chats = spans().filter(({ name }) => name === 'chat model-1')
  expect(JSON.parse(String(chats.at(-1)?.attributes['gen_ai.output.messages']))).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: 'Done.' }], finish_reason: 'stop' },
  ])
  await close()
})

test('failures say their type: of a call that was denied, of a model that fails', async () => {
  const failing = new ProviderError('Busy.', { kind: 'overloaded' })
  const agent = agentOf([[call('1', 'echo', { text: 'a' })], failing], {
    tools: [echo],
    maxRetries: 0,
    hooks: { beforeTool: () => ({ deny: 'Not today.' }) },
  })
  const { spans, close } = await tell(agent.run([], 'Go.'))
  const errors = spans().map(({ name, attributes }) => [name, attributes['error.type']])
  expect(errors).toEqual([
    ['chat model-1', undefined],
    ['execute_tool echo', 'denied'],
    ['chat model-1', 'error'],
    ['invoke_agent harnext', 'provider_overloaded'],
  ])
  await close()
})

test('a run stands below the span that is given', async () => {
  const { tracer, spans, close } = sdk()
  const outer = tracer.startSpan('request')
  const above = trace.setSpan(context.active(), outer)
  const run = agentOf(['Hello.']).run([], 'Go.')
  await collect(traced(run, createTelemetry({ tracer, context: above })))
  outer.end()
  const root = spans().find(({ name }) => name === 'invoke_agent harnext')
  expect(root?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
  await close()
})

test('a reader that leaves ends every span', async () => {
  const { tracer, spans, close } = sdk()
  const run = withChild().run([], 'Go.')
  for await (const event of traced(run, createTelemetry({ tracer })))
    if (event.type === 'tool_start' && event.agentPath?.length) break
  const open = spans().filter(({ attributes }) => attributes['error.type'] === 'incomplete')
  expect(open.map(({ name }) => name)).toContain('invoke_agent harnext')
  expect(open.map(({ name }) => name)).toContain('execute_tool task')
  await close()
})

test('whatever the run, every span that begins ends once, inside of its parent', async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(), async (plan, seed) => {
      const events = await runPlan(plan)
      const projector = createTelemetryProjector()
      const seen = events.slice(0, 1 + (seed % events.length))
      const steps = [...seen.flatMap((event) => projector.push(event)), ...projector.end()]
      const open: string[] = []
      for (const step of steps) {
        if (step.type === 'start') {
          expect(open).not.toContain(step.span)
          if (step.parent !== undefined) expect(open).toContain(step.parent)
          open.push(step.span)
        } else if (step.type === 'end') {
          expect(open).toContain(step.span)
          open.splice(open.indexOf(step.span), 1)
        }
      }
      expect(open).toEqual([])
    }),
    { numRuns: 40, seed: 7 },
  )
})
