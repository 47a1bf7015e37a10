import {
  toolCalls,
  type JsonObject,
  type Message,
  type ToolCallPart,
  type ToolMessage,
} from '@harnext/core/provider'
import { jsonText } from './json-text.ts'
import {
  missingResult,
  toAssistantMessage,
  toTextAndImages,
  toToolMessage,
  toUserMessage,
  type TextAndImages,
} from './to-ollama-message.ts'
import type { Warning } from './warning.ts'

export interface WrittenMessages {
  /** The members of a JSON array; empty when there are none. */
  readonly text: string
  /** About what could not be sent, from the messages that are new since the last call. */
  readonly warnings: readonly Warning[]
}

/**
 * Makes a writer of `messages` that keeps what it wrote: when a history only grew, nothing but its new messages is serialised. It
 * recognises a history by its frozen messages, and forgets it with them. What was sent once stays as it is, byte by byte, so that
 * the server finds it in its cache.
 */
export function messagesWriter(): (
  messages: readonly Message[],
  takesImages: boolean,
) => WrittenMessages {
  const histories = new WeakMap<Message, History>()
  return (messages, takesImages) => {
    const [first] = messages
    if (!first) return { text: '', warnings: [] }
    const known = histories.get(first)
    const history =
      known && isContinued(known, messages, takesImages) ? known : newHistory(takesImages)
    // What fails half-way must not be gone on with.
    histories.delete(first)
    const warnings: Warning[] = []
    while (history.seen.length < messages.length)
      take(history, messages, history.seen.length, warnings)
    if (history.frozen) histories.set(first, history)
    return { text: finish(history), warnings }
  }
}

interface History {
  readonly seen: Message[]
  readonly takesImages: boolean
  /** Whether all of them are: what may still change is serialised again. */
  frozen: boolean
  text: string
  /** Calls without a result, in call order. */
  open: readonly ToolCallPart[]
  /** Images of results, which a message of the user brings behind the last of them. */
  media: readonly TextAndImages[]
}

function newHistory(takesImages: boolean): History {
  return { seen: [], takesImages, frozen: true, text: '', open: [], media: [] }
}

function isContinued(known: History, messages: readonly Message[], takesImages: boolean): boolean {
  const { seen } = known
  return (
    known.takesImages === takesImages &&
    seen.length <= messages.length &&
    seen.every((message, at) => message === messages[at])
  )
}

function take(
  history: History,
  messages: readonly Message[],
  at: number,
  warnings: Warning[],
): void {
  const message = messages[at] as Message
  history.seen.push(message)
  history.frozen &&= Object.isFrozen(message)
  switch (message.role) {
    case 'user': {
      const given = toTextAndImages(message.content, history.takesImages, warnings)
      const sent = toUserMessage(given)
      if (!sent) return
      if (history.open.length > 0) bringForward(history, messages.slice(at + 1), warnings)
      closeCalls(history)
      return append(history, sent)
    }
    case 'assistant': {
      closeCalls(history)
      const sent = toAssistantMessage(message)
      if (!sent) return
      history.open = toolCalls(message)
      return append(history, sent)
    }
    case 'tool':
      return takeResult(history, message, warnings)
  }
}

/** A result without a call is left out. */
function takeResult(history: History, message: ToolMessage, warnings: Warning[]): void {
  const call = history.open.find(({ id }) => id === message.id)
  if (!call) return
  history.open = history.open.filter((other) => other !== call)
  const { text, images } = toTextAndImages(message.content, history.takesImages, warnings)
  append(history, toToolMessage(message, text))
  if (images.length > 0)
    history.media = [
      ...history.media,
      { text: `Content of the result of ${message.tool}:`, images },
    ]
}

/**
 * All results stand before what the user says next to them, also those that come later in the same turn: when their turn comes,
 * their call is no longer open.
 */
function bringForward(history: History, later: readonly Message[], warnings: Warning[]): void {
  for (const message of later) {
    if (message.role === 'assistant') return
    if (message.role === 'tool') takeResult(history, message, warnings)
  }
}

/** A call that has no result gets one, and what the results brought follows them. */
function closeCalls(history: History): void {
  for (const { id, tool } of history.open) append(history, missingResult(id, tool))
  for (const media of history.media) {
    const sent = toUserMessage(media)
    if (sent) append(history, sent)
  }
  history.open = []
  history.media = []
}

function append(history: History, message: JsonObject): void {
  history.text += `${history.text && ','}${jsonText(message)}`
}

/** All that is sent. Calls that are still open are closed in this text alone: their results may yet come. */
function finish(history: History): string {
  const last = { ...history }
  closeCalls(last)
  return last.text
}
