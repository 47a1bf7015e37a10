import { ProviderError, messageOf } from '../errors.ts'

/** What stands before the body of a request. */
export interface RequestHead {
  readonly url: string
  readonly method: string
  /** In the order of their names, which are in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Makes a vendor's SDK send a request of a kind by this `fetch`. */
export type MakeRequest = (fetch: typeof globalThis.fetch) => Promise<unknown>

export interface RequestHeadsOptions {
  /** As in a sentence: `Anthropic`. */
  readonly provider: string
  /** Changes the headers that the SDK made, which may have found some in the environment. */
  readonly adapt?: (headers: Headers) => void
}

/**
 * What a vendor's SDK knows of requests: where each kind of them goes, with which method and headers. A request that leads nowhere is made
 * once for each kind, and what it had is kept: sending through an SDK takes a fifth of what a turn costs. Rejects with a `ProviderError`
 * (`invalid_request`) when the SDK makes no request.
 */
export function requestHeads(
  options: RequestHeadsOptions,
): (kind: string, make: MakeRequest) => Promise<RequestHead> {
  const known = new Map<string, RequestHead>()
  return async (kind, make) => {
    const head = known.get(kind) ?? (await askFor(options, make))
    known.set(kind, head)
    return head
  }
}

async function askFor(
  { provider, adapt }: RequestHeadsOptions,
  make: MakeRequest,
): Promise<RequestHead> {
  let head: RequestHead | undefined
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
