import type { Message } from '@harnext/core'
import type { LongHistory } from './long-history.ts'

/** What is wrong with the messages of a request that goes on with the history. */
export function problemsOf(
  messages: readonly Message[],
  { said, openTodos }: Pick<LongHistory, 'said' | 'openTodos'>,
): readonly string[] {
  const text = textOfAll(messages)
  const lost = [...said, ...openTodos].filter((one) => !text.includes(one))
  return [...pairingProblems(messages), ...lost.map((one) => `lost: ${one}`)]
}

function textOfAll(messages: readonly Message[]): string {
  let text = ''
  for (const { content } of messages)
    for (const part of content)
      if (part.type === 'text') text += `${part.text}\n`
      else if (part.type === 'tool_call') text += `${JSON.stringify(part.args)}\n`
  return text
}

/** Every call has one result, right behind its message and in its order, and no result is without a call. */
function pairingProblems(messages: readonly Message[]): readonly string[] {
  const problems: string[] = []
  let open: string[] = []
  for (const message of messages) {
    if (message.role === 'tool') {
      if (open[0] === message.id) open.shift()
      else problems.push(`a result without its call: ${message.id}`)
      continue
    }
    if (open.length) problems.push(`a call without its result: ${open.join(', ')}`)
    open =
      message.role === 'assistant'
        ? message.content.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []))
        : []
  }
  return open.length ? [...problems, `a call without its result: ${open.join(', ')}`] : problems
}
