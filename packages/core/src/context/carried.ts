import { isJsonObject, type Json } from '../json.ts'
import { textOf, type Message, type ToolCallPart } from '../messages.ts'
import { SUMMARY } from '../run/state.ts'
import { textTokens, withinTokens } from './estimate.ts'

// What a summary must not lose stands beside it, word for word: what the person said, and what is still to be done. Each is a text part
// of its own, with a first line that says what it is, so that the next compaction finds it again.

const SAID = 'The user said:\n'
const TODOS = 'Still to be done:\n'

/**
 * What stands beside the summary of the messages before `cut`: open todos, unless there is a later list, and all that the person said, in
 * its order.
 */
export function carriedTexts(
  messages: readonly Message[],
  cut: number,
  mostTokens: number,
): readonly string[] {
  const replaced = messages.slice(0, cut)
  const isOutdated = messages.slice(cut).some((message) => todoCall(message) !== undefined)
  const todos = isOutdated ? '' : withinTokens(todosIn(replaced), Math.floor(mostTokens / 2))
  const said = fitted(saidIn(replaced), mostTokens)
  return [...(todos ? [`${TODOS}${todos}`] : []), ...said.map((text) => `${SAID}${text}`)]
}

/** Word for word what the person said, also before an earlier compaction. */
function saidIn(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((message) => {
    if (message.role !== 'user') return []
    const { origin = 'user', content } = message
    if (origin === 'summary') return partsBehind(message, SAID)
    if (origin === 'reminder') return []
    const other = content.filter(({ type }) => type !== 'text').length
    const text = textOf(content)
    return [other ? `${text}\n[with ${other} ${other === 1 ? 'attachment' : 'attachments'}]` : text]
  })
}

/** The items of the last list that are not done, a line each; empty where there is none. */
function todosIn(messages: readonly Message[]): string {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]
    if (message?.role === 'user' && message.origin === 'summary')
      return partsBehind(message, TODOS)[0] ?? ''
    const call = message && todoCall(message)
    if (call) return openItems(call.args)
  }
  return ''
}

function todoCall(message: Message): ToolCallPart | undefined {
  if (message.role !== 'assistant') return undefined
  return message.content
    .filter((part) => part.type === 'tool_call')
    .findLast(({ tool }) => isTodo(tool))
}

/** The summary of an earlier compaction, for the next one. */
export function earlierSummary(messages: readonly Message[]): string {
  const [first] = messages
  return first?.role === 'user' && first.origin === 'summary'
    ? (partsBehind(first, SUMMARY)[0] ?? '')
    : ''
}

function partsBehind(message: Extract<Message, { role: 'user' }>, mark: string): string[] {
  return message.content.flatMap((part) =>
    part.type === 'text' && part.text.startsWith(mark) ? [part.text.slice(mark.length)] : [],
  )
}

function isTodo(tool: string): boolean {
  return /^todo(?:_?write)?$/i.test(tool)
}

function openItems(args: Json): string {
  if (!isJsonObject(args)) return ''
  const items = args['items'] ?? args['todos']
  if (!Array.isArray(items)) return ''
  return (items as readonly Json[])
    .flatMap((item) => {
      if (typeof item === 'string') return [`- ${item}`]
      if (!isJsonObject(item)) return []
      const { status, text, content } = item
      const said = text ?? content
      if (typeof said !== 'string' || status === 'done' || status === 'completed') return []
      return [`- ${said}${status === 'active' || status === 'in_progress' ? ' (begun)' : ''}`]
    })
    .join('\n')
}

/** Of a text, nothing of this is taken as long as there are not too many texts. */
const LEAST_TOKENS = 50

/**
 * Long texts lose their middle, the longest first, until all fit: the beginning says what is wanted, the end how. Where they are too many
 * even so, the first and the latest stay.
 */
function fitted(texts: readonly string[], mostTokens: number): readonly string[] {
  let cut = texts
  let limit = longest(texts)
  while (tokensOf(cut) > mostTokens && limit > LEAST_TOKENS) {
    const least = (limit = Math.max(LEAST_TOKENS, Math.floor(limit / 2)))
    cut = texts.map((text) => withinTokens(text, least))
  }
  const [first = '', ...others] = cut
  // Rather a little too long than without something that was said.
  const most = mostTokens * 1.5
  if (tokensOf(cut) <= most || !others.length) return cut
  let from = others.length
  for (let tokens = tokensOf([first]); from > 0; from--) {
    tokens += tokensOf(others.slice(from - 1, from))
    if (tokens > most) break
  }
  const latest = others.slice(from)
  return from ? [first, `[… ${from} messages left out …]`, ...latest] : [first, ...latest]
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, textTokens(text)), 0)
}

function tokensOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + textTokens(SAID + text), 0)
}
