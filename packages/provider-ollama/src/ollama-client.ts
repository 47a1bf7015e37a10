import { ProviderError, messageOf, type CallContext } from '@harnext/core/provider'
import type { Ollama } from 'ollama/browser'
import { connectionError, statusError } from './map-error.ts'
import type { Connection } from './ollama-options.ts'

/**
 * The project's own client as far as it is used: addresses and headers. Each gives the raw answer, whose body nobody has read.
 * Rejects with `ProviderError` where the server answered with a status of failure.
 */
export interface OllamaClient {
  chat(body: Uint8Array, call: Call): Promise<Response>
  show(model: string, call: Call): Promise<Response>
  list(call: Call): Promise<Response>
}

export interface Call {
  readonly context: CallContext
  readonly signal: AbortSignal
}

/** The client library is loaded at the first call, and asked once where each kind of request goes. */
export function ollamaClient(connection: Connection): OllamaClient {
  const addresses = new Map<string, Address>()
  async function addressOf(kind: string, run: Run): Promise<Address> {
    const known = addresses.get(kind)
    if (known) return known
    const found = await askForAddress(connection, run)
    addresses.set(kind, found)
    return found
  }
  async function send(
    { url, headers }: Address,
    body: string | Uint8Array | undefined,
    { context, signal }: Call,
  ): Promise<Response> {
    let response: Response
    try {
      response = await (context.fetch ?? connection.fetch)(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: [...headers],
        ...(body !== undefined && { body }),
        signal,
      })
    } catch (error) {
      throw connectionError(error, '')
    }
    if (response.ok) return response
    throw statusError(response, await textOf(response), Date.now())
  }
  return {
    async chat(body, call) {
      const run: Run = (client) => client.chat({ model: '', stream: true })
      return send(await addressOf('chat', run), body, call)
    },
    async show(model, call) {
      const address = await addressOf('show', (client) => client.show({ model }))
      return send(address, JSON.stringify({ model }), call)
    },
    async list(call) {
      return send(await addressOf('list', (client) => client.list()), undefined, call)
    },
  }
}

interface Address {
  readonly url: string
  readonly headers: readonly [string, string][]
}

/** The whole body. Rejects with a `ProviderError` where the connection breaks. */
export async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw connectionError(error, '')
  }
}

type Run = (client: Ollama) => Promise<unknown>

/**
 * Lets the library send a request that gets no further than its address and headers. The variant for the web: the other one takes
 * an image for the name of a file, and reads it.
 */
async function askForAddress(connection: Connection, run: Run): Promise<Address> {
  const { Ollama } = await import('ollama/browser')
  let found: Address | undefined
  const seam: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : input.toString()
    found = { url, headers: [...toHeaders(new Headers(init?.headers), connection)] }
    return Promise.reject(new Error('the address was all that was wanted'))
  }
  try {
    await run(new Ollama({ host: connection.baseURL, fetch: seam }))
  } catch (error) {
    if (!found) throw refused(error)
  }
  if (!found) throw refused('the client sent no request')
  return found
}

function refused(error: unknown): ProviderError {
  const message = `The request to Ollama could not be made: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'invalid_request', cause: error })
}

/** Takes out the key that the library found in the environment, which no option can prevent. */
function toHeaders(headers: Headers, connection: Connection): Headers {
  headers.delete('authorization')
  for (const [name, value] of Object.entries(connection.headers)) headers.set(name, value)
  return headers
}
