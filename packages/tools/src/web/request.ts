import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Destination } from './address.ts'

export interface WebResponse {
  readonly status: number
  /** Absent where there is none. */
  readonly location?: string
  /** As it was sent, `text/html; charset=utf-8`; empty where nothing was said. */
  readonly type: string
  /** Unpacked; at most the limit. */
  readonly body: Uint8Array
  /** There was more. */
  readonly cut: boolean
}

export interface WebRequestOptions {
  readonly signal: AbortSignal
  /** Bytes, unpacked. */
  readonly maxSize: number
}

const headers = {
  'User-Agent': 'harnext',
  Accept: 'text/markdown, text/html, text/plain;q=0.9, */*;q=0.5',
  'Accept-Encoding': 'gzip, deflate, br',
}

/** One GET to one address, following nothing. A redirect's body is not read. Throws what the network says. */
export async function requestOnce(
  { url, address }: Destination,
  { signal, maxSize }: WebRequestOptions,
): Promise<WebResponse> {
  signal.throwIfAborted()
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const lookup: LookupFunction = (_host, options, done) => {
    const family = isIP(address)
    if (options.all) done(null, [{ address, family }])
    else done(null, address, family)
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = send(url, { headers, lookup, agent: false, signal }, resolve)
  request.on('error', reject)
  request.end()
  try {
    const response = await promise
    const { statusCode: status = 0 } = response
    const { location, 'content-type': type = '' } = response.headers
    const isRedirect = status >= 300 && status < 400 && location !== undefined
    const { body, cut } = isRedirect
      ? { body: new Uint8Array(), cut: false }
      : await readBody(response, maxSize)
    return { status, type, body, cut, ...(location !== undefined && { location }) }
  } finally {
    request.destroy()
  }
}

async function readBody(
  response: IncomingMessage,
  maxSize: number,
): Promise<{ readonly body: Uint8Array; readonly cut: boolean }> {
  const stream = unpacked(response)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const room = maxSize - size
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    size += chunk.length
    // Leaving the loop ends the stream: a bomb is not unpacked any further.
    if (size > maxSize) break
  }
  return { body: Buffer.concat(chunks), cut: size > maxSize }
}

function unpacked(response: IncomingMessage): NodeJS.ReadableStream {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase()
  const unpack =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : undefined
  // What goes wrong is thrown by whoever reads the end of it.
  return unpack ? pipeline(response, unpack, () => {}) : response
}
