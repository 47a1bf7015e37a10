import type {
  AssistantMessage,
  AssistantPart,
  ModelStopReason,
  RunEvent,
  ToolCallPart,
} from '@harnext/core'
import type { EventOf } from './projector.ts'

/** A stretch of one answer that streams as one. `index` counts from 0 in each answer. */
export type Block =
  | { readonly kind: 'text' | 'thinking'; readonly index: number }
  | {
      readonly kind: 'tool_call'
      readonly index: number
      readonly id: string
      readonly tool: string
    }

/**
 * What one model call says, in order: `begin`, its blocks, `end`. Blocks of text never overlap; a call stays open until the answer is
 * whole, because some models write several calls at once. In `close`, `text` is all of the block and `whole` is false for what the
 * model did not finish. In `end`, no message means that the call failed.
 */
export type AnswerStep =
  | { readonly type: 'begin' }
  | { readonly type: 'open'; readonly block: Block }
  | { readonly type: 'delta'; readonly block: Block; readonly text: string }
  | {
      readonly type: 'close'
      readonly block: Block
      readonly text: string
      readonly whole: boolean
    }
  | {
      readonly type: 'end'
      readonly message?: AssistantMessage
      readonly stopReason: ModelStopReason
    }

export interface AnswerReader {
  readonly push: (event: RunEvent) => readonly AnswerStep[]
  /** Closes an answer that nothing follows any more. */
  readonly cut: () => readonly AnswerStep[]
}

/**
 * Reads answers out of the events of one agent. What was not streamed follows from the message: in a log, all of it. So the deltas of
 * an answer always add up to its text.
 */
export function createAnswerReader(): AnswerReader {
  let answer = newAnswer()
  const ended = (steps: AnswerStep[]): readonly AnswerStep[] => {
    answer = newAnswer()
    return steps
  }
  const fail = (stopReason: ModelStopReason): readonly AnswerStep[] =>
    answer.begun ? ended(failed(answer, stopReason)) : []
  return {
    push(event) {
      if (event.type === 'text' || event.type === 'thinking')
        return speak(answer, event.type, event.text, event.index)
      if (event.type === 'tool_input') return writeCall(answer, event)
      if (event.type === 'message' && event.message.role === 'assistant')
        return ended(finished(answer, event.message))
      return endsAnswer.has(event.type) ? fail(reasonOf(event)) : []
    },
    cut: () => fail('error'),
  }
}

type Said = 'text' | 'thinking' | 'tool_input' | 'message'
/** After these, what was said so far is no part of an answer. */
type EndsAnswer =
  | ('turn_start' | 'turn_end' | 'retry' | 'fallback')
  | ('run_start' | 'run_resumed' | 'run_end')
export type AnswerEvent = Said | EndsAnswer

const endsAnswer: ReadonlySet<RunEvent['type']> = new Set<EndsAnswer>([
  'turn_start',
  'turn_end',
  'retry',
  'fallback',
  'run_start',
  'run_resumed',
  'run_end',
])

/** One handler for all that an answer is read from, to be spread into those of a projection. */
export function answerHandlers<State, Out>(
  read: (state: State, event: EventOf<AnswerEvent>) => readonly Out[],
): Record<AnswerEvent, typeof read> {
  return {
    text: read,
    thinking: read,
    tool_input: read,
    message: read,
    turn_start: read,
    turn_end: read,
    retry: read,
    fallback: read,
    run_start: read,
    run_resumed: read,
    run_end: read,
  }
}

function reasonOf(event: RunEvent): ModelStopReason {
  return event.type === 'turn_end' ? event.stopReason : 'error'
}

type Kind = 'text' | 'thinking'

interface OpenBlock {
  readonly block: Block
  /** The adapter's own number for the part. */
  readonly part?: number
  text: string
}

interface Answer {
  begun: boolean
  blocks: number
  speaking: OpenBlock | null
  readonly calls: Map<string, OpenBlock>
  /** What was streamed and no part of the message has accounted for yet. */
  readonly streamed: Record<Kind, string>
}

function newAnswer(): Answer {
  return {
    begun: false,
    blocks: 0,
    speaking: null,
    calls: new Map(),
    streamed: { text: '', thinking: '' },
  }
}

