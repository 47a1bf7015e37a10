import {
  bodyWriter,
  jsonText,
  toolCalls,
  type HistoryFormat,
  type JsonObject,
  type Message,
  type ToolCallPart,
  type ToolMessage,
  type Warning,
  type WrittenHistory,
} from '@harnext/core/provider'
import {
  missingResult,
  toAssistantMessage,
  toTextAndImages,
  toToolMessage,
  toUserMessage,
  type TextAndImages,
} from './to-ollama-message.ts'

/** Makes a writer of the members of `messages`. What was sent once stays as it is, byte by byte, so that the server finds it in its cache. */
export function messagesWriter(): (
  messages: readonly Message[],
  takesImages: boolean,
) => WrittenHistory {
  return bodyWriter(format)
}

const format: HistoryFormat<History, boolean> = { begin: newHistory, take, settle, finish }

interface History {
  readonly takesImages: boolean
  /** What was written since it settled. */
  text: string
  /** There is a message before the text. */
  isBegun: boolean
  /** Calls without a result, in call order. */
  open: readonly ToolCallPart[]
  /** Images of results, which a message of the user brings behind the last of them. */
  media: readonly TextAndImages[]
}

function newHistory(takesImages: boolean): History {
  return { takesImages, text: '', isBegun: false, open: [], media: [] }
}

function take(
  history: History,
  messages: readonly Message[],
  at: number,
  warnings: Warning[],
): void {
  const message = messages[at] as Message
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
  append(history, toToolMessage(message, text || (images.length > 0 ? '(see below)' : '')))
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
  history.text += `${history.isBegun ? ',' : ''}${jsonText(message)}`
  history.isBegun = true
}

function settle(history: History): string {
  const { text } = history
  history.text = ''
  return text
}

/** Calls that are still open are closed in this text alone: their results may yet come. */
function finish(history: History): string {
  const last = { ...history }
  closeCalls(last)
  return last.text
}
