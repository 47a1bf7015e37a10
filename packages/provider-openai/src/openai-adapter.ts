import {
  type CallContext,
  isJsonObject,
  type Json,
  type ModelInfo,
  type ModelRequest,
  type ProviderAdapter,
  type RawClient,
} from '@harnext/core/provider'
import type { ChatFlags } from './chat/chat-flags.ts'
import { ChatFold } from './chat/from-chat-stream.ts'
import { chatWriter } from './chat/to-chat-request.ts'
import { reasoningEffort } from './effort.ts'
import { toModels } from './list-models.ts'
import { capabilitiesOf, effortsOf } from './models.ts'
import { openaiClient } from './openai-client.ts'
import { toConnection, type Connection, type OpenAIOptions, type Vendor } from './openai-options.ts'
import { ResponsesFold } from './responses/from-responses-stream.ts'
import { api as responsesApi } from './responses/responses-api.ts'
import { responsesWriter, type ResponsesWriter } from './responses/to-responses-request.ts'
import { smallAnswer, streamAnswer, type Endpoint } from './stream-answer.ts'

/**
 * OpenAI's Responses API on the vendor's SDK, which loads at the first call. Nothing is stored at the vendor, and nothing is read
 * from the environment. Throws `ConfigError` when `baseURL` is no URL; without a key every call throws `AuthenticationError`.
 *
 * @example
 * const adapter = openai({ apiKey })
 */
export function openai(options: OpenAIOptions = {}): ProviderAdapter {
  const connection = toConnection(vendor, options)
  const { name } = connection
  const client = openaiClient(connection)
  const writer = responsesWriter(name)
  const endpoint: Endpoint = {
    name,
    client,
    path: '/responses',
    write: writer.write,
    newFold: (model) => new ResponsesFold(name, model),
  }
  return {
    id: 'openai',
    api: responsesApi,
    stream: (request, context) => streamAnswer(endpoint, request, context),
    capabilities: capabilitiesOf,
    countTokens: (request, context) => countTokens(name, client, writer, request, context),
    listModels: (context) => listModels(name, client, context),
  }
}

/**
 * OpenAI's Chat Completions API, with the same options and errors as `openai`. It shows nothing of what a model thinks, and the
 * model forgets it from turn to turn.
 */
export function openaiChat(options: OpenAIOptions = {}): ProviderAdapter {
  const connection = toConnection(vendor, options)
  return { ...chatAdapter('openai', connection, openaiFlags), capabilities: capabilitiesOf }
}

const vendor: Vendor = { name: 'OpenAI', needsKey: true, baseURL: 'https://api.openai.com/v1' }

const openaiFlags: ChatFlags = {
  maxTokensField: 'max_completion_tokens',
  files: true,
  effort: { levels: effortsOf, toFields: reasoningEffort },
  strict: true,
  cacheKey: true,
}

/** Of any server that speaks the Chat Completions API. */
export function chatAdapter(id: string, connection: Connection, flags: ChatFlags): ProviderAdapter {
  const { name } = connection
  const api = `${id}.chat`
  const client = openaiClient(connection)
  const endpoint: Endpoint = {
    name,
    client,
    path: '/chat/completions',
    write: chatWriter(name, api, flags),
    newFold: (model) => new ChatFold({ name, api, model, newId }),
  }
  return {
    id,
    api,
    stream: (request, context) => streamAnswer(endpoint, request, context),
    listModels: (context) => listModels(name, client, context),
  }
}

/** For servers that give their calls none. */
function newId(): string {
  return `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`
}

function countTokens(
  name: string,
  client: RawClient,
  writer: ResponsesWriter,
  request: ModelRequest,
  context: CallContext,
): Promise<number> {
  const path = '/responses/input_tokens'
  const { body, release } = writer.writeForCount(request)
  const send = (signal: AbortSignal) => client.post(path, body, context, signal)
  return smallAnswer(name, context, send, (answer) => {
    release()
    return toCount(answer)
  })
}

function listModels(name: string, client: RawClient, context: CallContext): Promise<ModelInfo[]> {
  return smallAnswer(name, context, (signal) => client.get('/models', context, signal), toModels)
}

function toCount(answer: Json): number {
  const count = isJsonObject(answer) ? answer['input_tokens'] : undefined
  if (typeof count === 'number') return count
  throw new TypeError(`expected input_tokens, got ${JSON.stringify(answer).slice(0, 200)}`)
}
