import {
  type CallContext,
  isJsonObject,
  type Json,
  messageOf,
  type ModelEvent,
  type ModelInfo,
  type ModelRequest,
  ownSignal,
  type ProviderAdapter,
  ProviderError,
  type RawClient,
  type ServerSentEvent,
  sseParser,
} from '@harnext/core/provider'
import { api, type WholeMessage, type WireEvent } from './anthropic-api.ts'
import { anthropicClient } from './anthropic-client.ts'
import { newestVersion, toConnection, type AnthropicOptions } from './anthropic-options.ts'
import { AnthropicFold, eventsOfMessage } from './from-anthropic-stream.ts'
import { eventError, mapError, connectionError } from './map-error.ts'
import { capabilitiesOf } from './models.ts'
import { readEvent } from './read-event.ts'
import { requestWriter, type RequestWriter } from './to-anthropic-request.ts'

/**
 * Anthropic's Messages API on the vendor's SDK, which loads at the first call. Nothing is read from the environment. Throws
 * `ConfigError` when `baseURL` is no URL; without a key every call throws `AuthenticationError`.
 *
 * @example
 * const adapter = anthropic({ apiKey })
 */
export function anthropic(options: AnthropicOptions = {}): ProviderAdapter {
  const connection = toConnection(options)
  const client = anthropicClient(connection)
  const writer = requestWriter()
  return {
    id: 'anthropic',
    api,
    stream: (request, context) => streamMessage(client, writer, request, context),
    capabilities: (model) => ({
      ...capabilitiesOf(model),
      ...(connection.version >= newestVersion && { temperature: false }),
    }),
    countTokens: (request, context) =>
      calling(context, async (signal) => {
        const { body, release } = writer.writeForCount(request)
        const path = '/v1/messages/count_tokens'
        const count = toCount(await jsonOf(client.post(path, body, context, signal)))
        release()
        return count
      }),
    listModels: (context) =>
      calling(context, async (signal) => {
        return toModels(await jsonOf(client.get('/v1/models?limit=1000', context, signal)))
      }),
  }
}

async function* streamMessage(
  client: RawClient,
  writer: RequestWriter,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  const call = ownSignal(context.signal)
  const fold = new AnthropicFold(request.model)
  let isOver = false
  try {
    context.signal.throwIfAborted()
    const { body, warnings, release } = writer.write(request)
    const response = await client.post('/v1/messages', body, context, call.signal)
    // Warnings wait for the answer: a call can be repeated only while it has shown nothing.
    let events: ModelEvent[] = [...warnings]
    if (isStream(response)) {
      const chunks = bodyOf(response)
      const take = streamReader(fold)
      while (!fold.isFinished) {
        const { done, value } = await read(chunks, fold)
        if (done) break
        const failure = take(value, events)
        yield events
        if (failure) throw failure
        events = []
      }
      // Some transports end an aborted stream without a word.
      if (!fold.isFinished) throw truncated(fold)
      await drain(chunks, call.abort)
    } else {
      takeWhole(await response.text(), fold, events)
      yield events
    }
    isOver = true
    release()
  } catch (error) {
    throw mapError(error, { signal: context.signal, partial: fold.text })
  } finally {
    call.close()
    // A reader that left, or an answer that made no sense: nobody reads the rest.
    if (!isOver) call.abort()
  }
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

function bodyOf({ body }: Response): AsyncIterator<Uint8Array, unknown> {
  if (!body) throw new TypeError('the answer has no body')
  return body[Symbol.asyncIterator]()
}

async function read(
  chunks: AsyncIterator<Uint8Array, unknown>,
  fold: AnthropicFold,
): Promise<IteratorResult<Uint8Array, unknown>> {
  try {
    return await chunks.next()
  } catch (error) {
    throw connectionError(error, fold.text)
  }
}

/** What it returns is what went wrong in the middle of a chunk: the events before it are still passed on. */
function streamReader(
  fold: AnthropicFold,
): (chunk: Uint8Array, out: ModelEvent[]) => ProviderError | undefined {
  const parse = sseParser()
  return (chunk, out) => {
    try {
      for (const event of parse(chunk)) takeData(event, fold, out)
      return undefined
    } catch (error) {
      if (error instanceof ProviderError) return error
      return protocolError('an event that makes no sense', error, fold)
    }
  }
}

function takeData({ data }: ServerSentEvent, fold: AnthropicFold, out: ModelEvent[]): void {
  // Gateways to other vendors end with this word. What comes behind the last event changes nothing.
  if (data === '[DONE]' || fold.isFinished) return
  const event = readEvent(data)
  if (event.type === 'error') throw eventError(event.error, fold.text, Date.now())
  fold.take(event, out)
}

/** A server that does not stream answers with one message. */
function takeWhole(text: string, fold: AnthropicFold, out: ModelEvent[]): void {
  try {
    const answer = JSON.parse(text) as WholeMessage | Extract<WireEvent, { type: 'error' }>
    if (answer.type === 'error') throw eventError(answer.error, '', Date.now())
    for (const event of eventsOfMessage(answer)) fold.take(event, out)
  } catch (error) {
    if (error instanceof ProviderError) throw error
    throw protocolError(
      `what is neither a stream nor a message: ${text.slice(0, 200)}`,
      error,
      fold,
    )
  }
}

function protocolError(what: string, cause: unknown, { text }: AnthropicFold): ProviderError {
  const message = `Anthropic sent ${what} (${messageOf(cause)}).`
  return new ProviderError(message, { kind: 'protocol', partial: text, cause })
}

function truncated({ text }: AnthropicFold): ProviderError {
  return new ProviderError('The stream of Anthropic ended before its message_stop event.', {
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

async function jsonOf(response: Promise<Response>): Promise<Json> {
  return (await (await response).json()) as Json
}

function toCount(answer: Json): number {
  const count = isJsonObject(answer) ? answer['input_tokens'] : undefined
  if (typeof count === 'number') return count
  throw new TypeError(`expected input_tokens, got ${JSON.stringify(answer).slice(0, 200)}`)
}

function toModels(answer: Json): ModelInfo[] {
  const data = isJsonObject(answer) ? answer['data'] : undefined
  if (!Array.isArray(data)) throw new TypeError('expected a list of models in data')
  return (data as Json[]).filter(isJsonObject).flatMap((model) => {
    const { id, display_name: name, max_input_tokens: input, max_tokens: output } = model
    if (typeof id !== 'string') return []
    return {
      id,
      ...(typeof name === 'string' && { name }),
      ...(typeof input === 'number' && { contextWindow: input }),
      ...(typeof output === 'number' && { maxOutputTokens: output }),
    }
  })
}
