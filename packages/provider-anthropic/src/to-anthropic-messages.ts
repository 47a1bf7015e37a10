import type { AssistantMessage, Message, ToolMessage } from '@harnext/core/provider'
import {
  missingResult,
  toAssistantBlocks,
  toToolResult,
  toUserBlocks,
} from './to-anthropic-blocks.ts'
import type { Warning } from './warning.ts'

export interface WrittenMessages {
  /** A JSON array. */
  readonly text: string
  /** About what could not be sent, from the messages that are new since the last call. */
  readonly warnings: readonly Warning[]
}

/**
 * Makes a writer of the `messages` array that keeps what it wrote: when a history only grew, nothing but its new messages is
 * serialised. It recognises a history by its frozen messages, and forgets it with them. What was sent once stays as it is, byte by
 * byte; only the cache breakpoints move.
 */
export function messagesWriter(): (
  messages: readonly Message[],
  isCached: boolean,
) => WrittenMessages {
  const histories = new WeakMap<Message, History>()
  return (messages, isCached) => {
    const [first] = messages
    if (!first) return { text: '[]', warnings: [] }
    const known = histories.get(first)
    const history = known && isContinued(known, messages) ? known : newHistory()
    // What fails half-way must not be gone on with.
    histories.delete(first)
    const warnings: Warning[] = []
    while (history.seen.length < messages.length)
      take(history, messages, history.seen.length, warnings)
    history.of = messages
    if (history.frozen) histories.set(first, history)
    return { text: finish(history, isCached), warnings }
  }
}

/** What was written so far, without the closing brackets. */
interface History {
  /** The array that was written last. */
  of: readonly Message[]
  readonly seen: Message[]
  /** Whether all of them are: what may still change is serialised again. */
  frozen: boolean
  text: string
  role: 'user' | 'assistant' | ''
  /** Calls without a result, in call order. */
  open: readonly OpenCall[]
  /** Ids on the wire: they must be unique in a whole conversation. */
  readonly ids: Set<string>
  /** Where a cache breakpoint can go: before the last brace of the last two user messages. */
  ends: readonly number[]
}

interface OpenCall {
  readonly id: string
  readonly wireId: string
}

function newHistory(): History {
  return {
    of: [],
    seen: [],
    frozen: true,
    text: '',
    role: '',
    open: [],
    ids: new Set(),
    ends: [],
  }
}

/** An array only grows while it is the same one, so that a turn costs the same however many there were before. */
function isContinued({ of, seen }: History, messages: readonly Message[]): boolean {
  if (of === messages) return seen.at(-1) === messages[seen.length - 1]
  return seen.length <= messages.length && seen.every((message, at) => message === messages[at])
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
      const blocks = toUserBlocks(message.content, warnings)
      if (blocks.length === 0) return
      if (history.open.length > 0) bringForward(history, messages.slice(at + 1), warnings)
      closeCalls(history)
      return append(history, 'user', blocks)
    }
    case 'assistant':
      closeCalls(history)
      return takeAnswer(history, message, warnings)
    case 'tool':
      return takeResult(history, message, warnings)
  }
}

function takeAnswer(history: History, message: AssistantMessage, warnings: Warning[]): void {
  const calls: OpenCall[] = []
  const blocks = toAssistantBlocks(message, ({ id }) => {
    const wireId = uniqueId(toWireId(id), history.ids)
    calls.push({ id, wireId })
    return wireId
  })
  if (blocks.length === 0) return
  // The API wants the first word to be the user's.
  if (history.role === '')
    append(history, 'user', toUserBlocks([{ type: 'text', text: 'Go on.' }], warnings))
  append(history, 'assistant', blocks)
  history.open = calls
}

/** A result without a call is left out. */
function takeResult(history: History, message: ToolMessage, warnings: Warning[]): void {
  const call = history.open.find(({ id }) => id === message.id)
  if (!call) return
  history.open = history.open.filter((other) => other !== call)
  append(history, 'user', [toToolResult(message, call.wireId, warnings)])
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
  if (history.open.length > 0) append(history, 'user', missingResults(history))
  history.open = []
}

function missingResults({ open }: History): string[] {
  return open.map(({ wireId }) => missingResult(wireId))
}

/** Neighbours of one role become one message. */
function append(history: History, role: 'user' | 'assistant', blocks: readonly string[]): void {
  const joined = blocks.join(',')
  const isSame = role === history.role
  if (isSame) history.text += `,${joined}`
  else history.text += `${history.role && ']},'}{"role":"${role}","content":[${joined}`
  history.role = role
  if (role !== 'user') return
  const earlier = isSame ? history.ends.slice(0, -1) : history.ends.slice(-1)
  history.ends = [...earlier, history.text.length - 1]
}

/** The whole array, with breakpoints where they are wanted. Calls that are still open are closed in this text alone: their results may yet come. */
function finish(history: History, isCached: boolean): string {
  const last = { ...history }
  if (last.open.length > 0) append(last, 'user', missingResults(last))
  let text = '['
  let from = 0
  for (const end of isCached ? last.ends : []) {
    text += last.text.slice(from, end) + breakpoint
    from = end
  }
  return `${text}${last.text.slice(from)}${last.role && ']}'}]`
}

const breakpoint = ',"cache_control":{"type":"ephemeral"}'

/** An id that the API takes. The same one for call and result, and a different one for a different id. */
function toWireId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id
  const readable = id.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 48)
  return `${readable}_${hash(id)}`
}

/** FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0
  return value.toString(36)
}

/** Vendors that count their calls use the same ids in every turn. */
function uniqueId(id: string, ids: Set<string>): string {
  let unique = id
  for (let count = 2; ids.has(unique); count++) unique = `${id.slice(0, 56)}_${count}`
  ids.add(unique)
  return unique
}
