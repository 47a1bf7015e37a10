import {
  bodyWriter,
  type AssistantMessage,
  type Warning,
  type HistoryFormat,
  type Message,
  type ToolMessage,
  type WrittenHistory,
} from '@harnext/core/provider'
import {
  missingResult,
  toAssistantBlocks,
  toToolResult,
  toUserBlocks,
} from './to-anthropic-blocks.ts'

/**
 * Makes a writer of the members of `messages`, with cache breakpoints where they are wanted. What was sent once stays as it is, byte
 * by byte; only the breakpoints move.
 */
export function messagesWriter(): (
  messages: readonly Message[],
  isCached: boolean,
) => WrittenHistory {
  return bodyWriter(format)
}

const format: HistoryFormat<History, boolean> = { begin: newHistory, take, settle, finish }

/** What was written since it settled, without the closing brackets. */
interface History {
  readonly isCached: boolean
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

function newHistory(isCached: boolean): History {
  return { isCached, text: '', role: '', open: [], ids: new Set(), ends: [] }
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

/** Before the first breakpoint nothing changes any more. */
function settle(history: History): string {
  const { text, ends } = history
  const [size = 0] = ends
  history.text = text.slice(size)
  history.ends = ends.map((end) => end - size)
  return text.slice(0, size)
}

/** Calls that are still open are closed in this text alone: their results may yet come. */
function finish(history: History): string {
  const last = { ...history }
  if (last.open.length > 0) append(last, 'user', missingResults(last))
  let text = ''
  let from = 0
  for (const end of last.isCached ? last.ends : []) {
    text += last.text.slice(from, end) + breakpoint
    from = end
  }
  return text + last.text.slice(from) + (last.role && ']}')
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
