import {
  textOf,
  toolCalls,
  type AssistantMessage,
  type Json,
  type RunEvent,
  type RunResult,
} from '@harnext/core'
import { answerHandlers, createAnswerReader, type AnswerReader, type AnswerStep } from './answer.ts'
import {
  projectorOf,
  type EventOf,
  type Handlers,
  type Projector,
  type ProjectorOptions,
} from './projector.ts'
import { toMessagesStopReason } from './stop-reason.ts'

/**
 * The messages of Harness' `run()` (the Python package `harness-agent`), with its field names in camel case. Where Python asks
 * `isinstance`, `kind` or a guard such as `isTextMessage` does it here. A call is a `tool_use` and then one `tool_result`, also when it
 * was denied; `result` is last, once in each run.
 */
export type HarnessMessage =
  | TextMessage
  | ToolUse
  | ToolResult
  | Result
  | CompactionEvent
  | SystemEvent

/** Chunks while the model speaks; then, once in each turn that has text, all of its text with `isPartial: false`. */
export interface TextMessage {
  readonly kind: 'text_message'
  readonly text: string
  readonly isPartial: boolean
}

export interface ToolUse {
  readonly kind: 'tool_use'
  readonly id: string
  readonly name: string
  readonly args: Json
}

export interface ToolResult {
  readonly kind: 'tool_result'
  readonly toolUseId: string
  readonly content: string
  readonly isError: boolean
}

/** What the run came to: the sums of all its turns, with its subagents. */
export interface Result {
  readonly kind: 'result'
  readonly text: string
  readonly sessionId: string
  readonly turns: number
  readonly toolCalls: number
  readonly totalTokens: number
  /** US dollars; `null` where a price is not known, never 0 for that reason. */
  readonly totalCost: number | null
  /** The model's own word (`end_turn`, …) when the run is complete; else why it ended: `max_turns`, `budget`, `cancelled`, `error`, … */
  readonly stopReason: string
}

export interface CompactionEvent {
  readonly kind: 'compaction_event'
  readonly tokensBefore: number
  readonly tokensAfter: number
  readonly summary: string
}

/** `data` is what the event of the run holds; an error is its record. */
export interface SystemEvent {
  readonly kind: 'system_event'
  readonly type:
    | 'session_start'
    | 'warning'
    | 'retry'
    | 'fallback'
    | 'budget_warning'
    | 'budget_exceeded'
    | 'verification'
    | 'error'
  readonly data: { readonly [key: string]: unknown }
}

export function createMessagesProjector(options: ProjectorOptions = {}): Projector<HarnessMessage> {
  const state: State = { answer: createAnswerReader(), stopReason: 'end_turn' }
  return projectorOf(state, handlers, options, ({ answer }) => answer.cut().flatMap(toMessages))
}

export function isTextMessage(message: HarnessMessage): message is TextMessage {
  return message.kind === 'text_message'
}
export function isToolUse(message: HarnessMessage): message is ToolUse {
  return message.kind === 'tool_use'
}
export function isToolResult(message: HarnessMessage): message is ToolResult {
  return message.kind === 'tool_result'
}
export function isResult(message: HarnessMessage): message is Result {
  return message.kind === 'result'
}
export function isCompactionEvent(message: HarnessMessage): message is CompactionEvent {
  return message.kind === 'compaction_event'
}
export function isSystemEvent(message: HarnessMessage): message is SystemEvent {
  return message.kind === 'system_event'
}

interface State {
  readonly answer: AnswerReader
  /** Of the last answer. */
  stopReason: string
}

/** Harness has no message for thinking, decisions and what happens inside of a call. */
type LeftOut =
  | ('tool_call' | 'tool_start' | 'tool_progress' | 'process')
  | ('permission_request' | 'permission_decision')
  | ('usage' | 'cache_break' | 'prompt' | 'subagent_start' | 'subagent_end')

const readAnswer = ({ answer }: State, event: RunEvent): readonly HarnessMessage[] =>
  answer.push(event).flatMap(toMessages)

const handlers: Handlers<State, HarnessMessage, LeftOut> = {
  ...answerHandlers(readAnswer),
  run_start: beginRun,
  run_resumed: beginRun,
  message(state, event) {
    const { message } = event
    if (message.role === 'assistant')
      state.stopReason = toMessagesStopReason(message.stopReason, message.rawStopReason)
    return readAnswer(state, event)
  },
  tool_result: (_, { id, output, status }) => [
    { kind: 'tool_result', toolUseId: id, content: output, isError: status !== 'ok' },
  ],
  compaction: (_, { tokensBefore, tokensAfter, summary }) => [
    { kind: 'compaction_event', tokensBefore, tokensAfter, summary },
  ],
  warning: (_, event) => [systemEvent(event)],
  budget_warning: (_, event) => [systemEvent(event)],
  budget_exceeded: (_, event) => [systemEvent(event)],
  verification: (_, event) => [systemEvent(event)],
  retry: tellFailure,
  fallback: tellFailure,
  error: (_, { error }) => [{ kind: 'system_event', type: 'error', data: { ...error.toJSON() } }],
  run_end: (state, event) => [...readAnswer(state, event), toResult(state, event.result)],
}

function beginRun(
  state: State,
  event: EventOf<'run_start' | 'run_resumed'>,
): readonly HarnessMessage[] {
  const { sessionId, runId, provider, model } = event
  state.stopReason = 'end_turn'
  return [
    ...readAnswer(state, event),
    {
      kind: 'system_event',
      type: 'session_start',
      data: { sessionId, runId, provider, model, resumed: event.type === 'run_resumed' },
    },
  ]
}

function tellFailure(
  state: State,
  event: EventOf<'retry' | 'fallback'>,
): readonly HarnessMessage[] {
  const { type, error, agentPath: _, ...data } = event
  return [
    ...readAnswer(state, event),
    { kind: 'system_event', type, data: { ...data, error: error.toJSON() } },
  ]
}

function systemEvent(
  event: EventOf<'warning' | 'budget_warning' | 'budget_exceeded' | 'verification'>,
): SystemEvent {
  const { type, agentPath: _, ...data } = event
  return { kind: 'system_event', type, data }
}

function toMessages(step: AnswerStep): readonly HarnessMessage[] {
  if (step.type === 'delta' && step.block.kind === 'text')
    return [{ kind: 'text_message', text: step.text, isPartial: true }]
  return step.type === 'end' && step.message ? wholeAnswer(step.message) : []
}

function wholeAnswer(message: AssistantMessage): readonly HarnessMessage[] {
  const text = textOf(message.content)
  return [
    ...(text ? [{ kind: 'text_message', text, isPartial: false } as const] : []),
    ...toolCalls(message).map(({ id, tool, args }) => ({
      kind: 'tool_use' as const,
      id,
      name: tool,
      args,
    })),
  ]
}

function toResult(state: State, result: RunResult<unknown>): Result {
  const { text, sessionId, turns, stopReason, usage } = result
  return {
    kind: 'result',
    text,
    sessionId,
    turns,
    toolCalls: result.toolCalls,
    totalTokens: usage.totalTokens,
    totalCost: usage.costUsd,
    stopReason: stopReason === 'complete' ? state.stopReason : stopReason,
  }
}
