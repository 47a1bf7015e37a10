import type { JsonObject } from '@harnext/core/provider'

/** What a vendor shall say, in the words of `@harnext/core`. It is said in this order: thinking, text, calls. */
export interface WireScript {
  readonly thinking?: string
  readonly text?: string
  readonly calls?: readonly ScriptedCall[]
  /** @default 'stop' */
  readonly stop?: 'stop' | 'length' | 'refused'
  /** Instead of the vendor's word for `stop`, for words that nobody knows yet. */
  readonly stopWord?: string
}

export interface ScriptedCall {
  /** Not every format has ids. */
  readonly id: string
  readonly tool: string
  readonly args: JsonObject
}

/** The counts that every scripted answer has: input without what the cache held, what it held, output, thinking inside of it. */
export const scriptedTokens = { input: 100, cached: 40, output: 30, reasoning: 10 } as const

/** A text in pieces as models write it; a very long one is a single piece. */
export function piecesOf(text: string): string[] {
  if (text.length > LONG) return [text]
  const characters = Array.from(text)
  return Array.from({ length: Math.ceil(characters.length / PIECE) }, (_, at) =>
    characters.slice(at * PIECE, (at + 1) * PIECE).join(''),
  )
}

const LONG = 10_000
const PIECE = 6

/** One event of a stream of server-sent events. */
export function sseEvent(data: JsonObject | string, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`
}
