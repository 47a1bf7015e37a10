import type { ModelStopReason } from '@harnext/core/provider'
import {
  argsOf,
  countIn,
  listIn,
  objectIn,
  stopReasonOf,
  textIn,
  type Loose,
  type TokenCounts,
  type WireAnswer,
} from './answer.ts'
import { eventsIn, hasDone, isEventStream } from './body.ts'
import { errorKind } from './read-error.ts'

/** Reads a body of the Chat Completions API, as OpenAI and the many who speak its language send it. */
export function readChat(body: string): WireAnswer {
  if (!isEventStream(body)) return readChunks([objectIn(JSON.parse(body))], 'message', false)
  return readChunks(eventsIn(body), 'delta', hasDone(body))
}

interface Piece {
  readonly id: string
  readonly index: unknown
  tool: string
  args: string
}

function readChunks(
  chunks: readonly Loose[],
  field: 'delta' | 'message',
  isDone: boolean,
): WireAnswer {
  const said = { text: '', thinking: '', refusal: '', reason: '' }
  const pieces: Piece[] = []
  let usage: unknown
  let hasAnswer = false
  for (const chunk of chunks) {
    if (chunk['error'])
      return {
        ...toAnswer(said, pieces, usage, false),
        error: errorKind(undefined, JSON.stringify(chunk)),
      }
    usage = chunk['usage'] ?? usage
    // Others are further answers to the same question.
    const choice = listIn(chunk['choices']).find(({ index }) => !index)
    if (!choice) continue
    hasAnswer = true
    said.reason = textIn(choice['finish_reason']) || said.reason
    addMessage(said, pieces, objectIn(choice[field]))
  }
  const isComplete = field === 'message' ? hasAnswer : said.reason !== '' || (isDone && hasAnswer)
  return toAnswer(said, pieces, usage, isComplete)
}

interface Said {
  text: string
  thinking: string
  refusal: string
  reason: string
}

function addMessage(said: Said, pieces: Piece[], message: Loose): void {
  const thought = textIn(message['reasoning_content']) || textIn(message['reasoning'])
  said.thinking += thought || paragraphs(message['reasoning_details'])
  said.refusal += textIn(message['refusal'])
  said.text += textIn(message['content'])
  for (const part of listIn(message['content'])) {
    if (part['type'] === 'text') said.text += textIn(part['text'])
    for (const inner of listIn(part['thinking'])) said.thinking += textIn(inner['text'])
  }
  for (const call of listIn(message['tool_calls'])) addCall(pieces, call)
  if (message['function_call']) addCall(pieces, { function: message['function_call'] })
}

function paragraphs(details: unknown): string {
  const texts = listIn(details).map((detail) => textIn(detail['text']) || textIn(detail['summary']))
  return texts.filter((text) => text !== '').join('\n\n')
}

/** Pieces belong together by their place; another id at the same place is another call. */
function addCall(pieces: Piece[], call: Loose): void {
  const { name, arguments: given } = objectIn(call['function'])
  const args = typeof given === 'string' ? given : given ? JSON.stringify(given) : ''
  const id = textIn(call['id'])
  const index = call['index']
  const open = pieces.findLast((piece) => piece.index === index && (!id || piece.id === id))
  if (open) open.args += args
  else pieces.push({ id, index, tool: textIn(name), args })
}

function toAnswer(
  { text, thinking, refusal, reason }: Said,
  pieces: readonly Piece[],
  usage: unknown,
  isComplete: boolean,
): WireAnswer {
  const facts = { hasCalls: pieces.length > 0, isRefused: refusal !== '' }
  return {
    text: text + refusal,
    thinking,
    calls: pieces.map(({ tool, args }) => ({ tool, args: argsOf(args) })),
    stopReason: stopReasonOf(reasons[reason], facts),
    tokens: usage ? tokensIn(objectIn(usage)) : null,
    isComplete,
  }
}

function tokensIn(usage: Loose): TokenCounts {
  const prompt = countIn(usage['prompt_tokens'])
  const completion = countIn(usage['completion_tokens'])
  const details = objectIn(usage['prompt_tokens_details'])
  const cached = countIn(details['cached_tokens'] ?? usage['prompt_cache_hit_tokens'])
  const reasoning = countIn(objectIn(usage['completion_tokens_details'])['reasoning_tokens'])
  // One vendor counts what was thought beside the completion; one says of a whole prompt that it was read and written.
  const isApart = usage['total_tokens'] === prompt + completion + reasoning
  const written = Math.min(countIn(details['cache_write_tokens']), prompt - cached)
  return {
    inputTokens: prompt - cached - written,
    outputTokens: isApart ? completion + reasoning : completion,
    cacheReadTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: reasoning,
  }
}

const reasons: { readonly [word: string]: ModelStopReason } = {
  stop: 'stop',
  eos: 'stop',
  length: 'length',
  content_filter: 'refused',
  error: 'error',
}
