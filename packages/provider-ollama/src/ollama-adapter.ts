import {
  isJsonObject,
  messageOf,
  ndjsonParser,
  ownSignal,
  ProviderError,
  warning,
  type CallContext,
  type Capabilities,
  type Json,
  type ModelEvent,
  type ModelInfo,
  type ModelRequest,
  type ProviderAdapter,
  type Warning,
} from '@harnext/core/provider'
import { OllamaFold } from './from-ollama-stream.ts'
import { lineError, mapError, connectionError } from './map-error.ts'
import { toModelFacts, unknownFacts, type ModelFacts } from './model-facts.ts'
import { api, type WireLine } from './ollama-api.ts'
import { ollamaClient, textOf, type Call, type OllamaClient } from './ollama-client.ts'
import { toConnection, type Connection, type OllamaOptions } from './ollama-options.ts'
import { requestWriter, type RequestWriter } from './to-ollama-request.ts'

/**
 * Ollama's own chat API, on the project's client library, which loads at the first call. Nothing is read from the environment.
 * Before the first call of a model the server is asked what the model can, unless `contextLength` is given. Throws `ConfigError`
 * when an option makes no sense.
 *
 * @example
 * const adapter = ollama({ contextLength: 32_768 })
 */
export function ollama(options: OllamaOptions = {}): ProviderAdapter {
  const connection = toConnection(options)
  const server: Server = {
    client: ollamaClient(connection),
    write: requestWriter(),
    connection,
    facts: new Map(),
  }
  return {
    id: 'ollama',
    api,
    stream: (request, context) => streamChat(server, request, context),
    capabilities: (model) => capabilitiesOf(server, model),
    listModels: (context) => listModels(server, context),
  }
}

interface Server {
  readonly client: OllamaClient
  readonly write: RequestWriter
  readonly connection: Connection
  /** What was asked once. */
  readonly facts: Map<string, ModelFacts>
}

async function* streamChat(
  server: Server,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  const call = ownSignal(context.signal)
  let fold: OllamaFold | undefined
  let isOver = false
  try {
    context.signal.throwIfAborted()
    // Warnings wait for the answer: a call can be repeated only while it has shown nothing.
    let events: ModelEvent[] = []
    const facts = await factsOf(server, request.model, { context, signal: call.signal }, events)
    const { body, contextLength, warnings, release } = server.write(request, facts)
    events.push(...warnings)
    fold = new OllamaFold({ contextLength, newId })
    const response = await server.client.chat(body, { context, signal: call.signal })
    if (isStream(response)) {
      const chunks = bodyOf(response)
      const take = lineReader(fold)
      while (!fold.isFinished) {
        const { done, value } = await read(chunks, fold)
        const failure = done ? takeRest(take, fold, events) : take(value, events)
        yield events
        if (failure) throw failure
        events = []
      }
      await drain(chunks, call.abort)
    } else {
      takeWhole(await textOf(response), fold, events)
      yield events
    }
    isOver = true
    release()
  } catch (error) {
    throw mapError(error, { signal: context.signal, partial: fold?.text ?? '' })
  } finally {
    call.close()
    // A reader that left, or an answer that made no sense: nobody reads the rest.
    if (!isOver) call.abort()
  }
}

const newId = (): string => `call_${crypto.randomUUID().replaceAll('-', '')}`

async function factsOf(
  { client, connection, facts }: Server,
  model: string,
  call: Call,
  out: ModelEvent[],
): Promise<ModelFacts> {
  const { contextLength } = connection
  if (contextLength !== undefined) return { ...unknownFacts, contextLength }
  const known = facts.get(model)
  if (known) return known
  const asked = await ask(client, model, call)
  if (asked) facts.set(model, asked)
  if (asked?.contextLength === undefined) out.push(contextUnknown(model))
  return asked ?? unknownFacts
}

/** `null` where the server does not know the question, which a gateway may not. A model that is not there shows in the call itself. */
async function ask(client: OllamaClient, model: string, call: Call): Promise<ModelFacts | null> {
  try {
    return toModelFacts(JSON.parse(await textOf(await client.show(model, call))) as Json)
  } catch (error) {
    if (error instanceof ProviderError && blocking.has(error.kind)) throw error
    return null
  }
}

/** What would happen to the call itself. */
const blocking: ReadonlySet<string> = new Set([
  'auth',
  'permission',
  'overloaded',
  'rate_limit',
  'network',
  'timeout',
])

