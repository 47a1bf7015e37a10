import type { JsonObject } from '@harnext/core/provider'
import type { WireAnswer } from './answer.ts'
import { checkAnthropic } from './check-anthropic.ts'
import { checkChat } from './check-chat.ts'
import { checkGoogle } from './check-google.ts'
import { checkOllama } from './check-ollama.ts'
import { checkResponses } from './check-responses.ts'
import {
  anthropicError,
  googleError,
  ollamaError,
  openaiError,
  type VendorErrorKind,
  type VendorErrors,
} from './errors.ts'
import { readAnthropic } from './read-anthropic.ts'
import { readChat } from './read-chat.ts'
import { readGoogle } from './read-google.ts'
import { readOllama } from './read-ollama.ts'
import { readResponses } from './read-responses.ts'
import { sseEvent, type WireScript } from './script.ts'
import type { Vault } from './vault.ts'
import { writeAnthropic } from './write-anthropic.ts'
import { writeChat } from './write-chat.ts'
import { writeGoogle } from './write-google.ts'
import { writeOllama } from './write-ollama.ts'
import { writeResponses } from './write-responses.ts'

/** One API of a vendor, as its bytes are. Whoever has an API of his own describes it by one of these. */
export interface WireFormat {
  /** `<vendor>.<api>`: `anthropic.messages`. */
  readonly id: string
  /** A model that thinks and calls tools, for requests that name none. */
  readonly model: string
  /** `sse`: server-sent events; `lines`: one JSON a line. */
  readonly framing: 'sse' | 'lines'
  /** Whether a request asks the model; what else an adapter may ask is answered with 404. */
  isCall(path: string): boolean
  /** Reads a whole body, streamed or not. Throws `SyntaxError` when it is not of this format. */
  read(body: string): WireAnswer
  /** The body of an answer, one event an entry. What has to come back unchanged is signed by the vault. */
  write(script: WireScript, vault: Vault): readonly string[]
  /** An event that no adapter knows. */
  readonly unknownEvent: string
  /** What the vendor answers when it fails. */
  readonly error: VendorErrors
  /** The same in the middle of a stream; `undefined` where the vendor has none. */
  errorEvent(kind: VendorErrorKind): string | undefined
  /** What the vendor would find wrong with a request; `null` when it would take it. */
  check(request: JsonObject, vault: Vault): string | null
}

const anthropicMessages: WireFormat = {
  id: 'anthropic.messages',
  model: 'claude-sonnet-4-5',
  framing: 'sse',
  isCall: (path) => path.includes('/messages'),
  read: readAnthropic,
  write: writeAnthropic,
  unknownEvent: sseEvent({ type: 'brand_new_event', index: 0 }, 'brand_new_event'),
  error: anthropicError,
  errorEvent: inStream(anthropicError, (body) => sseEvent(body, 'error')),
  check: checkAnthropic,
}

const openaiChat: WireFormat = {
  id: 'openai.chat',
  model: 'gpt-5.4',
  framing: 'sse',
  isCall: (path) => path.includes('/chat/completions'),
  read: readChat,
  write: writeChat,
  unknownEvent: sseEvent({ id: 'x', object: 'brand.new', choices: [] }),
  error: openaiError,
  errorEvent: inStream(openaiError, (body) => sseEvent(body)),
  check: checkChat,
}

const openaiResponses: WireFormat = {
  id: 'openai.responses',
  model: 'gpt-5.4',
  framing: 'sse',
  isCall: (path) => path.includes('/responses'),
  read: readResponses,
  write: writeResponses,
  unknownEvent: sseEvent({ type: 'response.brand_new', output_index: 0 }, 'response.brand_new'),
  error: openaiError,
  errorEvent: (kind) => {
    const error = openaiError(kind)?.body['error']
    const response = { id: 'resp_1', status: 'failed', output: [], error: error ?? null }
    if (error === undefined) return undefined
    return sseEvent({ type: 'response.failed', response }, 'response.failed')
  },
  check: checkResponses,
}

const googleGenerateContent: WireFormat = {
  id: 'google.generateContent',
  model: 'gemini-3.5-flash',
  framing: 'sse',
  isCall: (path) => /enerateContent/.test(path),
  read: readGoogle,
  write: writeGoogle,
  unknownEvent: sseEvent({ brandNew: { field: 1 } }).replaceAll('\n', '\r\n'),
  error: googleError,
  errorEvent: inStream(googleError, (body) => sseEvent(body).replaceAll('\n', '\r\n')),
  check: checkGoogle,
}

const ollamaChat: WireFormat = {
  id: 'ollama.chat',
  model: 'qwen3',
  framing: 'lines',
  isCall: (path) => path.includes('/api/chat'),
  read: readOllama,
  write: writeOllama,
  unknownEvent: `${JSON.stringify({ brand_new: 1 })}\n`,
  error: ollamaError,
  errorEvent: inStream(ollamaError, (body) => `${JSON.stringify(body)}\n`),
  check: checkOllama,
}

/** The error of an answer, as an event of a stream. */
function inStream(
  errors: VendorErrors,
  frame: (body: JsonObject) => string,
): WireFormat['errorEvent'] {
  return (kind) => {
    const body = errors(kind)?.body
    return body && frame(body)
  }
}

/** The formats that the kit knows. */
export const wireFormats: readonly WireFormat[] = [
  anthropicMessages,
  openaiChat,
  openaiResponses,
  googleGenerateContent,
  ollamaChat,
]

/** The format of an adapter by its `api`: the one of that name, else the one that others of that name speak. */
export function formatOf(api: string): WireFormat | undefined {
  const name = api.slice(api.indexOf('.') + 1)
  return (
    wireFormats.find(({ id }) => id === api) ??
    wireFormats.find(({ id }) => id.endsWith(`.${name}`))
  )
}
