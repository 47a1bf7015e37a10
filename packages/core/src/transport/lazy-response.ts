import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { chunksOf } from './chunks-of.ts'
import { LazyBody } from './lazy-body.ts'
import { LazyHeaders } from './lazy-headers.ts'

export interface Answer {
  readonly message: IncomingMessage
  readonly headers: LazyHeaders
  /** The body, decompressed. */
  readonly source: Readable
  readonly url: URL
  readonly signal: AbortSignal | null
  readonly redirected: boolean
}

/**
 * A `Response` that costs little: who asks for a header by its name and reads the body by `for await`, as adapters do, reads Node's
 * own. For everything else the platform's is made, from what is left of the body.
 */
export class LazyResponse implements Response {
  readonly type = 'default'
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly redirected: boolean
  readonly headers: LazyHeaders
  readonly #body: LazyBody | null
  #whole: Response | undefined

  constructor({ message, headers, source, url, signal, redirected }: Answer) {
    this.status = message.statusCode ?? 0
    this.statusText = message.statusMessage ?? ''
    this.url = url.href
    this.redirected = redirected
    this.headers = headers
    const isEmpty = this.status === 204 || this.status === 205 || this.status === 304
    // Nobody will read it: it ends here.
    if (isEmpty) source.resume()
    this.#body = isEmpty ? null : new LazyBody(chunksOf(source, signal))
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#whole ? this.#whole.body : this.#body
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }
  get bodyUsed(): boolean {
    return this.#whole?.bodyUsed ?? false
  }
  text(): Promise<string> {
    return this.#toWhole().text()
  }
  json(): Promise<unknown> {
    return this.#toWhole().json()
  }
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer())
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#toWhole().arrayBuffer()
  }
  blob(): Promise<Blob> {
    return this.#toWhole().blob()
  }
  formData(): ReturnType<Response['formData']> {
    return this.#toWhole().formData()
  }
  clone(): Response {
    return this.#toWhole().clone()
  }

  #toWhole(): Response {
    const { status, statusText, headers } = this
    const body = this.#body?.stream ?? null
    return (this.#whole ??= new Response(body, { status, statusText, headers: headers.all }))
  }
}
