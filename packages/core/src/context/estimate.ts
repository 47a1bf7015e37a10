import type { Message } from '../messages.ts'
import type { Usage } from '../usage.ts'

// Tokens without a tokenizer: what the vendor measured for the last request, and a careful guess for what came after it.

/** Fewer characters a token than text of any common language has, so that a guess is rather too high. */
const CHARACTERS_PER_TOKEN = 3
const IMAGE_TOKENS = 1600
const MESSAGE_OVERHEAD_TOKENS = 8

/** Tokens of the next request's input, at most; `prompt` is the system prompt with the tool list, in characters. */
export interface InputEstimator {
  (messages: readonly Message[], promptCharacters: number): number
}

/** Counts each message once, as long as `messages` keeps its identity. */
export function inputEstimator(): InputEstimator {
  let of: readonly Message[] | undefined
  let counted = 0
  let tokens = 0
  return (messages, promptCharacters) => {
    if (of !== messages || counted > messages.length) {
      of = messages
      counted = 0
      tokens = Math.ceil(promptCharacters / CHARACTERS_PER_TOKEN)
    }
    for (; counted < messages.length; counted++) {
      const message = messages[counted]
      if (!message) continue
      // Whatever was guessed before, the vendor has measured all of it by now.
      if (message.role === 'assistant' && message.usage) tokens = inAndOut(message.usage)
      else tokens += estimateTokens(message)
    }
    return tokens
  }
}

function inAndOut(usage: Usage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens
}

export function estimateTokens(message: Message): number {
  let characters = 0
  let tokens = MESSAGE_OVERHEAD_TOKENS
  for (const part of message.content) {
    if (part.type === 'text' || part.type === 'thinking') characters += part.text.length
    else if (part.type === 'tool_call')
      characters += JSON.stringify(part.args).length + part.tool.length
    else if (part.type === 'file') characters += part.data.length
    else tokens += IMAGE_TOKENS
  }
  return tokens + Math.ceil(characters / CHARACTERS_PER_TOKEN)
}
