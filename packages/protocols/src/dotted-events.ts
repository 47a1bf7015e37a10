import {
  HarnextError,
  totalTokens,
  type AssistantMessage,
  type Json,
  type Message,
  type RunEvent,
  type RunResult,
  type Usage,
} from '@harnext/core'
import { answerHandlers, createAnswerReader, type AnswerReader, type AnswerStep } from './answer.ts'
import {
  projectorOf,
  type EventOf,
  type Handlers,
  type Projector,
  type ProjectorOptions,
} from './projector.ts'
import { finishReasons, type FinishReason } from './stop-reason.ts'

/**
 * The eleven events of OpenHarness' `Agent.run()`. `text.done` and `reasoning.done` come for what the model finished. `tool.start` is
 * the model's request, so a call that was denied or could not be read has one too, and then a `tool.error`.
 */
export type DottedEvent =
  | { readonly type: 'text.delta' | 'text.done'; readonly text: string }
  | { readonly type: 'reasoning.delta' | 'reasoning.done'; readonly text: string }
  | {
      readonly type: 'tool.start'
      readonly toolCallId: string
      readonly toolName: string
      readonly input: Json
    }
  | {
      readonly type: 'tool.done'
      readonly toolCallId: string
      readonly toolName: string
      /** What the model was told. */
      readonly output: string
    }
  | {
      readonly type: 'tool.error'
      readonly toolCallId: string
      readonly toolName: string
      readonly error: string
    }
  /** Counts from 1 in each run. */
  | { readonly type: 'step.start'; readonly stepNumber: number }
  | {
      readonly type: 'step.done'
      readonly stepNumber: number
      readonly usage: TokenUsage
      readonly finishReason: FinishReason
    }
  /** Also comes, before `done`, when the run was cancelled or its budget was used up. As JSON it is the error's record. */
  | { readonly type: 'error'; readonly error: HarnextError }
  | DottedDone

/** Last, once in each run. */
export interface DottedDone {
  readonly type: 'done'
  readonly result: 'complete' | 'stopped' | 'max_steps' | 'error'
  /** The whole conversation: the history of the next run. */
  readonly messages: readonly Message[]
  readonly totalUsage: TokenUsage
}

/** Input counts what the cache held, as the AI SDK does. Absent where the provider did not say. */
export interface TokenUsage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly totalTokens?: number
}

export function createDottedEventsProjector(
  options: ProjectorOptions = {},
): Projector<DottedEvent> {
  const state: State = { answer: createAnswerReader(), step: 0, usage: {}, reported: false }
  return projectorOf(state, handlers, options, ({ answer }) => answer.cut().flatMap(toDotted))
}

interface State {
  readonly answer: AnswerReader
  step: number
  /** Of the turn that is under way. */
  usage: TokenUsage
  /** The error of the run was told; its end says it again. */
  reported: boolean
}

/** OpenHarness tells decisions, compaction and retries elsewhere, or not at all. */
type LeftOut =
  | ('tool_call' | 'tool_start' | 'tool_progress' | 'process')
  | ('permission_request' | 'permission_decision')
  | ('usage' | 'budget_warning' | 'budget_exceeded' | 'cache_break' | 'verification')
  | ('prompt' | 'compaction' | 'warning' | 'subagent_start' | 'subagent_end')

const readAnswer = ({ answer }: State, event: RunEvent): readonly DottedEvent[] =>
  answer.push(event).flatMap(toDotted)

const handlers: Handlers<State, DottedEvent, LeftOut> = {
  ...answerHandlers(readAnswer),
  run_start: beginRun,
  run_resumed: beginRun,
  turn_start(state, event) {
    const owed = readAnswer(state, event)
    state.step += 1
    state.usage = {}
    return [...owed, { type: 'step.start', stepNumber: state.step }]
  },
  message(state, event) {
    if (event.message.role === 'assistant') state.usage = tokenUsage(event.message.usage)
    return readAnswer(state, event)
  },
  tool_result: (_, { id, tool, status, output }) => {
    const call = { toolCallId: id, toolName: tool }
    return status === 'ok'
      ? [{ type: 'tool.done', ...call, output }]
      : [{ type: 'tool.error', ...call, error: output }]
  },
  turn_end(state, event) {
    const finishReason = finishReasons[event.stopReason]
    const { step: stepNumber, usage } = state
    return [...readAnswer(state, event), { type: 'step.done', stepNumber, usage, finishReason }]
  },
  error(state, { error }) {
    state.reported = true
    return [{ type: 'error', error }]
  },
  run_end(state, event) {
    const { result } = event
    const error = state.reported ? undefined : errorOf(result)
    state.reported = false
    return [
      ...readAnswer(state, event),
      ...(error ? [{ type: 'error', error } as const] : []),
      {
        type: 'done',
        result: doneResults[result.stopReason],
        messages: result.messages,
        totalUsage: tokenUsage(result.usage),
      },
    ]
  },
}

function beginRun(
  state: State,
  event: EventOf<'run_start' | 'run_resumed'>,
): readonly DottedEvent[] {
  state.step = 0
  state.reported = false
  return readAnswer(state, event)
}

function toDotted(step: AnswerStep): readonly DottedEvent[] {
  if (step.type === 'end') return step.message ? toolStarts(step.message) : []
  if (step.type !== 'delta' && !(step.type === 'close' && step.whole)) return []
  const { kind } = step.block
  if (kind === 'tool_call') return []
  const name = kind === 'text' ? 'text' : 'reasoning'
  return [{ type: `${name}.${step.type === 'delta' ? 'delta' : 'done'}`, text: step.text }]
}

function toolStarts({ content }: AssistantMessage): readonly DottedEvent[] {
  return content.flatMap((part): readonly DottedEvent[] =>
    part.type === 'tool_call'
      ? [{ type: 'tool.start', toolCallId: part.id, toolName: part.tool, input: part.args }]
      : [],
  )
}

const doneResults: { readonly [Reason in RunResult['stopReason']]: DottedDone['result'] } = {
  complete: 'complete',
  max_turns: 'max_steps',
  cancelled: 'stopped',
  paused: 'stopped',
  budget: 'stopped',
  length: 'stopped',
  refused: 'stopped',
  error: 'error',
}

function errorOf({ stopReason, error }: RunResult<unknown>): HarnextError | undefined {
  if (stopReason === 'cancelled')
    return error ?? new HarnextError('The run was cancelled.', { code: 'cancelled' })
  return stopReason === 'error' || stopReason === 'budget' ? error : undefined
}

function tokenUsage(usage: Usage | undefined): TokenUsage {
  if (!usage) return {}
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage
  return {
    inputTokens: inputTokens + cacheReadTokens + cacheWriteTokens,
    outputTokens,
    totalTokens: totalTokens(usage),
  }
}
