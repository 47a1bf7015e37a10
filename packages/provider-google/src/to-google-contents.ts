import {
  bodyWriter,
  isJsonObject,
  jsonText,
  toolCalls,
  type AssistantMessage,
  type HistoryFormat,
  type Message,
  type ToolCallPart,
  type ToolMessage,
  type Warning,
  type WrittenHistory,
} from '@harnext/core/provider'
import { api, type WirePart } from './google-api.ts'
import type { Dialect } from './models.ts'
import {
  missingResponse,
  toFunctionResponse,
  toModelParts,
  toUserParts,
} from './to-google-parts.ts'

export interface WrittenContents extends WrittenHistory {
  /** The last answer was cut between two hops: with its token the vendor goes on, and the answer itself is not sent. */
  readonly continuationToken?: string
}

/** Makes a writer of the members of `contents`. What was sent once stays as it is, byte by byte. */
export function contentsWriter(): (
  messages: readonly Message[],
  dialect: Dialect,
) => WrittenContents {
  const write = bodyWriter(format)
  return (messages, dialect) => {
    const continuationToken = tokenOf(messages.at(-1))
    if (continuationToken === undefined) return write(messages, dialect)
    return { ...write(messages, dialect, messages.length - 1), continuationToken }
  }
}

const format: HistoryFormat<History, Dialect> = { begin: newHistory, take, settle, finish }

function tokenOf(message: Message | undefined): string | undefined {
  if (message?.role !== 'assistant' || message.stopReason !== 'pause') return undefined
  const last = message.content.at(-1)
  const data = last?.type === 'provider' && last.opaque.by === api ? last.opaque.data : undefined
  const token = isJsonObject(data) ? data['continuationToken'] : undefined
  return typeof token === 'string' ? token : undefined
}

/** Results stand alone in their turn, as the API wants it: ours in one of the user, those of the server's own tools in one of the model. */
type Kind = 'user' | 'results' | 'model' | 'server_results'

/** What was written since it settled, without the closing brackets. */
interface History {
  readonly dialect: Dialect
  text: string
  kind: Kind | ''
  /** Calls without a result, in call order. */
  open: readonly ToolCallPart[]
  /** What results brought with them and stands behind the last of them. */
  media: readonly WirePart[]
}

function newHistory(dialect: Dialect): History {
  return { dialect, text: '', kind: '', open: [], media: [] }
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
      const parts = toUserParts(message.content, warnings)
      if (parts.length === 0) return
      if (history.open.length > 0) bringForward(history, messages.slice(at + 1), warnings)
      closeCalls(history)
      return append(history, 'user', parts)
    }
    case 'assistant':
      closeCalls(history)
      return takeAnswer(history, message, warnings)
    case 'tool':
      return takeResult(history, message, warnings)
  }
}

function takeAnswer(history: History, message: AssistantMessage, warnings: Warning[]): void {
  const parts = toModelParts(message, history.dialect)
  if (parts.length === 0) return
  // A call must follow a word of the user.
  if (history.kind === '')
    append(history, 'user', toUserParts([{ type: 'text', text: 'Go on.' }], warnings))
  for (const part of parts)
    append(history, 'functionResponse' in part ? 'server_results' : 'model', [part])
  history.open = toolCalls(message)
}

/** A result without a call is left out. */
function takeResult(history: History, message: ToolMessage, warnings: Warning[]): void {
  const call = history.open.find(({ id }) => id === message.id)
  if (!call) return
  history.open = history.open.filter((other) => other !== call)
  const { response, media } = toFunctionResponse(message, call, history.dialect, warnings)
  append(history, 'results', [response])
  history.media = [...history.media, ...media]
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
  if (history.open.length > 0) append(history, 'results', history.open.map(missingResponse))
  if (history.media.length > 0) append(history, 'user', history.media)
  history.open = []
  history.media = []
}

/** Neighbours of one kind become one turn. */
function append(history: History, kind: Kind, parts: readonly WirePart[]): void {
  const joined = parts.map(jsonText).join(',')
  const role = kind === 'user' || kind === 'results' ? 'user' : 'model'
  if (kind === history.kind) history.text += `,${joined}`
  else history.text += `${history.kind && ']},'}{"role":"${role}","parts":[${joined}`
  history.kind = kind
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
  return last.text + (last.kind && ']}')
}
