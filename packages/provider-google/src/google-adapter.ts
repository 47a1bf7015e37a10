import {
  isJsonObject,
  messageOf,
  ownSignal,
  ProviderError,
  sseParser,
  type CallContext,
  type Json,
  type ModelEvent,
  type ModelInfo,
  type ModelRequest,
  type OwnSignal,
  type ProviderAdapter,
} from '@harnext/core/provider'
import { GoogleFold } from './from-google-stream.ts'
import { api, type WireChunk } from './google-api.ts'
import { googleClient, textOf, type GoogleClient } from './google-client.ts'
import { toConnection, type GoogleOptions } from './google-options.ts'
import { eventError, mapError, connectionError } from './map-error.ts'
import { capabilitiesOf } from './models.ts'
import { requestWriter, type RequestWriter } from './to-google-request.ts'

/**
 * Google's generateContent API, with a key or at Vertex, on the vendor's SDK, which loads at the first call. Nothing is read from
 * the environment. Throws `ConfigError` when `baseURL` is no URL; without a key every call throws `AuthenticationError`.
 *
 * @example
 * const adapter = google({ apiKey })
 */
export function google(options: GoogleOptions = {}): ProviderAdapter {
  const connection = toConnection(options)
  const client = googleClient(connection)
  const writer = requestWriter(connection)
  return {
    id: 'google',
    api,
    stream: (request, context) => streamContent(client, writer, request, context),
    capabilities: capabilitiesOf,
    countTokens: (request, context) =>
      calling(context, async (signal) => {
        const { body, release } = writer.writeForCount(request)
        const answer = client.countTokens(request.model, body, { context, signal })
        const count = toCount(await jsonOf(answer))
        release()
        return count
      }),
    listModels: (context) =>
      calling(context, async (signal) => {
        return toModels(await jsonOf(client.listModels({ context, signal })))
      }),
  }
}

async function* streamContent(
  client: GoogleClient,
  writer: RequestWriter,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  const call = ownSignal(context.signal)
  const fold = newFold(request)
  let isOver = false
  try {
    context.signal.throwIfAborted()
    const { body, warnings, release } = writer.write(request)
    const response = await client.streamContent(request.model, body, {
      context,
      signal: call.signal,
    })
    // Warnings wait for the answer: a call can be repeated only while it has shown nothing.
    let events: ModelEvent[] = [...warnings]
    if (isStream(response)) {
      const next = chunkReader(response, fold, call)
      const take = streamReader(fold)
      for (let chunk = await next(); chunk; chunk = await next()) {
        const failure = take(chunk, events)
        yield events
        if (failure) throw failure
        events = []
      }
      // Some transports end an aborted stream without a word.
      context.signal.throwIfAborted()
      if (!fold.isEnded) throw truncated(fold)
    } else takeWhole(await textOf(response), fold, events)
    fold.finish(events)
    isOver = true
    release()
    yield events
  } catch (error) {
    throw mapError(error, { signal: context.signal, partial: fold.text })
  } finally {
    call.close()
    // A reader that left, or an answer that made no sense: nobody reads the rest.
    if (!isOver) call.abort()
  }
}

function newFold({ model, tools = [] }: ModelRequest): GoogleFold {
  return new GoogleFold({
    model,
    tools: new Set(tools.map(({ name }) => name)),
    newId: () => `call_${crypto.randomUUID().replaceAll('-', '')}`,
  })
}

/** For the calls that have one small answer. */
async function calling<Result>(
  context: CallContext,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const call = ownSignal(context.signal)
  try {
    context.signal.throwIfAborted()
    return await run(call.signal)
  } catch (error) {
    throw mapError(error, { signal: context.signal, partial: '' })
  } finally {
    call.close()
  }
}

function isStream(response: Response): boolean {
  return !/json|html/.test(response.headers.get('content-type') ?? '')
}

/**
 * Gives the chunks of the body, and `null` at its end. The API has no event that is always the last one: the end of the body is the
 * end of the answer. Where the vendor has said why it stopped, a server that leaves the connection open is not waited for.
 */
