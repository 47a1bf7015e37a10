import {
  type CallContext,
  type Json,
  messageOf,
  type ModelEvent,
  type ModelRequest,
  networkError,
  ownSignal,
  ProviderError,
  type RawClient,
  type ServerSentEvent,
  sseParser,
  type Warning,
} from '@harnext/core/provider'
import { mapError } from './map-error.ts'

/** One of the vendor's APIs: where requests go, how they are made and how answers are read. */
export interface Endpoint {
  /** Of the vendor, as in a sentence. */
  readonly name: string
  readonly client: RawClient
  readonly path: string
  readonly write: (request: ModelRequest) => WrittenRequest
  readonly newFold: (model: string) => AnswerFold
}

export interface WrittenRequest {
  /** JSON in UTF-8: a view that is good until `release`. */
  readonly body: Uint8Array
  readonly warnings: readonly Warning[]
  /** The call is over, and went well. */
  readonly release: () => void
}

/** Folds what comes of one answer into events, which it puts behind `out`. Throws `ProviderError` for an error of the vendor. */
export interface AnswerFold {
  /** The vendor's last event came, and `finish` was given. */
  readonly isFinished: boolean
  /** The text so far. */
  readonly text: string
  take(event: Json, out: ModelEvent[]): void
  /** The body is over; `isMarked` when the server said so. Finishes if that makes an answer complete. */
  end(isMarked: boolean, out: ModelEvent[]): void
  /** The answer of a server that does not stream. */
  takeWhole(answer: Json, out: ModelEvent[]): void
}

export async function* streamAnswer(
  { name, client, path, write, newFold }: Endpoint,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  const call = ownSignal(context.signal)
  const fold = newFold(request.model)
  let isOver = false
  try {
    context.signal.throwIfAborted()
    const { body, warnings, release } = write(request)
    const response = await client.post(path, body, context, call.signal)
    // Warnings wait for the answer: a call can be repeated only while it has shown nothing.
    let events: ModelEvent[] = [...warnings]
    if (isStream(response)) {
      const chunks = bodyOf(response)
      const take = streamReader(name, fold)
      while (!fold.isFinished) {
        const { done, value } = await nextChunk(name, chunks, fold)
        if (done) fold.end(false, events)
        const failure = done ? undefined : take(value, events)
        yield events
        if (failure) throw failure
        if (done) break
        events = []
      }
      // Some transports end an aborted stream without a word.
      if (!fold.isFinished) throw truncated(name, fold)
      await drain(chunks, call.abort)
    } else {
      takeWhole(name, await response.text(), fold, events)
      yield events
    }
    isOver = true
    release()
  } catch (error) {
    throw mapError(error, { name, signal: context.signal, partial: fold.text })
  } finally {
    call.close()
    // A reader that left, or an answer that made no sense: nobody reads the rest.
    if (!isOver) call.abort()
  }
}

/** For the calls that have one small answer. */
export async function smallAnswer<Result>(
  name: string,
  context: CallContext,
  send: (signal: AbortSignal) => Promise<Response>,
  read: (answer: Json) => Result,
): Promise<Result> {
  const call = ownSignal(context.signal)
  try {
    context.signal.throwIfAborted()
    return read((await (await send(call.signal)).json()) as Json)
  } catch (error) {
    throw mapError(error, { name, signal: context.signal, partial: '' })
  } finally {
    call.close()
  }
}

function isStream(response: Response): boolean {
  return !/json|html/.test(response.headers.get('content-type') ?? '')
}

function bodyOf({ body }: Response): AsyncIterator<Uint8Array, unknown> {
  if (!body) throw new TypeError('the answer has no body')
  return body[Symbol.asyncIterator]()
}

async function nextChunk(
  name: string,
  chunks: AsyncIterator<Uint8Array, unknown>,
  fold: AnswerFold,
): Promise<IteratorResult<Uint8Array, unknown>> {
  try {
    return await chunks.next()
  } catch (error) {
    throw networkError(name, error, fold.text)
  }
}

/** What it returns is what went wrong in the middle of a chunk: the events before it are still passed on. */
function streamReader(
  name: string,
  fold: AnswerFold,
): (chunk: Uint8Array, out: ModelEvent[]) => ProviderError | undefined {
  const parse = sseParser()
  return (chunk, out) => {
    try {
      for (const event of parse(chunk)) takeData(event, fold, out)
      return undefined
    } catch (error) {
      if (error instanceof ProviderError) return error
      return protocolError(name, 'an event that makes no sense', error, fold)
    }
  }
}

function takeData({ data }: ServerSentEvent, fold: AnswerFold, out: ModelEvent[]): void {
  if (fold.isFinished) return
  if (data === '[DONE]') fold.end(true, out)
  else fold.take(JSON.parse(data) as Json, out)
}

function takeWhole(name: string, text: string, fold: AnswerFold, out: ModelEvent[]): void {
  try {
    fold.takeWhole(JSON.parse(text) as Json, out)
  } catch (error) {
    if (error instanceof ProviderError) throw error
    const what = `what is neither a stream nor an answer: ${text.trim().slice(0, 200)}`
    throw protocolError(name, what, error, fold)
  }
}

function protocolError(
  name: string,
  what: string,
  cause: unknown,
  { text }: AnswerFold,
): ProviderError {
  const message = `${name} sent ${what} (${messageOf(cause)}).`
  return new ProviderError(message, { kind: 'protocol', partial: text, cause })
}

function truncated(name: string, { text }: AnswerFold): ProviderError {
  return new ProviderError(`The stream of ${name} ended before its last event.`, {
    kind: 'stream_truncated',
    retryable: true,
    partial: text,
  })
}

/** Reads to the end, so that the connection can be used again; not for long, if a server leaves it open. */
async function drain(chunks: AsyncIterator<Uint8Array, unknown>, abort: () => void): Promise<void> {
  const timer = setTimeout(abort, DRAIN_MS)
  try {
    while (!(await chunks.next()).done);
  } catch {
    // The answer is complete: what happens to its connection changes nothing.
  } finally {
    clearTimeout(timer)
  }
}

const DRAIN_MS = 250
