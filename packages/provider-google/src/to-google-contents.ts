import {
  isJsonObject,
  toolCalls,
  type AssistantMessage,
  type Message,
  type ToolCallPart,
  type ToolMessage,
} from '@harnext/core/provider'
import { api, type WirePart } from './google-api.ts'
import { jsonText } from './json-text.ts'
import type { Dialect } from './models.ts'
import {
  missingResponse,
  toFunctionResponse,
  toModelParts,
  toUserParts,
} from './to-google-parts.ts'
import type { Warning } from './warning.ts'

export interface WrittenContents {
  /** A JSON array. */
  readonly text: string
  /** The last answer was cut between two hops: with its token the vendor goes on, and the answer itself is not sent. */
  readonly continuationToken?: string
  /** About what could not be sent, from the messages that are new since the last call. */
  readonly warnings: readonly Warning[]
}

/**
 * Makes a writer of the `contents` array that keeps what it wrote: when a history only grew, nothing but its new messages is
 * serialised. It recognises a history by its frozen messages, and forgets it with them. What was sent once stays as it is, byte by
 * byte.
 */
export function contentsWriter(): (
  messages: readonly Message[],
  dialect: Dialect,
) => WrittenContents {
  const histories = new WeakMap<Message, History>()
  return (given, dialect) => {
    const continuationToken = tokenOf(given.at(-1))
    const messages = continuationToken === undefined ? given : given.slice(0, -1)
    const [first] = messages
    if (!first) return { text: '[]', warnings: [] }
    const known = histories.get(first)
    const history = known && isContinued(known, messages, dialect) ? known : newHistory(dialect)
    // What fails half-way must not be gone on with.
    histories.delete(first)
    const warnings: Warning[] = []
    while (history.seen.length < messages.length)
      take(history, messages, history.seen.length, warnings)
    if (history.frozen) histories.set(first, history)
    return {
      text: finish(history),
      warnings,
      ...(continuationToken !== undefined && { continuationToken }),
    }
  }
}

function tokenOf(message: Message | undefined): string | undefined {
  if (message?.role !== 'assistant' || message.stopReason !== 'pause') return undefined
  const last = message.content.at(-1)
  const data = last?.type === 'provider' && last.opaque.by === api ? last.opaque.data : undefined
  const token = isJsonObject(data) ? data['continuationToken'] : undefined
  return typeof token === 'string' ? token : undefined
}

/** Results stand alone in their turn, as the API wants it: ours in one of the user, those of the server's own tools in one of the model. */
type Kind = 'user' | 'results' | 'model' | 'server_results'

/** What was written so far, without the closing brackets. */
interface History {
  readonly seen: Message[]
  readonly dialect: Dialect
  /** Whether all of them are: what may still change is serialised again. */
  frozen: boolean
  text: string
  kind: Kind | ''
  /** Calls without a result, in call order. */
  open: readonly ToolCallPart[]
  /** What results brought with them and stands behind the last of them. */
  media: readonly WirePart[]
}

function newHistory(dialect: Dialect): History {
  return { seen: [], dialect, frozen: true, text: '', kind: '', open: [], media: [] }
}

function isContinued(
  { seen, dialect: known }: History,
  messages: readonly Message[],
  dialect: Dialect,
): boolean {
  return (
    known === dialect &&
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

/** The whole array. Calls that are still open are closed in this text alone: their results may yet come. */
function finish(history: History): string {
  const last = { ...history }
  closeCalls(last)
  return `[${last.text}${last.kind && ']}'}]`
}
