import type { AssistantMessage, Json, Usage } from '@harnext/core'
import { handle, pathKey, type EventOf, type Handlers, type Projector } from '../projector.ts'
import { measures, modelOf, named, outputMessages, providerName, usageOf } from './attributes.ts'
import {
  agentSpan,
  chatSpan,
  cut,
  end,
  endBelow,
  start,
  toolSpan,
  type Attributes,
  type Failure,
  type State,
  type TelemetryStep,
} from './spans.ts'

export interface TelemetryOptions {
  /** `gen_ai.agent.name` of the run itself. @default 'harnext' */
  readonly agentName?: string
  /** Also what was said: arguments, results and answers, which may hold private data. @default false */
  readonly captureContent?: boolean
}

/**
 * A run as spans and metrics of the GenAI semantic conventions: `invoke_agent` around `chat` and `execute_tool`, a child's own below the
 * call that began it. For children, the run needs `subagents: true`. What is open at the end of a cut stream ends with an error.
 */
export function createTelemetryProjector(options: TelemetryOptions = {}): Projector<TelemetryStep> {
  const { agentName = 'harnext', captureContent = false } = options
  const state: State = { agentName, captureContent, open: new Map(), runs: new Map() }
  return {
    push: (event) => handle(state, handlers, event),
    end: () => endBelow(state, '', cut),
  }
}

/** Deltas, and what no span or metric of the conventions holds. */
type LeftOut =
  | ('thinking' | 'text' | 'tool_call' | 'tool_input' | 'tool_progress' | 'process' | 'prompt')
  | ('permission_request' | 'retry' | 'fallback' | 'warning' | 'compaction' | 'cache_break')
  | ('budget_warning' | 'budget_exceeded' | 'verification')

const handlers: Handlers<State, TelemetryStep, LeftOut> = {
  run_start: beginRun,
  run_resumed: beginRun,
  subagent_start(state, { agent, id, call, agentPath = [] }) {
    const path = [...agentPath, id]
    const tool = toolSpan(agentPath, call)
    const parent = state.open.has(tool) ? tool : agentSpan(agentPath)
    return startAgent(state, path, agent, { 'gen_ai.agent.id': id }, parent)
  },
  turn_start(state, { agentPath = [] }) {
    const run = state.runs.get(pathKey(agentPath))
    if (!run) return []
    run.chat = {}
    run.decisions.clear()
    const attributes = { 'gen_ai.operation.name': 'chat', ...modelOf(run.attributes) }
    return start(state, {
      span: chatSpan(agentPath),
      parent: agentSpan(agentPath),
      name: named('chat', run.attributes['gen_ai.request.model']),
      kind: 'client',
      attributes: { ...attributes, 'gen_ai.output.type': 'text' },
      metric: 'gen_ai.client.operation.duration',
      ofMetric: attributes,
    })
  },
  usage(state, { type: _type, agentPath = [], ...usage }) {
    const run = state.runs.get(pathKey(agentPath))
    if (run?.chat && state.open.has(chatSpan(agentPath))) {
      run.chat.usage = usage
      return []
    }
    // A hook's own model call has no span.
    return measures(usage, {
      'gen_ai.operation.name': 'chat',
      ...modelOf(run?.attributes ?? {}),
    })
  },
  message(state, { message, agentPath = [] }) {
    if (message.role !== 'assistant') return []
    const { chat } = state.runs.get(pathKey(agentPath)) ?? {}
    return endChat(state, agentPath, message, chat?.usage)
  },
  turn_end(state, { agentPath = [], stopReason }) {
    const failure = { type: stopReason, message: 'The model gave no answer.' }
    return end(state, chatSpan(agentPath), {}, failure)
  },
  permission_decision(state, { id, decision, by, agentPath = [] }) {
    const run = state.runs.get(pathKey(agentPath))
    run?.decisions.set(id, {
      'harnext.permission.decision': decision,
      'harnext.permission.by': by,
    })
    return []
  },
  tool_start: (state, event) => startTool(state, event, event.args),
  tool_result(state, event) {
    const { id, tool, status, reason, output, agentPath = [] } = event
    const span = toolSpan(agentPath, id)
    // What never ran is told of too: a denial is what somebody looks for.
    const began = state.open.has(span) ? [] : startTool(state, event)
    const failure = { type: reason ?? status, message: `${tool}: ${reason ?? status}` }
    const attributes = state.captureContent ? { 'gen_ai.tool.call.result': output } : {}
    return [...began, ...end(state, span, attributes, status === 'ok' ? undefined : failure)]
  },
  error(state, { error, agentPath = [] }) {
    const run = state.runs.get(pathKey(agentPath))
    if (run) run.error = { type: error.code, message: error.message }
    return []
  },
  subagent_end(state, { id, result, agentPath = [] }) {
    const path = [...agentPath, id]
    const { stopReason, error } = result
    const failure = error && { type: error.code, message: error.message }
    return endAgent(state, path, { 'harnext.stop_reason': stopReason }, failure)
  },
  run_end(state, { result, agentPath = [] }) {
    const { stopReason, usage, turns, toolCalls, verification } = result
    const run = state.runs.get(pathKey(agentPath))
    return endAgent(
      state,
      agentPath,
      {
        ...usageOf(usage),
        ...(usage.costUsd !== null && { 'harnext.cost.usd': usage.costUsd }),
        'harnext.stop_reason': stopReason,
        'harnext.turns': turns,
        'harnext.tool_calls': toolCalls,
        ...(verification && { 'harnext.verification': verification }),
      },
      run?.error ?? (result.error && { type: result.error.code, message: result.error.message }),
    )
  },
}

