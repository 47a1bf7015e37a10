import {
  AuthenticationError,
  ProviderError,
  messageOf,
  type CallContext,
} from '@harnext/core/provider'
import type { Connection } from './google-options.ts'
import { connectionError, statusError } from './map-error.ts'

/**
 * The SDK as far as it is used: addresses, versions, names of models, headers. Each gives the raw answer, whose body nobody has
 * read. Rejects with `ProviderError` where the server answered with a status of failure.
 */
export interface GoogleClient {
  streamContent(model: string, body: Uint8Array, call: Call): Promise<Response>
  countTokens(model: string, body: Uint8Array, call: Call): Promise<Response>
  listModels(call: Call): Promise<Response>
}

export interface Call {
  readonly context: CallContext
  readonly signal: AbortSignal
}

/** The SDK is loaded at the first call, and one client serves all calls. */
export function googleClient(connection: Connection): GoogleClient {
  let loaded: ReturnType<typeof load> | undefined
  async function exchange(body: Uint8Array | undefined, call: Call, run: Run): Promise<Response> {
    const client = await (loaded ??= load(connection))
    const token = await accessToken(connection, call.signal)
    const seam = transportSeam((url, headers) => {
      const send = call.context.fetch ?? connection.fetch
      const { signal } = call
      const method = body === undefined ? 'GET' : 'POST'
      return send(url, {
        method,
        headers: toHeaders(headers, connection, token),
        ...(body !== undefined && { body }),
        signal,
      })
    })
    const response = await seam.take(run(client, { fetch: seam.fetch }))
    if (response.ok) return response
    throw statusError(response, await textOf(response), Date.now())
  }
  return {
    streamContent: (model, body, call) =>
      exchange(body, call, ({ models }, httpOptions) =>
        models.generateContentStream({
          model,
          contents: 'the body is made elsewhere',
          config: {
            httpOptions,
            automaticFunctionCalling: { disable: true },
            automaticContinuation: false,
          },
        }),
      ),
    countTokens: (model, body, call) =>
      exchange(body, call, ({ models }, httpOptions) =>
        models.countTokens({
          model,
          contents: 'the body is made elsewhere',
          config: { httpOptions },
        }),
      ),
    listModels: (call) =>
      exchange(undefined, call, ({ models }, httpOptions) => {
        const { plainVersion: apiVersion } = connection
        return models.list({
          config: { pageSize: 1000, httpOptions: { ...httpOptions, apiVersion } },
        })
      }),
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

type Client = Awaited<ReturnType<typeof load>>
type Run = (client: Client, httpOptions: { fetch: typeof fetch }) => Promise<unknown>

/**
 * The variant for the web reads nothing from the environment, prints nothing, and loads in a quarter of the time: it has no Google
 * login, which `accessToken` stands for.
 */
async function load(connection: Connection) {
  checkKey(connection)
  const { GoogleGenAI } = await import('@google/genai/web')
  const { baseURL: baseUrl, apiVersion, isVertex: vertexai, apiKey = NO_KEY } = connection
  return new GoogleGenAI({ apiKey, vertexai, apiVersion, httpOptions: { baseUrl } })
}

/** The SDK wants a key; one that is not ours is not sent. */
const NO_KEY = 'none'

/**
 * Stands between the SDK and the transport. The SDK knows where a request goes, and gets an empty answer for its trouble: the real
 * one is read by the adapter, chunk by chunk as the network brings it.
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
      if (!sent) throw refused('the SDK sent no request')
      try {
        return await sent
      } catch (error) {
        throw connectionError(error, '')
      }
    },
  }
}

/** The SDK does not take a name of a model that could lead to another address. */
function refused(error: unknown): ProviderError {
  const message = `The request to Google could not be made: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'invalid_request', cause: error })
}

function toHeaders(
  headers: Headers,
  { apiKey, ...connection }: Connection,
  token: string | undefined,
): Headers {
  if (apiKey === undefined) headers.delete('x-goog-api-key')
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  for (const [name, value] of Object.entries(connection.headers)) headers.set(name, value)
  return headers
}

/** A login may hang; the call can be cancelled all the same. */
async function accessToken(
  { accessToken: ask }: Connection,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!ask) return undefined
  signal.throwIfAborted()
  let leave = (): void => {}
  const left = new Promise<never>((_resolve, reject) => {
    leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([left, ask()])
  } catch (error) {
    const message = `There is no access token for Google: ${messageOf(error)}`
    throw new AuthenticationError(message, { kind: 'auth', cause: error })
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function checkKey({ apiKey, accessToken: token, headers }: Connection): void {
  if (apiKey ?? token ?? headers['x-goog-api-key'] ?? headers['authorization']) return
  throw new AuthenticationError(
    'Google needs an API key: the option apiKey, a header x-goog-api-key or authorization, or vertex with an accessToken.',
    { kind: 'auth' },
  )
}
