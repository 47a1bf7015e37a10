import { AuthenticationError, type CallContext } from '@harnext/core/provider'
import type { Connection } from './openai-options.ts'

/** The SDK as far as it is used: addresses, headers and errors. Rejects with what the SDK throws. */
export interface OpenAIClient {
  /** The raw answer, whose body nobody has read. */
  post(path: string, body: Uint8Array, context: CallContext, signal: AbortSignal): Promise<Response>
  get(path: string, context: CallContext, signal: AbortSignal): Promise<Response>
}

/** The SDK is loaded at the first call, and one client serves all calls. */
export function openaiClient(connection: Connection): OpenAIClient {
  let loaded: ReturnType<typeof load> | undefined
  const headers = requestHeaders(connection)
  const options = ({ fetch }: CallContext, signal: AbortSignal) => ({
    signal,
    headers,
    // A client for each call would cost a part of every turn; this way the transport travels with the call.
    fetchOptions: { [transport]: fetch } as object,
  })
  return {
    async post(path, body, context, signal) {
      checkKey(connection)
      const client = await (loaded ??= load(connection))
      return client.post(path, { body, ...options(context, signal) }).asResponse()
    },
    async get(path, context, signal) {
      checkKey(connection)
      const client = await (loaded ??= load(connection))
      return client.get(path, options(context, signal)).asResponse()
    },
  }
}

const transport = Symbol('transport')

/** The SDK's own limit; how long a call may take is said by its signal. */
const NO_TIMEOUT = 2_147_483_647

/** Every option that the SDK would look for in the environment is given here. */
async function load(connection: Connection) {
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
    timeout: NO_TIMEOUT,
    fetch: (url, init) => send(connection, url, init),
  })
}

type Send = typeof fetch
type FetchInit = RequestInit & { [transport]?: Send | undefined }

/** Takes out the headers that the SDK found in the environment, which no option can prevent. */
function send(
  connection: Connection,
  url: Parameters<Send>[0],
  init: FetchInit = {},
): Promise<Response> {
  const { [transport]: callFetch, ...rest } = init
  const headers = rest.headers instanceof Headers ? rest.headers : new Headers(rest.headers)
  const foreign = Array.from(headers.keys()).filter(
    (name) => !(name in connection.headers || ownHeaders.test(name)),
  )
  for (const name of foreign) headers.delete(name)
  return (callFetch ?? connection.fetch)(url, { ...rest, headers })
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
