import { requestHeads, type CallContext, type RequestHead } from '@harnext/core/provider'
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
  const adapt = (headers: Headers): void => withOwn(headers, connection)
  const headOf = requestHeads({ provider: 'Ollama', adapt })
  const addressOf = (kind: string, run: Run): Promise<RequestHead> =>
    headOf(kind, async (fetch) => {
      const { Ollama } = await import('ollama/browser')
      return run(new Ollama({ host: connection.baseURL, fetch }))
    })
  async function send(
    { url, headers }: RequestHead,
    body: string | Uint8Array | undefined,
    { context, signal }: Call,
  ): Promise<Response> {
    let response: Response
    try {
      response = await (context.fetch ?? connection.fetch)(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: headers as [string, string][],
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

/** The whole body. Rejects with a `ProviderError` where the connection breaks. */
export async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw connectionError(error, '')
  }
}

type Run = (client: Ollama) => Promise<unknown>

/** Takes out the key that the library found in the environment, which no option can prevent. */
function withOwn(headers: Headers, connection: Connection): void {
  headers.delete('authorization')
  for (const [name, value] of Object.entries(connection.headers)) headers.set(name, value)
}