function beginRun(
  state: State,
  { sessionId, runId, provider, model, agentPath = [] }: EventOf<'run_start' | 'run_resumed'>,
): readonly TelemetryStep[] {
  const owed = endBelow(state, agentSpan(agentPath), cut)
  const attributes = {
    'gen_ai.provider.name': providerName(provider),
    'gen_ai.request.model': model,
    'gen_ai.conversation.id': sessionId,
    'harnext.run.id': runId,
  }
  return [...owed, ...startAgent(state, agentPath, state.agentName, attributes)]
}

function startAgent(
  state: State,
  path: readonly string[],
  agent: string,
  attributes: Attributes,
  parent?: string,
): readonly TelemetryStep[] {
  const of = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': agent }
  state.runs.set(pathKey(path), { attributes, agent, decisions: new Map() })
  return start(state, {
    span: agentSpan(path),
    ...(parent !== undefined && { parent }),
    name: named('invoke_agent', agent),
    kind: 'internal',
    attributes: { ...of, ...attributes },
    metric: 'gen_ai.invoke_agent.duration',
    ofMetric: { ...of, ...modelOf(attributes) },
  })
}

function endAgent(
  state: State,
  path: readonly string[],
  attributes: Attributes,
  failure?: Failure,
): readonly TelemetryStep[] {
  const span = agentSpan(path)
  const steps = [...endBelow(state, `${span}/`, cut), ...end(state, span, attributes, failure)]
  state.runs.delete(pathKey(path))
  return steps
}

function startTool(
  state: State,
  { id, tool, agentPath = [] }: { id: string; tool: string; agentPath?: readonly string[] },
  args?: Json,
): readonly TelemetryStep[] {
  const run = state.runs.get(pathKey(agentPath))
  if (!run) return []
  const of = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool }
  const content =
    state.captureContent && args !== undefined
      ? { 'gen_ai.tool.call.arguments': JSON.stringify(args) }
      : {}
  return start(state, {
    span: toolSpan(agentPath, id),
    parent: agentSpan(agentPath),
    name: named('execute_tool', tool),
    kind: 'internal',
    attributes: {
      ...of,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': id,
      ...run.decisions.get(id),
      ...content,
    },
    metric: 'gen_ai.execute_tool.duration',
    ofMetric: of,
  })
}

function endChat(
  state: State,
  path: readonly string[],
  message: AssistantMessage,
  usage: Usage | undefined,
): readonly TelemetryStep[] {
  const { provider, model, stopReason } = message
  const span = chatSpan(path)
  const known = state.open.get(span)
  if (!known) return []
  // A child's model, and that of a fallback, is known from its answer.
  const ofAnswer = {
    'gen_ai.provider.name': providerName(provider),
    'gen_ai.response.model': model,
  }
  const metric = { 'gen_ai.request.model': model, ...known.attributes, ...ofAnswer }
  state.open.set(span, { ...known, attributes: metric })
  const attributes = {
    ...metric,
    'gen_ai.response.finish_reasons': [stopReason],
    ...(usage && usageOf(usage)),
    ...(state.captureContent && { 'gen_ai.output.messages': outputMessages(message) }),
  }
  const name = named('chat', metric['gen_ai.request.model'])
  return [
    ...(usage ? measures(usage, metric) : []),
    ...end(state, span, attributes, undefined, name),
  ]
}
