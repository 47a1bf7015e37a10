import {
  AuthenticationError,
  requestHeads,
  responseError,
  type CallContext,
  type RequestHead,
} from '@harnext/core/provider'
import type { Connection } from './anthropic-options.ts'
import { connectionError } from './map-error.ts'

/** The SDK as far as it is used: addresses and headers. Rejects with `ProviderError`, also where the server answered with a failure. */
export interface AnthropicClient {
  /** The raw answer, whose body nobody has read. */
  post(path: string, body: Uint8Array, context: CallContext, signal: AbortSignal): Promise<Response>
  get(path: string, context: CallContext, signal: AbortSignal): Promise<Response>
}

/** The SDK is loaded at the first call. */
export function anthropicClient(connection: Connection): AnthropicClient {
  const adapt = (headers: Headers): void => onlyOwn(headers, connection)
  const headOf = requestHeads({ provider: 'Anthropic', adapt })
  const send = async (
    { url, method, headers }: RequestHead,
    body: Uint8Array | null,
    { fetch = connection.fetch }: CallContext,
    signal: AbortSignal,
  ): Promise<Response> => {
    const request = { method, headers: headers as [string, string][], body, signal }
    const response = await fetch(url, request as RequestInit).catch((error: unknown) => {
      throw connectionError(error, '')
    })
    if (response.ok) return response
    throw await responseError('Anthropic', response)
  }
  return {
    async post(path, body, context, signal) {
      checkKey(connection)
      const options = { body: new Uint8Array(), headers: requestHeaders(connection) }
      const head = await headOf(path, async (fetch) =>
        (await load(connection, fetch)).post(path, options).asResponse(),
      )
      return send(head, body, context, signal)
    },
    async get(path, context, signal) {
      checkKey(connection)
      const options = { headers: requestHeaders(connection) }
      const head = await headOf(path, async (fetch) =>
        (await load(connection, fetch)).get(path, options).asResponse(),
      )
      return send(head, null, context, signal)
    },
  }
}

/** Every option that the SDK would look for in the environment is given here. */
async function load(connection: Connection, fetch: typeof globalThis.fetch) {
  const { Anthropic } = await import('@anthropic-ai/sdk')
  return new Anthropic({
    apiKey: connection.apiKey ?? 'none',
    authToken: null,
    webhookKey: null,
    baseURL: connection.baseURL,
    logLevel: 'off',
    openTelemetry: false,
    maxRetries: 0,
    fetch,
  })
}

/** Takes out the headers that the SDK found in the environment, which no option can prevent. */
function onlyOwn(headers: Headers, connection: Connection): void {
  for (const name of Array.from(headers.keys()))
    if (!(name in connection.headers || ownHeaders.test(name))) headers.delete(name)
}

const ownHeaders =
  /^(accept|content-type|user-agent|authorization|anthropic-version|x-stainless-[a-z-]+)$/

/** Given with the request, where they win over everything. */
function requestHeaders({ apiKey, version, headers }: Connection): Record<string, string | null> {
  return {
    accept: 'application/json',
    // With it the SDK passes bytes on as they are.
    'content-type': 'application/json',
    'anthropic-version': version,
    authorization: apiKey === undefined ? null : `Bearer ${apiKey}`,
    ...headers,
  }
}

function checkKey({ apiKey, headers }: Connection): void {
  if (apiKey ?? headers['authorization'] ?? headers['x-api-key']) return
  throw new AuthenticationError(
    'Anthropic needs an API key: the option apiKey, or a header authorization or x-api-key.',
    { kind: 'auth' },
  )
}
