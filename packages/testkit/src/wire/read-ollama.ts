import type { Json, ModelStopReason } from '@harnext/core/provider'
import {
  countIn,
  listIn,
  objectIn,
  stopReasonOf,
  textIn,
  type Loose,
  type WireAnswer,
} from './answer.ts'
import { errorKind } from './read-error.ts'

/** Reads a body of Ollama's chat API: one line of JSON a piece, the last one `done`. */
export function readOllama(body: string): WireAnswer {
  const lines = linesIn(body)
  const messages = lines.map(({ message }) => objectIn(message))
  const calls = messages.flatMap((message) =>
    listIn(message['tool_calls']).map((call) => {
      const { name, arguments: args } = objectIn(call['function'])
      return { tool: textIn(name), args: (args ?? {}) as Json }
    }),
  )
  const last = lines.find(({ done }) => done)
  const failed = lines.find(({ error }) => error)
  const word = textIn(last?.['done_reason'])
  return {
    text: messages.map(({ content }) => textIn(content)).join(''),
    thinking: messages.map(({ thinking }) => textIn(thinking)).join(''),
    calls,
    stopReason: stopReasonOf(reasons[word], { hasCalls: calls.length > 0 }),
    tokens: last?.['eval_count'] === undefined ? null : tokensIn(last),
    isComplete: last !== undefined,
    ...(failed && { error: errorKind(undefined, JSON.stringify(failed)) }),
  }
}

/** Half a line at the end is none. */
function linesIn(body: string): Loose[] {
  const texts = body.split('\n').filter((line) => line.trim() !== '')
  return texts.flatMap((text, at) => {
    const isWhole = at < texts.length - 1 || body.endsWith('\n') || text.endsWith('}')
    return isWhole ? [objectIn(JSON.parse(text))] : []
  })
}

/** An old server gives no reason. */
const reasons: { readonly [word: string]: ModelStopReason } = {
  '': 'stop',
  stop: 'stop',
  load: 'stop',
  unload: 'stop',
  length: 'length',
}

function tokensIn(line: { readonly [key: string]: unknown }): WireAnswer['tokens'] {
  return {
    inputTokens: countIn(line['prompt_eval_count']),
    outputTokens: countIn(line['eval_count']),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  }
}
