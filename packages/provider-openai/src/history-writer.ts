import {
  bodyWriter,
  type AssistantMessage,
  type HistoryFormat,
  type Message,
  type ToolCallPart,
  type ToolMessage,
  type UserPart,
  type Warning,
  type WrittenHistory,
} from '@harnext/core/provider'
import { uniqueId, type IdRule } from './wire-id.ts'

/** How one of the vendor's APIs says what a history holds. Each item is the JSON of one element of its list. */
export interface Dialect {
  /** Scope of opaque data. */
  readonly api: string
  readonly ids: IdRule
  toUserItems(content: readonly UserPart[], warnings: Warning[]): readonly string[]
  /** `wireId` gives the id under which a call is sent. */
  toAssistantItems(
    message: AssistantMessage,
    wireId: (call: ToolCallPart) => string,
    warnings: Warning[],
  ): readonly string[]
  toResult(message: ToolMessage, wireId: string, warnings: Warning[]): WrittenResult
  /** Stands for the outcome of a call that has none: the API refuses a call without a result. */
  toMissingResult(wireId: string): string
  /** What could not stand in results, behind all of their turn. */
  toAttachmentItem(attachments: readonly string[]): string
}

export interface WrittenResult {
  readonly item: string
  readonly attachments?: readonly string[]
}

/** Makes a writer of the items of a history. What was sent once stays as it is, byte by byte. */
export function historyWriter(dialect: Dialect): (messages: readonly Message[]) => WrittenHistory {
  const write = bodyWriter(format)
  return (messages) => write(messages, dialect)
}

const format: HistoryFormat<History, Dialect> = { begin: newHistory, take, settle, finish }

interface History {
  readonly dialect: Dialect
  /** What was written since it settled. */
  text: string
  /** There is an item before the text. */
  isBegun: boolean
  /** Calls without a result, in call order. */
  open: readonly OpenCall[]
  /** Of the results of this turn. */
  attachments: readonly string[]
  /** Ids on the wire: they must be unique in a whole conversation. */
  readonly ids: Set<string>
}

interface OpenCall {
  readonly id: string
  readonly wireId: string
}

function newHistory(dialect: Dialect): History {
  return { dialect, text: '', isBegun: false, open: [], attachments: [], ids: new Set() }
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
      const items = history.dialect.toUserItems(message.content, warnings)
      if (items.length === 0) return
      if (history.open.length > 0) bringForward(history, messages.slice(at + 1), warnings)
      closeCalls(history)
      return append(history, items)
    }
    case 'assistant':
      closeCalls(history)
      return takeAnswer(history, message, warnings)
    case 'tool':
      return takeResult(history, message, warnings)
  }
}

function takeAnswer(history: History, message: AssistantMessage, warnings: Warning[]): void {
  const { dialect, ids } = history
  const calls: OpenCall[] = []
  // What the vendor gave it takes back, whatever it looks like.
  const fits = (id: string): boolean =>
    message.api === dialect.api ? id !== '' : dialect.ids.fits(id)
  const toId = ({ id }: ToolCallPart): string => {
    const wireId = uniqueId(id, { ...dialect.ids, fits }, ids)
    calls.push({ id, wireId })
    return wireId
  }
  append(history, dialect.toAssistantItems(message, toId, warnings))
  history.open = calls
}

/** A result without a call is left out. */
function takeResult(history: History, message: ToolMessage, warnings: Warning[]): void {
  const call = history.open.find(({ id }) => id === message.id)
  if (!call) return
  const { item, attachments = [] } = history.dialect.toResult(message, call.wireId, warnings)
  append(history, [item])
  history.open = history.open.filter((other) => other !== call)
  history.attachments = [...history.attachments, ...attachments]
  if (history.open.length === 0) attach(history)
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

/** A call that has no result gets one. */
function closeCalls(history: History): void {
  append(
    history,
    history.open.map(({ wireId }) => history.dialect.toMissingResult(wireId)),
  )
  history.open = []
  attach(history)
}

function attach(history: History): void {
  if (history.attachments.length > 0)
    append(history, [history.dialect.toAttachmentItem(history.attachments)])
  history.attachments = []
}

function append(history: History, items: readonly string[]): void {
  for (const item of items) {
    history.text += history.isBegun ? `,${item}` : item
    history.isBegun = true
  }
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
