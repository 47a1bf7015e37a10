import { isJsonObject } from '../json.ts'
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  ToolCallPart,
  ToolMessage,
  UserMessage,
} from '../messages.ts'

/**
 * A history as any vendor takes it. Every call is followed by its result, in call order, and one that has none gets an error. Left out
 * are results without a call, blank texts, messages of nothing, and what another `api` thought or signed. Arguments that are no object
 * are `{}`, half of a surrogate pair is U+FFFD. The parts of the same `api` stay as they are.
 */
export function handover(messages: readonly Message[], api: string): readonly Message[] {
  return messages.flatMap((message, at): Message[] => {
    if (message.role === 'tool') return []
    if (message.role === 'user') return userTurn(message)
    const content = message.content.flatMap((part) => answerPart(part, message, api))
    if (content.length === 0) return []
    const calls = content.filter((part) => part.type === 'tool_call')
    return [{ ...message, content }, ...resultsOf(calls, messages, at + 1)]
  })
}

function userTurn(message: UserMessage): UserMessage[] {
  const content = message.content.flatMap(readable)
  return content.length > 0 ? [{ ...message, content }] : []
}

/** Nothing for a blank text. */
function readable<Part extends { readonly type: string }>(part: Part): Part[] {
  if (part.type !== 'text' || !('text' in part) || typeof part.text !== 'string') return [part]
  if (part.text.trim() === '') return []
  return [part.text.isWellFormed() ? part : { ...part, text: part.text.toWellFormed() }]
}

function answerPart(
  part: AssistantPart,
  { api: from }: AssistantMessage,
  api: string,
): AssistantPart[] {
  if (part.type === 'source') return [part]
  const isOwn = from === api && (part.opaque?.by ?? api) === api
  switch (part.type) {
    case 'text':
      return readable(isOwn ? part : { type: 'text', text: part.text })
    case 'tool_call':
      return [{ ...(isOwn ? part : bare(part)), args: isJsonObject(part.args) ? part.args : {} }]
    case 'thinking':
    case 'provider':
      return isOwn ? [part] : []
  }
}

function bare({ type, id, tool, args }: ToolCallPart): ToolCallPart {
  return { type, id, tool, args }
}

/** They stand somewhere before the next answer. */
function resultsOf(
  calls: readonly ToolCallPart[],
  messages: readonly Message[],
  from: number,
): ToolMessage[] {
  if (calls.length === 0) return []
  const results = new Map<string, ToolMessage>()
  for (let at = from; at < messages.length; at++) {
    const message = messages[at]
    if (message?.role === 'assistant') break
    if (message?.role === 'tool')
      results.set(message.id, { ...message, content: message.content.flatMap(readable) })
  }
  return calls.map(
    ({ id, tool }) =>
      results.get(id) ?? { role: 'tool', id, tool, status: 'error', content: [missing] },
  )
}

const missing = {
  type: 'text',
  text: 'There is no result: the call was interrupted before its outcome was recorded.',
} as const
