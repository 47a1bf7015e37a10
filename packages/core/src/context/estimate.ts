import type { Message } from '../messages.ts'
import { withoutBetween } from '../text/without-middle.ts'
import { totalTokens } from '../tokens.ts'

// Tokens without a tokenizer: what the vendor measured for the last request, and a careful guess for what came after it.

/** Bytes, because a token of Chinese or Japanese is about one character of three bytes. Rather too few, so that a guess is too high. */
const BYTES_PER_TOKEN = 3
const IMAGE_TOKENS = 1600
const MESSAGE_OVERHEAD_TOKENS = 8

/** Tokens of the next request's input, at most. */
export interface InputEstimator {
  (messages: readonly Message[]): number
}

/** `prompt`: the system prompt with the tool list. Counts each message once, as long as `messages` keeps its identity. */
export function inputEstimator(prompt: string): InputEstimator {
  const promptTokens = Math.ceil(bytesOf(prompt) / BYTES_PER_TOKEN)
  let of: readonly Message[] | undefined
  let counted = 0
  let tokens = 0
  return (messages) => {
    const fresh = of !== messages
    // After a compaction, what was measured before it was measured of the longer history.
    const shortened = fresh && (of !== undefined || isSummary(messages[0]))
    if (fresh) {
      of = messages
      counted = 0
      tokens = promptTokens
    }
    for (; counted < messages.length; counted++) {
      const message = messages[counted]
      if (!message) continue
      // Whatever was guessed before, the vendor has measured all of it by now.
      if (message.role === 'assistant' && message.usage && !shortened)
        tokens = totalTokens(message.usage)
      else tokens += estimateTokens(message)
    }
    return tokens
  }
}

function isSummary(message: Message | undefined): boolean {
  return message?.role === 'user' && message.origin === 'summary'
}

export function estimateTokens(message: Message): number {
  let bytes = 0
  let tokens = MESSAGE_OVERHEAD_TOKENS
  for (const part of message.content) {
    if (part.type === 'image') tokens += IMAGE_TOKENS
    else if (part.type === 'file') bytes += part.data.length
    else if (part.type === 'text') bytes += bytesOf(part.text)
    // With the vendor's own data, which goes back with it.
    else bytes += bytesOf(JSON.stringify(part))
  }
  return tokens + Math.ceil(bytes / BYTES_PER_TOKEN)
}

export function textTokens(text: string): number {
  return Math.ceil(bytesOf(text) / BYTES_PER_TOKEN)
}

/** The text, without its middle where it has more tokens than that; the line that says so comes on top. */
export function withinTokens(text: string, most: number): string {
  if (textTokens(text) <= most) return text
  const bytes = (most * BYTES_PER_TOKEN) / 2
  let start = 0
  for (let left = bytes; left > 0; start++) left -= bytesAt(text, start)
  let end = text.length
  for (let left = bytes; left > 0; end--) left -= bytesAt(text, end - 1)
  return end <= start ? text : withoutBetween(text, start, end)
}

/** Length in UTF-8. */
function bytesOf(text: string): number {
  if (!notAscii.test(text)) return text.length
  let bytes = text.length
  for (let index = 0; index < text.length; index++) bytes += bytesAt(text, index) - 1
  return bytes
}

// oxlint-disable-next-line no-control-regex -- ASCII begins with them
const notAscii = /[^\x00-\x7f]/

/** A half of a pair counts as two, so that both are four. */
function bytesAt(text: string, index: number): number {
  const code = text.charCodeAt(index)
  if (code <= 0x7f) return 1
  return code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 3 : 2
}
