import type { Json, ModelStopReason } from '@harnext/core/provider'
import {
  countIn,
  listIn,
  objectIn,
  stopReasonOf,
  textIn,
  type Loose,
  type TokenCounts,
  type WireAnswer,
  type WireCall,
} from './answer.ts'
import { eventsIn, isEventStream } from './body.ts'
import { errorKind } from './read-error.ts'

/** Reads a body of Google's generateContent API. */
export function readGoogle(body: string): WireAnswer {
  const chunks = isEventStream(body) ? eventsIn(body) : [JSON.parse(body)].flat().map(objectIn)
  const candidates = chunks.flatMap((chunk) => listIn(chunk['candidates']).slice(0, 1))
  const parts = candidates.flatMap(({ content }) => listIn(objectIn(content)['parts']))
  const texts = parts.filter(({ text }) => typeof text === 'string')
  const join = (some: readonly Loose[]): string => some.map(({ text }) => textIn(text)).join('')
  const calls = callsIn(parts)
  const reason = [
    ...chunks.map((chunk) => textIn(objectIn(chunk['promptFeedback'])['blockReason'])),
    ...candidates.map((candidate) => textIn(candidate['finishReason'])),
  ].findLast((word) => word !== '')
  const usage = Object.assign({}, ...chunks.map((chunk) => chunk['usageMetadata'])) as Loose
  const failed = chunks.find(({ error }) => error)
  return {
    text: join(texts.filter(({ thought }) => !thought)),
    thinking: join(texts.filter(({ thought }) => thought)),
    calls,
    stopReason: stopReason(reason, calls.length > 0),
    tokens: typeof usage['promptTokenCount'] === 'number' ? tokensIn(usage) : null,
    isComplete: reason !== undefined,
    ...(failed && { error: errorKind(undefined, JSON.stringify(failed)) }),
  }
}

/** A call that has its response in the same answer was the server's own. Some servers send arguments in pieces. */
function callsIn(parts: readonly Loose[]): WireCall[] {
  const answered = new Set(parts.map((part) => textIn(objectIn(part['functionResponse'])['name'])))
  const calls: { tool: string; args: Record<string, Json> }[] = []
  for (const part of parts) {
    const call = objectIn(part['functionCall'])
    const tool = textIn(call['name'])
    if (!part['functionCall'] || (tool && answered.has(tool))) continue
    if (tool) calls.push({ tool, args: { ...(objectIn(call['args']) as Record<string, Json>) } })
    const { args = {} } = calls.at(-1) ?? {}
    // In what was recorded they are texts at the top.
    for (const { jsonPath, stringValue } of listIn(call['partialArgs'])) {
      const key = textIn(jsonPath).slice('$.'.length)
      args[key] = textIn(args[key]) + textIn(stringValue)
    }
  }
  return calls
}

/** What is wrong with a call is told to the model, so that an error beside calls asks for their results. */
function stopReason(word: string | undefined, hasCalls: boolean): ModelStopReason {
  const reason = word === undefined ? undefined : reasonOf(word)
  return stopReasonOf(hasCalls && reason === 'error' ? 'stop' : reason, { hasCalls })
}

function reasonOf(word: string): ModelStopReason | undefined {
  if (word === 'STOP') return 'stop'
  if (word === 'MAX_TOKENS') return 'length'
  if (word === 'CONTINUATION') return 'pause'
  if (/^(MALFORMED_|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS|OTHER$)/.test(word)) return 'error'
  return /^(SAFETY|RECITATION|LANGUAGE|BLOCKLIST|PROHIBITED|SPII|IMAGE_|MODEL_ARMOR|JAILBREAK)/.test(
    word,
  )
    ? 'refused'
    : undefined
}

function tokensIn(usage: Loose): TokenCounts {
  const cached = countIn(usage['cachedContentTokenCount'])
  const thought = countIn(usage['thoughtsTokenCount'])
  return {
    inputTokens:
      countIn(usage['promptTokenCount']) + countIn(usage['toolUsePromptTokenCount']) - cached,
    outputTokens: countIn(usage['candidatesTokenCount']) + thought,
    cacheReadTokens: cached,
    cacheWriteTokens: 0,
    reasoningTokens: thought,
  }
}