function chunkReader({ body }: Response, fold: GoogleFold, { abort }: OwnSignal) {
  if (!body) throw new TypeError('the answer has no body')
  const chunks: AsyncIterator<Uint8Array, unknown> = body[Symbol.asyncIterator]()
  return async (): Promise<Uint8Array | null> => {
    const mayGoOn = !fold.isEnded || fold.isWaiting
    const timer = mayGoOn ? undefined : setTimeout(abort, LINGER_MS)
    try {
      const result = await chunks.next()
      return result.done ? null : result.value
    } catch (error) {
      // The answer is complete: what happens to its connection changes nothing.
      if (!mayGoOn) return null
      throw connectionError(error, fold.text)
    } finally {
      clearTimeout(timer)
    }
  }
}

const LINGER_MS = 500

/** What it returns is what went wrong in the middle of a chunk: the events before it are still passed on. */
function streamReader(
  fold: GoogleFold,
): (chunk: Uint8Array, out: ModelEvent[]) => ProviderError | undefined {
  const parse = sseParser()
  return (chunk, out) => {
    try {
      for (const { data } of parse(chunk))
        // Gateways to other vendors end with this word.
        if (data !== '[DONE]') takeChunk(JSON.parse(data) as WireChunk, fold, out)
      return undefined
    } catch (error) {
      if (error instanceof ProviderError) return error
      return protocolError('an event that makes no sense', error, fold)
    }
  }
}

function takeChunk(chunk: WireChunk, fold: GoogleFold, out: ModelEvent[]): void {
  if (isJsonObject(chunk.error)) throw eventError(chunk.error, fold.text, Date.now())
  fold.take(chunk, out)
}

/** A server that does not stream answers with the whole, or with the events of a stream as an array. */
function takeWhole(text: string, fold: GoogleFold, out: ModelEvent[]): void {
  try {
    const answer = JSON.parse(text) as WireChunk | WireChunk[]
    for (const chunk of Array.isArray(answer) ? answer : [answer]) takeChunk(chunk, fold, out)
    if (!fold.isEnded) throw new TypeError('it has no finishReason')
  } catch (error) {
    if (error instanceof ProviderError) throw error
    const what = `what is neither a stream nor an answer: ${text.slice(0, 200)}`
    throw protocolError(what, error, fold)
  }
}

function protocolError(what: string, cause: unknown, { text }: GoogleFold): ProviderError {
  const message = `Google sent ${what} (${messageOf(cause)}).`
  return new ProviderError(message, { kind: 'protocol', partial: text, cause })
}

function truncated({ text }: GoogleFold): ProviderError {
  return new ProviderError('The stream of Google ended before its finishReason.', {
    kind: 'stream_truncated',
    retryable: true,
    partial: text,
  })
}

async function jsonOf(response: Promise<Response>): Promise<Json> {
  return JSON.parse(await textOf(await response)) as Json
}

function toCount(answer: Json): number {
  const count = isJsonObject(answer) ? answer['totalTokens'] : undefined
  if (typeof count === 'number') return count
  throw new TypeError(`expected totalTokens, got ${JSON.stringify(answer).slice(0, 200)}`)
}

/** Those that answer: others make embeddings or pictures. */
function toModels(answer: Json): ModelInfo[] {
  const list = isJsonObject(answer) ? (answer['models'] ?? answer['publisherModels']) : undefined
  if (!Array.isArray(list)) throw new TypeError('expected a list of models')
  return (list as Json[]).filter(isJsonObject).flatMap((model) => {
    const { name, displayName, inputTokenLimit: input, outputTokenLimit: output } = model
    const methods = model['supportedGenerationMethods']
    if (typeof name !== 'string') return []
    if (Array.isArray(methods) && !methods.includes('generateContent')) return []
    return {
      id: name.replace(/^(publishers\/google\/)?models\//, ''),
      ...(typeof displayName === 'string' && { name: displayName }),
      ...(typeof input === 'number' && { contextWindow: input }),
      ...(typeof output === 'number' && { maxOutputTokens: output }),
    }
  })
}
