import {
  addUsage,
  zeroUsage,
  type AssistantMessage,
  type HarnextError,
  type RunEvent,
  type RunResult,
  type Usage,
} from '@harnext/core'
import {
  answerHandlers,
  createAnswerReader,
  type AnswerReader,
  type AnswerStep,
  type Block,
} from '../answer.ts'
import {
  projectorOf,
  type EventOf,
  type Handlers,
  type Projector,
  type ProjectorOptions,
} from '../projector.ts'
import type { FinishReason } from '../stop-reason.ts'
import {
  begin,
  decide,
  inputAvailable,
  inputDelta,
  inputUnfinished,
  newCalls,
  progress,
  request,
  settle,
  startInput,
  type Calls,
} from './calls.ts'
import type { UiMessageChunk } from './chunk.ts'

export interface UiMessageStreamOptions extends ProjectorOptions {
  /** Id of the assistant message. @default the id of the run */
  readonly messageId?: string
  /** What the page may read of an error. @default its message */
  readonly errorText?: (error: HarnextError) => string
}

/** A page that answers a `tool-approval-request` has the id of the call in `toolCallId`: `run.respond(toolCallId, approved)`. */
export function createUiMessageStreamProjector(
  options: UiMessageStreamOptions = {},
): Projector<UiMessageChunk> {
  const state: State = { options, ...freshRun() }
  return projectorOf(state, handlers, options, (last) => [
    ...last.answer.cut().flatMap((step) => toChunks(last, step)),
    ...finishStep(last),
  ])
}

interface State extends RunParts {
  readonly options: UiMessageStreamOptions
}

interface RunParts {
  answer: AnswerReader
  calls: Calls
  /** Ids of the blocks that are open. */
  ids: Map<Block, string>
  /** How many blocks and sources there were: ids are unique in the message. */
  count: number
  usage: Usage
  inStep: boolean
  tasks: Map<string, { readonly agent: string; readonly task: string }>
}

function freshRun(): RunParts {
  return {
    answer: createAnswerReader(),
    calls: newCalls(),
    ids: new Map(),
    count: 0,
    usage: zeroUsage,
    inStep: false,
    tasks: new Map(),
  }
}

/** A page sees a call in its answer and in its results. The rest is for the log. */
type LeftOut = 'tool_call' | 'process' | 'prompt' | 'cache_break'

const readAnswer = (state: State, event: RunEvent): readonly UiMessageChunk[] =>
  state.answer.push(event).flatMap((step) => toChunks(state, step))

const handlers: Handlers<State, UiMessageChunk, LeftOut> = {
  ...answerHandlers(readAnswer),
  run_start: startMessage,
  run_resumed: startMessage,
  turn_start(state, event) {
    const owed = [...readAnswer(state, event), ...finishStep(state)]
    state.inStep = true
    return [...owed, { type: 'start-step' }]
  },
  turn_end: (state, event) => [...readAnswer(state, event), ...finishStep(state)],
  message(state, event) {
    const { message } = event
    if (message.role === 'assistant') return readAnswer(state, event)
    if (message.origin !== 'steer') return []
    const text = message.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    return [{ type: 'data-steer', data: { text } }]
  },
  usage(state, event) {
    state.usage = addUsage(state.usage, event)
    return [{ type: 'message-metadata', messageMetadata: { usage: state.usage } }]
  },
  tool_start: ({ calls }, event) => begin(calls, event),
  permission_request: ({ calls }, event) => request(calls, event),
  permission_decision: ({ calls }, event) => decide(calls, event),
  tool_progress: ({ calls }, event) => progress(calls, event),
  tool_result: ({ calls }, event) => [...settle(calls, event), ...fileChange(event)],
  retry(state, event) {
    const { attempt, delayMs, error } = event
    const data = { attempt, delayMs, message: errorText(state, error) }
    return [...takeBack(state, event), { type: 'data-retry', data, transient: true }]
  },
  fallback(state, event) {
    const { from, to, error } = event
    const data = { from, to, message: errorText(state, error) }
    return [...takeBack(state, event), { type: 'data-fallback', data }]
  },
  warning: (_, { code, message }) => [
    { type: 'data-warning', data: { code, message }, transient: true },
  ],
  budget_warning: budget,
  budget_exceeded: budget,
  verification: (_, { round, verification, checks }) => [
    { type: 'data-verification', data: { round, verification, checks } },
  ],
  compaction: (_, { tokensBefore, tokensAfter }) => [
    { type: 'data-compaction', data: { tokensBefore, tokensAfter } },
  ],
  subagent_start({ tasks }, { id, agent, task }) {
    tasks.set(id, { agent, task })
    return [{ type: 'data-subagent', id, data: { agent, task, state: 'running' } }]
  },
  subagent_end({ tasks }, { id, result }) {
    const task = tasks.get(id) ?? { agent: '', task: '' }
    return [{ type: 'data-subagent', id, data: { ...task, state: 'done', result } }]
  },
  error: (state, { error }) => [{ type: 'error', errorText: errorText(state, error) }],
  run_end: (state, event) => [
    ...readAnswer(state, event),
    ...finishStep(state),
    ...finishMessage(event.result),
  ],
}

