import { isJsonObject, type Json } from '../json.ts'
import { textOf, type Message } from '../messages.ts'
import { SUMMARY } from '../run/state.ts'

// What a summary must not lose stands beside it, word for word: what the person said, and what is still to be done. Each is a text part
// of its own, with a first line that says what it is, so that the next compaction finds it again.

const SAID = 'The user said:\n'
const TODOS = 'Still to be done:\n'

/** What stands beside the summary of these messages: open todos, and all that the person said, in its order. */
export function carriedTexts(
  replaced: readonly Message[],
  mostCharacters: number,
): readonly string[] {
  const todos = todosIn(replaced)
  const said = fitted(saidIn(replaced), mostCharacters)
  return [...(todos ? [`${TODOS}${todos}`] : []), ...said.map((text) => `${SAID}${text}`)]
}

/** Word for word what the person said, also before an earlier compaction. */
export function saidIn(messages: readonly Message[]): readonly string[] {
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
export function todosIn(messages: readonly Message[]): string {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]
    if (message?.role === 'user' && message.origin === 'summary')
      return partsBehind(message, TODOS)[0] ?? ''
    if (message?.role !== 'assistant') continue
    const call = message.content.findLast((part) => part.type === 'tool_call' && isTodo(part.tool))
    if (call?.type === 'tool_call') return openItems(call.args)
  }
  return ''
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

/** Long texts lose their middle, the longest first, until all fit: the beginning says what is wanted, the end how. */
function fitted(texts: readonly string[], most: number): readonly string[] {
  let limit = Infinity
  let cut = texts
  while (lengthOf(cut) > most && limit > 200) {
    limit = Math.floor(Math.max(...cut.map((text) => text.length)) / 2)
    cut = texts.map((text) => withoutMiddle(text, limit))
  }
  return cut
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0)
}

export function withoutMiddle(text: string, most: number): string {
  if (text.length <= most) return text
  const half = Math.floor(most / 2)
  return `${text.slice(0, half)}\n[… ${text.length - 2 * half} characters left out …]\n${text.slice(text.length - half)}`
}
