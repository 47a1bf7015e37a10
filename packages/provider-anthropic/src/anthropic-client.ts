import {
  AuthenticationError,
  rawClient,
  requestSender,
  type RawClient,
} from '@harnext/core/provider'
import type { Connection } from './anthropic-options.ts'

/** The SDK is loaded at the first call. */
export function anthropicClient(connection: Connection): RawClient {
  const send = requestSender({
    provider: 'Anthropic',
    fetch: connection.fetch,
    adapt: (given) => onlyOwn(given, connection),
  })
  return rawClient(send, {
    headers: requestHeaders(connection),
    checkKey: () => checkKey(connection),
    load: (fetch) => load(connection, fetch),
  })
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