function contextUnknown(model: string): Warning {
  const message = `Ollama did not say how long the context of ${model} is: its default counts, which may be 4,096 tokens. Give contextLength.`
  return warning('context_unknown', message)
}

/** Complete once the model was called. */
function capabilitiesOf({ facts, connection }: Server, model: string): Partial<Capabilities> {
  const { contextLength } = connection
  const known = facts.get(model)
  if (!known) return contextLength === undefined ? {} : { contextWindow: contextLength }
  const { images, tools, thinking: effort } = known
  const contextWindow = known.contextLength
  return { ...(contextWindow !== undefined && { contextWindow }), images, tools, effort }
}

async function listModels({ client }: Server, context: CallContext): Promise<ModelInfo[]> {
  const call = ownSignal(context.signal)
  try {
    context.signal.throwIfAborted()
    const response = await client.list({ context, signal: call.signal })
    return toModels(JSON.parse(await textOf(response)) as Json)
  } catch (error) {
    throw mapError(error, { signal: context.signal, partial: '' })
  } finally {
    call.close()
  }
}

function toModels(answer: Json): ModelInfo[] {
  const list = isJsonObject(answer) ? answer['models'] : undefined
  if (!Array.isArray(list)) throw new TypeError('expected a list of models')
  return (list as Json[])
    .filter(isJsonObject)
    .flatMap(({ name }) => (typeof name === 'string' ? { id: name } : []))
}

function isStream(response: Response): boolean {
  return !/application\/json|html/.test(response.headers.get('content-type') ?? '')
}

function bodyOf({ body }: Response): AsyncIterator<Uint8Array, unknown> {
  if (!body) throw new TypeError('the answer has no body')
  return body[Symbol.asyncIterator]()
}

async function read(
  chunks: AsyncIterator<Uint8Array, unknown>,
  fold: OllamaFold,
): Promise<IteratorResult<Uint8Array, unknown>> {
  try {
    return await chunks.next()
  } catch (error) {
    throw connectionError(error, fold.text)
  }
}

/** What it returns is what went wrong in the middle of a chunk: the events before it are still passed on. */
function lineReader(
  fold: OllamaFold,
): (chunk: Uint8Array, out: ModelEvent[]) => ProviderError | undefined {
  const parse = ndjsonParser()
  return (chunk, out) => {
    try {
      for (const line of parse(chunk)) takeLine(line as WireLine, fold, out)
      return undefined
    } catch (error) {
      if (error instanceof ProviderError) return error
      return protocolError('a line that makes no sense', error, fold)
    }
  }
}

/** At the end of the body: a last line may lack its end, and half a line says that the rest was lost. */
function takeRest(
  take: ReturnType<typeof lineReader>,
  fold: OllamaFold,
  out: ModelEvent[],
): ProviderError | undefined {
  const failure = take(NOTHING, out)
  if (failure) return failure
  const last = take(END_OF_LINE, out)
  if (fold.isFinished) return undefined
  return last && last.kind !== 'protocol' ? last : truncated(fold)
}

const NOTHING = new Uint8Array()
const END_OF_LINE = Uint8Array.of(10)

function takeLine(line: WireLine, fold: OllamaFold, out: ModelEvent[]): void {
  // What comes behind the last line changes nothing.
  if (fold.isFinished) return
  if (line.error !== undefined) throw lineError(line.error, fold.text, Date.now())
  fold.take(line, out)
}

/** A server that does not stream answers with one line, which may be printed over many; a gateway may call a stream JSON. */
function takeWhole(text: string, fold: OllamaFold, out: ModelEvent[]): void {
  try {
    const lines = isLines(text) ? text.trim().split('\n') : [text]
    for (const line of lines) takeLine(JSON.parse(line) as WireLine, fold, out)
    if (!fold.isFinished) throw new TypeError('it is not done')
  } catch (error) {
    if (error instanceof ProviderError) throw error
    const what = `what is neither a stream nor an answer: ${text.slice(0, 200)}`
    throw protocolError(what, error, fold)
  }
}

function isLines(text: string): boolean {
  return /}\r?\n{/.test(text)
}

function protocolError(what: string, cause: unknown, { text }: OllamaFold): ProviderError {
  const message = `Ollama sent ${what} (${messageOf(cause)}).`
  return new ProviderError(message, { kind: 'protocol', partial: text, cause })
}

function truncated({ text }: OllamaFold): ProviderError {
  return new ProviderError('The stream of Ollama ended before its last line, which is done.', {
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