function startMessage(
  state: State,
  event: EventOf<'run_start' | 'run_resumed'>,
): readonly UiMessageChunk[] {
  Object.assign(state, freshRun())
  const { sessionId, runId, provider, model } = event
  return [
    {
      type: 'start',
      messageId: state.options.messageId ?? runId,
      messageMetadata: { sessionId, runId, provider, model },
    },
  ]
}

function toChunks(state: State, step: AnswerStep): readonly UiMessageChunk[] {
  switch (step.type) {
    case 'begin':
      return []
    case 'open': {
      const { block } = step
      if (block.kind === 'tool_call') return [startInput(state.calls, block.id, block.tool)]
      const id = `${uiKind(block)}-${++state.count}`
      state.ids.set(block, id)
      return [{ type: `${uiKind(block)}-start`, id }]
    }
    case 'delta': {
      const { block, text } = step
      if (block.kind === 'tool_call') return [inputDelta(block.id, text)]
      return [{ type: `${uiKind(block)}-delta`, id: state.ids.get(block) ?? '', delta: text }]
    }
    case 'close': {
      const { block, whole } = step
      if (block.kind === 'tool_call') return whole ? [] : [inputUnfinished(block.id, block.tool)]
      const id = state.ids.get(block) ?? ''
      state.ids.delete(block)
      return [{ type: `${uiKind(block)}-end`, id }]
    }
    case 'end':
      return step.message ? partChunks(state, step.message) : []
  }
}

function uiKind({ kind }: Block): 'text' | 'reasoning' {
  return kind === 'text' ? 'text' : 'reasoning'
}

/** What does not stream. */
function partChunks(state: State, { content }: AssistantMessage): readonly UiMessageChunk[] {
  return content.flatMap((part): readonly UiMessageChunk[] => {
    if (part.type === 'tool_call') return [inputAvailable(part)]
    if (part.type !== 'source') return []
    const title = part.title === undefined ? {} : { title: part.title }
    return [{ type: 'source-url', sourceId: `source-${++state.count}`, url: part.url, ...title }]
  })
}

/** What the model had said before it was asked again is no part of the message. */
function takeBack(state: State, event: EventOf<'retry' | 'fallback'>): readonly UiMessageChunk[] {
  const chunks = readAnswer(state, event)
  return chunks.length ? [...chunks, { type: 'reset-step' }] : []
}

function errorText({ options }: State, error: HarnextError): string {
  return options.errorText ? options.errorText(error) : error.message
}

function finishStep(state: State): readonly UiMessageChunk[] {
  if (!state.inStep) return []
  state.inStep = false
  return [{ type: 'finish-step' }]
}

function fileChange({ id, changes }: EventOf<'tool_result'>): readonly UiMessageChunk[] {
  if (!changes?.length) return []
  return [{ type: 'data-file-change', data: { toolCallId: id, paths: changes } }]
}

function budget(
  _: State,
  event: EventOf<'budget_warning' | 'budget_exceeded'>,
): readonly UiMessageChunk[] {
  const { type, kind, used, limit, fraction } = event
  const state = type === 'budget_warning' ? 'warning' : 'exceeded'
  return [{ type: 'data-budget', data: { state, kind, used, limit, fraction } }]
}

function finishMessage({ stopReason, usage }: RunResult<unknown>): readonly UiMessageChunk[] {
  const messageMetadata = { usage, stopReason }
  if (stopReason === 'cancelled')
    return [{ type: 'message-metadata', messageMetadata }, { type: 'abort' }]
  return [{ type: 'finish', finishReason: runFinishReasons[stopReason], messageMetadata }]
}

/** `tool-calls`: the run would have gone on, had there been a turn left, or an answer. */
const runFinishReasons: {
  readonly [Reason in Exclude<RunResult['stopReason'], 'cancelled'>]: FinishReason
} = {
  complete: 'stop',
  max_turns: 'tool-calls',
  paused: 'tool-calls',
  budget: 'other',
  length: 'length',
  refused: 'content-filter',
  error: 'error',
}
