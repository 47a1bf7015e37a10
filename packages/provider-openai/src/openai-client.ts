import {
  AuthenticationError,
  networkError,
  requestHeads,
  type CallContext,
  type RequestHead,
} from '@harnext/core/provider'
import { statusError } from './map-error.ts'
import type { Connection } from './openai-options.ts'

/** The SDK as far as it is used: addresses and headers. Rejects with `ProviderError`, also where the server answered with a failure. */
export interface OpenAIClient {
  /** The raw answer, whose body nobody has read. */
  post(path: string, body: Uint8Array, context: CallContext, signal: AbortSignal): Promise<Response>
  get(path: string, context: CallContext, signal: AbortSignal): Promise<Response>
}

/** The SDK is loaded at the first call. */
export function openaiClient(connection: Connection): OpenAIClient {
  const { name: provider } = connection
  const adapt = (headers: Headers): void => onlyOwn(headers, connection)
  const headOf = requestHeads({ provider, adapt })
  const send = async (
    { url, method, headers }: RequestHead,
    body: Uint8Array | null,
    { fetch = connection.fetch }: CallContext,
    signal: AbortSignal,
  ): Promise<Response> => {
    const request = { method, headers: headers as [string, string][], body, signal }
    const response = await fetch(url, request as RequestInit).catch((error: unknown) => {
      throw networkError(provider, error, '')
    })
    if (response.ok) return response
    throw await statusError(provider, response)
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
  const { OpenAI } = await import('openai')
  return new OpenAI({
    apiKey: connection.apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: connection.baseURL,
    logLevel: 'off',
    maxRetries: 0,
    fetch,
  })
}

/** Takes out the headers that the SDK found in the environment, which no option can prevent. */
function onlyOwn(headers: Headers, connection: Connection): void {
  for (const name of Array.from(headers.keys()))
    if (!(name in connection.headers || ownHeaders.test(name))) headers.delete(name)
}

const ownHeaders = /^(accept|content-type|user-agent|authorization|x-stainless-[a-z-]+)$/

/** Given with the request, where they win over everything. */
function requestHeaders({ apiKey, headers }: Connection): Record<string, string | null> {
  return {
    accept: 'application/json',
    // With it the SDK passes bytes on as they are.
    'content-type': 'application/json',
    authorization: apiKey === undefined ? null : `Bearer ${apiKey}`,
    // How long the SDK waits says nothing about the caller.
    'x-stainless-timeout': null,
    ...headers,
  }
}

const keyHeaders = ['authorization', 'api-key', 'x-api-key']

function checkKey({ name, needsKey, apiKey, headers }: Connection): void {
  if (!needsKey || apiKey || keyHeaders.some((key) => headers[key])) return
  throw new AuthenticationError(
    `${name} needs an API key: the option apiKey, or a header ${keyHeaders.join(' or ')}.`,
    { kind: 'auth' },
  )
}
