import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

/** The platform's own `Response`. Who reads its body by `for await`, as adapters do, reads Node's stream without a detour. */
export function toResponse(
  source: Readable,
  { statusCode: status = 0, statusMessage: statusText = '', rawHeaders }: IncomingMessage,
  url: URL,
  signal: AbortSignal | null,
  redirected: boolean,
): Response {
  const isEmpty = status === 204 || status === 205 || status === 304
  // Nobody will read it: it ends here.
  if (isEmpty) source.resume()
  const body = isEmpty ? null : bodyOf(source, signal)
  const response = new Response(body, { status, statusText })
  const { headers } = response
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string)
  Object.defineProperty(response, 'url', { value: url.href })
  if (redirected) Object.defineProperty(response, 'redirected', { value: true })
  return response
}

function bodyOf(source: Readable, signal: AbortSignal | null): ReadableStream<Uint8Array> {
  const chunks = chunksOf(source, signal)
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return()
      },
    },
    // Nothing is read before somebody asks for it.
    { highWaterMark: 0 },
  )
  return Object.defineProperty(stream, Symbol.asyncIterator, { value: () => chunks })
}

interface Chunks {
  next(): Promise<IteratorResult<Uint8Array, undefined>>
  return(): Promise<IteratorResult<Uint8Array, undefined>>
}

const over = { done: true, value: undefined } as const

/** What has come until it is asked for, as one chunk. A connection that breaks is an error, however much has come. */
function chunksOf(source: Readable, signal: AbortSignal | null): Chunks {
  let failure: unknown
  let isOver = false
  let wake = (): void => {}
  source.on('readable', () => wake())
  source.on('end', () => {
    isOver = true
    wake()
  })
  source.on('error', (error) => {
    failure ??= new TypeError('terminated', { cause: error })
    wake()
  })
  source.on('close', () => {
    if (!isOver) failure ??= new TypeError('terminated')
    wake()
  })
  return {
    async next() {
      for (;;) {
        const chunk = source.read() as Uint8Array | null
        if (chunk !== null) return { done: false, value: chunk }
        if (isOver) return over
        if (failure !== undefined) throw signal?.aborted ? signal.reason : failure
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async return() {
      // A connection whose answer nobody reads cannot be used again.
      if (!isOver) source.destroy()
      isOver = true
      return over
    },
  }
}
