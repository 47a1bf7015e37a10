import type { AssistantMessage, RunEvent } from '@harnext/core'
import type { AnswerStep, Block } from '../answer.ts'
import { toMessagesStopReason } from '../stop-reason.ts'
import { agentStamp, type AgentLines } from './agent-lines.ts'
import { emptyBlock, toBlocks } from './content.ts'
import type { StreamJsonAssistant, StreamJsonMessage, StreamJsonRawEvent } from './message.ts'
import { streamJsonUsage } from './result.ts'

type AssistantBody = StreamJsonAssistant['message']

/** What an event says of an answer: its raw events, if they are wanted, and then the whole of it. */
export function answerLines(agent: AgentLines, event: RunEvent): readonly StreamJsonMessage[] {
  return stepLines(agent, agent.answer.push(event))
}

export function stepLines(
  agent: AgentLines,
  steps: readonly AnswerStep[],
): readonly StreamJsonMessage[] {
  return steps.flatMap((step): readonly StreamJsonMessage[] => {
    const partial = agent.run.options.includePartialMessages ? rawEvents(agent, step) : []
    const lines = partial.map((event) => ({
      type: 'stream_event' as const,
      event,
      ...agentStamp(agent),
    }))
    if (step.type !== 'end' || !step.message) return lines
    const message = wholeBody(agent, step.message)
    return [...lines, { type: 'assistant', message, ...agentStamp(agent) }]
  })
}

function rawEvents(agent: AgentLines, step: AnswerStep): readonly StreamJsonRawEvent[] {
  switch (step.type) {
    case 'begin':
      return [{ type: 'message_start', message: emptyBody(agent) }]
    case 'open': {
      const { block } = step
      return [{ type: 'content_block_start', index: block.index, content_block: emptyBlock(block) }]
    }
    case 'delta': {
      const { block, text } = step
      return [{ type: 'content_block_delta', index: block.index, delta: rawDelta(block, text) }]
    }
    case 'close':
      return [{ type: 'content_block_stop', index: step.block.index }]
    case 'end': {
      const { message, stopReason } = step
      const stop_reason = toMessagesStopReason(stopReason, message?.rawStopReason)
      return [
        {
          type: 'message_delta',
          delta: { stop_reason, stop_sequence: null },
          usage: streamJsonUsage(message?.usage),
        },
        { type: 'message_stop' },
      ]
    }
  }
}

function rawDelta(
  { kind }: Block,
  text: string,
): Extract<StreamJsonRawEvent, { readonly type: 'content_block_delta' }>['delta'] {
  if (kind === 'text') return { type: 'text_delta', text }
  if (kind === 'thinking') return { type: 'thinking_delta', thinking: text }
  return { type: 'input_json_delta', partial_json: text }
}

function wholeBody(agent: AgentLines, message: AssistantMessage): AssistantBody {
  return {
    ...emptyBody(agent),
    model: message.model,
    content: toBlocks(message),
    stop_reason: toMessagesStopReason(message.stopReason, message.rawStopReason),
    usage: streamJsonUsage(message.usage),
  }
}

/** As an answer is when it begins. Its id is the same in all of its lines. */
function emptyBody({ run, path, turn }: AgentLines): AssistantBody {
  return {
    id: ['msg', run.runId, ...path, String(turn)].join('_'),
    type: 'message',
    role: 'assistant',
    model: run.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: streamJsonUsage(),
  }
}
