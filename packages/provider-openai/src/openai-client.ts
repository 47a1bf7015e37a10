import {
  AuthenticationError,
  rawClient,
  requestSender,
  type RawClient,
} from '@harnext/core/provider'
import { statusError } from './map-error.ts'
import type { Connection } from './openai-options.ts'

/** The SDK is loaded at the first call. */
export function openaiClient(connection: Connection): RawClient {
  const { name } = connection
  const send = requestSender({
    provider: name,
    fetch: connection.fetch,
    adapt: (given) => onlyOwn(given, connection),
    statusError: (response) => statusError(name, response),
  })
  return rawClient(send, {
    headers: requestHeaders(connection),
    checkKey: () => checkKey(connection),
    load: (fetch) => load(connection, fetch),
  })
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
