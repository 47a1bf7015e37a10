import type { CallContext } from './adapter.ts'
import type { MakeRequest, requestSender } from './request-sender.ts'

/** A vendor's SDK as far as it is used: addresses and headers. Rejects with `ProviderError`, also where the server answered with a failure. */
export interface RawClient {
  /** The raw answer, whose body nobody has read. */
  post(path: string, body: Uint8Array, context: CallContext, signal: AbortSignal): Promise<Response>
  get(path: string, context: CallContext, signal: AbortSignal): Promise<Response>
}

/** The methods by which the SDKs that are generated from an API's description ask for any path. */
export interface PathMethods {
  post(path: string, options: { headers: RawHeaders; body: Uint8Array }): RawAnswer
  get(path: string, options: { headers: RawHeaders }): RawAnswer
}
interface RawAnswer {
  asResponse(): Promise<unknown>
}
/** `null`: without the one that the SDK would send. */
type RawHeaders = Record<string, string | null>

export interface RawClientOptions {
  readonly headers: RawHeaders
  /** Throws where a key is missing. */
  readonly checkKey: () => void
  /** Makes the SDK, which is to send by this `fetch`. */
  readonly load: (fetch: typeof globalThis.fetch) => Promise<PathMethods>
}

export function rawClient(
  send: ReturnType<typeof requestSender>,
  { headers, checkKey, load }: RawClientOptions,
): RawClient {
  return {
    async post(path, body, { fetch }, signal) {
      checkKey()
      const make: MakeRequest = async (seam) =>
        (await load(seam)).post(path, { headers, body: new Uint8Array() }).asResponse()
      return send({ kind: path, make, body, fetch, signal })
    },
    async get(path, { fetch }, signal) {
      checkKey()
      const make: MakeRequest = async (seam) =>
        (await load(seam)).get(path, { headers }).asResponse()
      return send({ kind: path, make, fetch, signal })
    },
  }
}
