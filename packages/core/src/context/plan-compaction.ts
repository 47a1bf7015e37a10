import type { Message } from '../messages.ts'
import { prunedText } from '../run/state.ts'
import { estimateTokens } from './estimate.ts'

// What is shortened, and where. Pure: it follows from the messages and the numbers.

export interface PrunedResult {
  /** In the messages before the compaction. */
  readonly index: number
  /** By which `read_result` gives it back. */
  readonly handle: string
}

/** A result below this is hardly longer than the line that stands for it. */
const LEAST_PRUNED_TOKENS = 100

/** Where the messages that stay as they are begin: at least `keepTokens` of them, and never a result without its call. */
export function cutIndex(messages: readonly Message[], keepTokens: number): number {
  let tokens = 0
  for (let index = messages.length - 1; index > 0; index--) {
    const message = messages[index]
    if (!message) continue
    tokens += estimateTokens(message)
    if (tokens > keepTokens) return nextBoundary(messages, index + 1)
  }
  return 0
}

/** The first index from here on where a tail can begin: not in the middle of a turn's results. */
function nextBoundary(messages: readonly Message[], from: number): number {
  let index = from
  while (index < messages.length && messages[index]?.role === 'tool') index += 1
  return index
}

/** The results before `end` that are worth it, oldest first. */
export function resultsToPrune(
  messages: readonly Message[],
  end: number,
  names: (index: number) => string,
): readonly PrunedResult[] {
  const found: PrunedResult[] = []
  for (let index = 0; index < end; index++) {
    const message = messages[index]
    if (message?.role !== 'tool' || isPruned(message)) continue
    if (estimateTokens(message) >= LEAST_PRUNED_TOKENS) found.push({ index, handle: names(index) })
  }
  return found
}

function isPruned(message: Message): boolean {
  const [part] = message.content
  return (
    message.role === 'tool' &&
    part?.type === 'text' &&
    part.text.startsWith('[This result was taken out')
  )
}

/** Tokens of the messages after such a compaction. */
export function tokensAfter(
  messages: readonly Message[],
  {
    replaced,
    pruned,
    texts,
  }: {
    readonly replaced: number
    readonly pruned: readonly PrunedResult[]
    readonly texts: readonly string[]
  },
): number {
  const gone = new Map(pruned.map(({ index, handle }) => [index, handle]))
  let tokens = estimateTokens(summaryMessage(texts))
  for (let index = replaced; index < messages.length; index++) {
    const message = messages[index]
    const handle = gone.get(index)
    if (message && handle === undefined) tokens += estimateTokens(message)
    else if (handle !== undefined) tokens += Math.ceil(prunedText(handle).length / 3)
  }
  return tokens
}

function summaryMessage(texts: readonly string[]): Message {
  return { role: 'user', origin: 'summary', content: texts.map((text) => ({ type: 'text', text })) }
}
