/** What one answer of a server may hold. A stream of events that goes on for ever is counted from each event anew. */
const longestAnswer = 64 * 1024 * 1024

/** The platform's `fetch`, with answers that end in an error when they are larger than anybody could read. */
export function limitedFetch(): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!response.body) return response
    const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true
    const body = response.body.pipeThrough(limit(isStream))
    const { status, statusText, headers } = response
    const limited = new Response(body, { status, statusText, headers })
    Object.defineProperty(limited, 'url', { value: response.url })
    return limited
  }
}

function limit(isStream: boolean): TransformStream<Uint8Array, Uint8Array> {
  let length = 0
  return new TransformStream({
    transform(chunk, controller) {
      length += chunk.length
      if (length > longestAnswer)
        return controller.error(
          new Error(`The server sent more than ${longestAnswer >> 20} MB in one message.`),
        )
      controller.enqueue(chunk)
      // Two line ends close an event.
      if (isStream && endsEvent(chunk)) length = 0
    },
  })
}

function endsEvent(chunk: Uint8Array): boolean {
  const end = new TextDecoder('latin1').decode(chunk.subarray(-4))
  return /\r?\n\r?\n$/.test(end)
}
