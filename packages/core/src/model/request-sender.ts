import { ProviderError, messageOf } from '../errors.ts'
import { networkError, responseError } from './call-error.ts'

/** Makes a vendor's SDK send a request of a kind by this `fetch`. */
export type MakeRequest = (fetch: typeof globalThis.fetch) => Promise<unknown>

export interface RequestSenderOptions {
  /** As in a sentence: `Anthropic`. */
  readonly provider: string
  /** Sends where a call brings no `fetch` of its own. */
  readonly fetch: typeof globalThis.fetch
  /** Changes the headers that the SDK made, which may have found some in the environment. */
  readonly adapt?: (headers: Headers) => void
  /** What a connection that broke is. @default `networkError` */
  readonly connectionError?: (error: unknown) => ProviderError
  /** What an answer with a status of failure is. @default `responseError` */
  readonly statusError?: (response: Response) => Promise<ProviderError>
}

export interface SentRequest {
  /** Requests of a kind have the same address and headers. */
  readonly kind: string
  /** Called for the first request of a kind. */
  readonly make: MakeRequest
  readonly body?: string | Uint8Array
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly signal: AbortSignal
}

/** What stands before a body. */
interface Head {
  readonly url: string
  readonly method: string
  readonly headers: [name: string, value: string][]
}

/**
 * Sends what an adapter wrote to where the vendor's SDK would send it. The SDK knows addresses, methods and headers: it makes one request of
 * each kind that leads nowhere, and what that had is kept, as sending through an SDK takes a fifth of what a turn costs.
 *
 * Resolves to the raw answer, whose body nobody has read. Rejects with a `ProviderError` alone: `invalid_request` when the SDK makes no
 * request, and what the options make of a connection that broke and of a status of failure.
 */
export function requestSender(
  options: RequestSenderOptions,
): (request: SentRequest) => Promise<Response> {
  const { provider } = options
  const { connectionError = (error: unknown) => networkError(provider, error, '') } = options
  const { statusError = (response: Response) => responseError(provider, response) } = options
  const known = new Map<string, Head>()
  return async ({ kind, make, body, fetch = options.fetch, signal }) => {
    const head = known.get(kind) ?? (await askFor(options, make))
    known.set(kind, head)
    const { url, method, headers } = head
    const init = { method, headers, ...(body !== undefined && { body }), signal }
    const response = await fetch(url, init as RequestInit).catch((error: unknown) => {
      throw connectionError(error)
    })
    if (response.ok) return response
    throw await statusError(response)
  }
}

async function askFor({ provider, adapt }: RequestSenderOptions, make: MakeRequest): Promise<Head> {
  let head: Head | undefined
  const seam: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : input.toString()
    const headers = new Headers(init?.headers)
    adapt?.(headers)
    head = { url, method: init?.method ?? 'GET', headers: Array.from(headers) }
    return Promise.reject(new Error('The head of the request was all that was wanted.'))
  }
  try {
    await make(seam)
  } catch (error) {
    if (!head) throw refused(provider, error)
  }
  if (!head) throw refused(provider, 'no request was made')
  return head
}

function refused(provider: string, error: unknown): ProviderError {
  const message = `The request to ${provider} could not be made: ${messageOf(error)}`
  return new ProviderError(message, { kind: 'invalid_request', cause: error })
}
