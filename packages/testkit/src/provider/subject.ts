import {
  ConfigError,
  isJsonObject,
  userMessage,
  type Json,
  type JsonObject,
  type ModelRequest,
  type ProviderAdapter,
} from '@harnext/core/provider'
import { fail } from '../check.ts'
import {
  startFixtureServer,
  type FixtureAnswer,
  type FixtureServer,
  type ReceivedRequest,
  type Respond,
} from '../server/fixture-server.ts'
import { formatOf, type WireFormat } from '../wire/formats.ts'
import type { WireScript } from '../wire/script.ts'
import { createVault } from '../wire/vault.ts'
import { TEST_KEY, type AdapterFactory } from './factory.ts'

/** What is tested. */
export interface Subject {
  readonly factory: AdapterFactory
  readonly format: WireFormat
  /** Of the adapter. */
  readonly api: string
  readonly model: string
}

/** What is tested, with what the kit knows about its API. Throws `ConfigError` when it knows nothing. */
export function subjectOf(
  factory: AdapterFactory,
  { format, model }: { readonly format?: WireFormat; readonly model?: string } = {},
): Subject {
  const { api } = factory({ baseURL: 'http://127.0.0.1:1', apiKey: TEST_KEY })
  const spoken = format ?? formatOf(api)
  if (!spoken)
    throw new ConfigError(`The kit knows no format of the API ${api}: give one as options.format.`)
  return { factory, format: spoken, api, model: model ?? spoken.model }
}

/** A server that answers calls of the model with `respond`, and everything else with 404, and an adapter that talks to it. */
export async function withAdapter<T>(
  { factory, format }: Pick<Subject, 'factory' | 'format'>,
  respond: Respond,
  use: (adapter: ProviderAdapter, server: CallServer) => Promise<T>,
): Promise<T> {
  const server = await startFixtureServer((request) =>
    format.isCall(request.path) ? respond(request) : { status: 404, body: '{}' },
  )
  try {
    const adapter = factory({ baseURL: server.url, apiKey: TEST_KEY })
    const calls = (): ReceivedRequest[] => server.requests.filter(({ path }) => format.isCall(path))
    return await use(adapter, { ...server, calls })
  } finally {
    await server.close()
  }
}

export interface CallServer extends FixtureServer {
  /** The requests that asked the model. */
  calls(): readonly ReceivedRequest[]
}

export function requestOf({ model }: Subject, more: Partial<ModelRequest> = {}): ModelRequest {
  return { model, messages: [userMessage('Hello')], tools: [weather, search], ...more }
}

const parameters = { type: 'object', properties: { q: { type: 'string' } } }
const weather = { name: 'get_weather', description: 'The weather of a place.', parameters }
const search = { name: 'search', description: 'Looks something up.', parameters }

/** The events of an answer; nobody looks at its signatures. */
export function eventsOf({ format }: Subject, script: WireScript): readonly string[] {
  return format.write(script, createVault('any'))
}

export function answerOf(
  { format }: Pick<Subject, 'format'>,
  body: NonNullable<FixtureAnswer['body']>,
  more: Omit<FixtureAnswer, 'body'> = {},
): FixtureAnswer {
  const type =
    format.framing === 'sse' ? 'text/event-stream; charset=utf-8' : 'application/x-ndjson'
  return { headers: { 'content-type': type }, ...more, body }
}

export function errorAnswer(
  status: number,
  body: JsonObject | string,
  headers: Readonly<Record<string, string>> = {},
): FixtureAnswer {
  const isText = typeof body === 'string'
  const type = isText ? 'text/html' : 'application/json'
  const text = isText ? body : JSON.stringify(body)
  return { status, headers: { 'content-type': type, ...headers }, body: text }
}

/** The body of a request that asked the model. */
export function bodyOf(request: ReceivedRequest | undefined): JsonObject {
  if (!request) fail('expected a request to the model, got none')
  const body = JSON.parse(request.body) as Json
  return isJsonObject(body) ? body : fail(`expected an object as body, got ${request.body}`)
}
