import { zeroUsage, type HarnextError, type RunEvent } from '@harnext/core'
import {
  answerHandlers,
  createAnswerReader,
  type AnswerReader,
  type AnswerStep,
  type Block,
} from './answer.ts'
import { projectorOf, type Handlers, type Projector, type ProjectorOptions } from './projector.ts'
import { toMessagesStopReason } from './stop-reason.ts'

/**
 * The stream events of data-harness (`run_stream`): the raw shape of Anthropic's server-sent events, with blocks named as data-harness
 * names them and a `tool_result` after each call. Beyond it, this stream has thinking and, where data-harness ends silently, `error`.
 */
export type ContentBlockEvent =
  /** One model call begins. */
  | { readonly type: 'message_start' }
  | {
      readonly type: 'content_block_start'
      readonly index: number
      readonly content_block: ContentBlock
    }
  | {
      readonly type: 'content_block_delta'
      readonly index: number
      readonly delta: ContentDelta
    }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | MessageDelta
  | { readonly type: 'message_stop' }
  | {
      readonly type: 'tool_result'
      readonly tool_use_id: string
      readonly tool_name: string
      readonly content: string
      readonly is_error: boolean
    }
  | {
      readonly type: 'error'
      /** `type` is the code of the error. */
      readonly error: { readonly type: string; readonly message: string }
    }

/** As it is when it starts: the text comes as deltas, the input as deltas of JSON. */
export type ContentBlock =
  | { readonly type: 'text'; readonly text: '' }
  | { readonly type: 'thinking'; readonly thinking: '' }
  | {
      readonly type: 'tool_use'
      readonly tool_use_id: string
      readonly tool_name: string
      readonly tool_input: { readonly [key: string]: never }
    }

export type ContentDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }

/** Tokens of this model call, all 0 where the provider did not say. */
export interface MessageDelta {
  readonly type: 'message_delta'
  /** `end_turn`, `tool_use`, `max_tokens`, `stop_sequence`, …; `error` or `cancelled` when the call failed. */
  readonly stop_reason: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
}

export function createContentBlocksProjector(
  options: ProjectorOptions = {},
): Projector<ContentBlockEvent> {
  const state: State = { answer: createAnswerReader(), reported: false }
  return projectorOf(state, handlers, options, ({ answer }) => answer.cut().flatMap(toBlockEvents))
}

interface State {
  readonly answer: AnswerReader
  /** The error of the run was told; its end says it again. */
  reported: boolean
}

/** Decisions, costs and notices have no place in this stream; the calls themselves are blocks of the answer. */
type LeftOut =
  | ('tool_call' | 'tool_start' | 'tool_progress' | 'process')
  | ('permission_request' | 'permission_decision')
  | ('usage' | 'budget_warning' | 'budget_exceeded' | 'cache_break' | 'verification')
  | ('prompt' | 'compaction' | 'warning' | 'subagent_start' | 'subagent_end')

const readAnswer = ({ answer }: State, event: RunEvent): readonly ContentBlockEvent[] =>
  answer.push(event).flatMap(toBlockEvents)

const handlers: Handlers<State, ContentBlockEvent, LeftOut> = {
  ...answerHandlers(readAnswer),
  tool_result: (_, { id, tool, output, status }) => [
    {
      type: 'tool_result',
      tool_use_id: id,
      tool_name: tool,
      content: output,
      is_error: status !== 'ok',
    },
  ],
  error(state, { error }) {
    state.reported = true
    return [errorEvent(error)]
  },
  run_end(state, event) {
    const { error } = event.result
    const owed = error && !state.reported ? [errorEvent(error)] : []
    state.reported = false
    return [...readAnswer(state, event), ...owed]
  },
}

function errorEvent({ code, message }: HarnextError): ContentBlockEvent {
  return { type: 'error', error: { type: code, message } }
}

function toBlockEvents(step: AnswerStep): readonly ContentBlockEvent[] {
  switch (step.type) {
    case 'begin':
      return [{ type: 'message_start' }]
    case 'open':
      return [
        {
          type: 'content_block_start',
          index: step.block.index,
          content_block: contentBlock(step.block),
        },
      ]
    case 'delta':
      return [
        {
          type: 'content_block_delta',
          index: step.block.index,
          delta: contentDelta(step.block, step.text),
        },
      ]
    case 'close':
      return [{ type: 'content_block_stop', index: step.block.index }]
    case 'end':
      return [messageDelta(step), { type: 'message_stop' }]
  }
}

function contentBlock(block: Block): ContentBlock {
  if (block.kind === 'tool_call')
    return { type: 'tool_use', tool_use_id: block.id, tool_name: block.tool, tool_input: {} }
  return block.kind === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '' }
}

function contentDelta({ kind }: Block, text: string): ContentDelta {
  if (kind === 'text') return { type: 'text_delta', text }
  if (kind === 'thinking') return { type: 'thinking_delta', thinking: text }
  return { type: 'input_json_delta', partial_json: text }
}

function messageDelta({
  message,
  stopReason,
}: Extract<AnswerStep, { readonly type: 'end' }>): MessageDelta {
  const usage = message?.usage ?? zeroUsage
  return {
    type: 'message_delta',
    stop_reason: toMessagesStopReason(stopReason, message?.rawStopReason),
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
  }
}
