import type { Chunks } from './chunks-of.ts'

type Stream = ReadableStream<Uint8Array>

/** A body that is read by `for await` without a stream in between. The stream is made for whoever wants one. */
export class LazyBody implements Stream {
  readonly #chunks: Chunks
  #stream: Stream | undefined

  constructor(chunks: Chunks) {
    this.#chunks = chunks
  }

  get stream(): Stream {
    return (this.#stream ??= toStream(this.#chunks))
  }
  [Symbol.asyncIterator](): ReturnType<Stream['values']> {
    return this.values()
  }
  values(options?: Parameters<Stream['values']>[0]): ReturnType<Stream['values']> {
    if (this.#stream || options) return this.stream.values(options)
    return this.#chunks as ReturnType<Stream['values']>
  }
  get locked(): boolean {
    return this.#stream?.locked ?? false
  }
  cancel(reason?: unknown): Promise<void> {
    return this.stream.cancel(reason)
  }
  get getReader(): Stream['getReader'] {
    // It has two forms, of which `bind` keeps one.
    const bound: unknown = this.stream.getReader.bind(this.stream)
    return bound as Stream['getReader']
  }
  get pipeThrough(): Stream['pipeThrough'] {
    return this.stream.pipeThrough.bind(this.stream)
  }
  get pipeTo(): Stream['pipeTo'] {
    return this.stream.pipeTo.bind(this.stream)
  }
  get tee(): Stream['tee'] {
    return this.stream.tee.bind(this.stream)
  }
}

function toStream(chunks: Chunks): Stream {
  return new ReadableStream<Uint8Array>(
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
}
