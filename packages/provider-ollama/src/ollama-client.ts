import { requestSender, type CallContext, type MakeRequest } from '@harnext/core/provider'
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

/** The client library is loaded at the first call. The variant for the web: the other one takes an image for the name of a file, and reads it. */
export function ollamaClient(connection: Connection): OllamaClient {
  const send = requestSender({
    provider: 'Ollama',
    fetch: connection.fetch,
    adapt: (headers) => withOwn(headers, connection),
    connectionError: (error) => connectionError(error, ''),
    statusError: async (response) => statusError(response, await textOf(response), Date.now()),
  })
  const asked =
    (run: (client: Ollama) => Promise<unknown>): MakeRequest =>
    async (fetch) => {
      const { Ollama } = await import('ollama/browser')
      return run(new Ollama({ host: connection.baseURL, fetch }))
    }
  const chat = asked((client) => client.chat({ model: '', stream: true }))
  const show = asked((client) => client.show({ model: '' }))
  const list = asked((client) => client.list())
  return {
    chat: (body, { context: { fetch }, signal }) =>
      send({ kind: 'chat', make: chat, body, fetch, signal }),
    show: (model, { context: { fetch }, signal }) =>
      send({ kind: 'show', make: show, body: JSON.stringify({ model }), fetch, signal }),
    list: ({ context: { fetch }, signal }) => send({ kind: 'list', make: list, fetch, signal }),
  }
}

/** The whole body. Rejects with a `ProviderError` where the connection breaks. */
export async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw connectionError(error, '')
  }
}

/** Takes out the key that the library found in the environment, which no option can prevent. */
function withOwn(headers: Headers, connection: Connection): void {
  headers.delete('authorization')
  for (const [name, value] of Object.entries(connection.headers)) headers.set(name, value)
}