function speak(answer: Answer, kind: Kind, text: string, part?: number): AnswerStep[] {
  if (!text) return []
  answer.streamed[kind] += text
  const { speaking } = answer
  const goesOn = speaking?.block.kind === kind && speaking.part === part
  return say(answer, kind, text, { goesOn, ...(part !== undefined && { part }) })
}

function say(
  answer: Answer,
  kind: Kind,
  text: string,
  { goesOn, part }: { readonly goesOn: boolean; readonly part?: number },
): AnswerStep[] {
  const steps = goesOn ? [] : [...begin(answer), ...closeSpeaking(answer, true)]
  if (!goesOn || !answer.speaking) {
    const block: Block = { kind, index: answer.blocks++ }
    answer.speaking = { block, text: '', ...(part !== undefined && { part }) }
    steps.push({ type: 'open', block })
  }
  answer.speaking.text += text
  steps.push({ type: 'delta', block: answer.speaking.block, text })
  return steps
}

function writeCall(
  answer: Answer,
  { id, tool, delta }: { readonly id: string; readonly tool: string; readonly delta: string },
): AnswerStep[] {
  const steps: AnswerStep[] = []
  let call = answer.calls.get(id)
  if (!call) {
    steps.push(...begin(answer), ...closeSpeaking(answer, true))
    call = { block: { kind: 'tool_call', index: answer.blocks++, id, tool }, text: '' }
    answer.calls.set(id, call)
    steps.push({ type: 'open', block: call.block })
  }
  call.text += delta
  if (delta) steps.push({ type: 'delta', block: call.block, text: delta })
  return steps
}

function finished(answer: Answer, message: AssistantMessage): AnswerStep[] {
  const steps = begin(answer)
  for (const part of message.content) steps.push(...finishPart(answer, part))
  steps.push(...closeAll(answer, true))
  steps.push({ type: 'end', message, stopReason: message.stopReason })
  return steps
}

function finishPart(answer: Answer, part: AssistantPart): AnswerStep[] {
  if (part.type === 'tool_call') return finishCall(answer, part)
  if (part.type !== 'text' && part.type !== 'thinking') return []
  const rest = notStreamed(answer, part.type, part.text)
  if (!rest) return []
  const goesOn = rest.length < part.text.length && answer.speaking?.block.kind === part.type
  return say(answer, part.type, rest, { goesOn })
}

/** What of a part has not been said. Where the two disagree, what was said counts: it cannot be taken back. */
function notStreamed(answer: Answer, kind: Kind, text: string): string {
  const said = answer.streamed[kind]
  if (said.startsWith(text)) {
    answer.streamed[kind] = said.slice(text.length)
    return ''
  }
  answer.streamed[kind] = ''
  return text.startsWith(said) ? text.slice(said.length) : ''
}

function finishCall(answer: Answer, { id, tool, args }: ToolCallPart): AnswerStep[] {
  const steps: AnswerStep[] = []
  if (!answer.calls.get(id)?.text)
    steps.push(...writeCall(answer, { id, tool, delta: JSON.stringify(args) }))
  const call = answer.calls.get(id)
  if (!call) return steps
  answer.calls.delete(id)
  steps.push({ type: 'close', block: call.block, text: call.text, whole: true })
  return steps
}

function failed(answer: Answer, stopReason: ModelStopReason): AnswerStep[] {
  return [...closeAll(answer, false), { type: 'end', stopReason }]
}

/** A call that is open still has no part in the message: the model did not finish it. */
function closeAll(answer: Answer, whole: boolean): AnswerStep[] {
  const calls = Array.from(answer.calls.values(), ({ block, text }): AnswerStep => ({
    type: 'close',
    block,
    text,
    whole: false,
  }))
  return [...closeSpeaking(answer, whole), ...calls]
}

function closeSpeaking(answer: Answer, whole: boolean): AnswerStep[] {
  if (!answer.speaking) return []
  const { block, text } = answer.speaking
  answer.speaking = null
  return [{ type: 'close', block, text, whole }]
}

function begin(answer: Answer): AnswerStep[] {
  if (answer.begun) return []
  answer.begun = true
  return [{ type: 'begin' }]
}
