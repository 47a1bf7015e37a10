import { ProviderError, messageOf, type CallContext } from '@harnext/core/provider'
import { networkError, statusError } from './map-error.ts'
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

/** The client library is loaded at the first call. */
export function ollamaClient(connection: Connection): OllamaClient {
  let loaded: ReturnType<typeof load> | undefined
  async function exchange(
    body: string | Uint8Array | undefined,
    call: Call,
    run: Run,
  ): Promise<Response> {
    const Ollama = await (loaded ??= load())
    const seam = transportSeam((url, headers) => {
      const send = call.context.fetch ?? connection.fetch
      return send(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: toHeaders(headers, connection),
        ...(body !== undefined && { body }),
        // The library can only end all calls of a client; this ends one.
        signal: call.signal,
      })
    })
    // A client is three fields, and one of its own keeps no streams of other calls.
    const client = new Ollama({ host: connection.baseURL, fetch: seam.fetch })
    const response = await seam.take(run(client))
    if (response.ok) return response
    throw statusError(response, await textOf(response), Date.now())
  }
  return {
    chat: (body, call) =>
      exchange(body, call, (client) => client.chat({ model: '', stream: true })),
    show: (model, call) =>
      exchange(JSON.stringify({ model }), call, (client) => client.show({ model })),
    list: (call) => exchange(undefined, call, (client) => client.list()),
  }
}

type Client = InstanceType<Awaited<ReturnType<typeof load>>>
type Run = (client: Client) => Promise<unknown>

/** The variant for the web: the other one takes an image for the name of a file, and reads it. */
async function load() {
  const { Ollama } = await import('ollama/browser')
  return Ollama
}

/** The whole body. Rejects with a `ProviderError` where the connection breaks. */
export async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw networkError(error, '')
  }
}

/**
 * Stands between the library and the transport. The library knows where a request goes, and gets an empty answer for its trouble:
 * the real one is read by the adapter, chunk by chunk as the network brings it.
 */
function transportSeam(send: (url: string, headers: Headers) => Promise<Response>) {
  let sent: Promise<Response> | undefined
  const seam: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString()
    sent = send(url, new Headers(init?.headers))
    await sent
    return new Response('{}', { headers: { 'content-type': 'application/json' } })
  }
  return {
    fetch: seam,
    async take(call: Promise<unknown>): Promise<Response> {
      try {
        await call
      } catch (error) {
        if (!sent) throw refused(error)
      }
      if (!sent) throw refused('the client sent no request')
      try {
        return await sent
      } catch (error) {
        throw networkError(error, '')
      }
    },
  }
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
