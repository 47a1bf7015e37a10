import type { Message } from '@harnext/core'
import type { RunOptions } from './agent.ts'
import type { SessionEvent } from './events.ts'
import type { Input, Runner } from './runner.ts'
import { sessionEventsToUIStream, toUiResponse, type UiChunk } from './ui-stream.ts'
import type { SessionStore } from './with-persistence.ts'

export interface ConversationOptions {
  readonly runner: Runner
  /** @default one that is made up */
  readonly sessionId?: string
  /** For `load` and `save`; `withPersistence` saves by itself. */
  readonly store?: SessionStore
}

/** A runner with a memory: the messages of a run that came to its `done` are the history of the next one. */
export class Conversation {
  readonly sessionId: string
  messages: readonly Message[] = []
  readonly #runner: Runner
  readonly #store: SessionStore | undefined

  constructor({ runner, sessionId = crypto.randomUUID(), store }: ConversationOptions) {
    this.sessionId = sessionId
    this.#runner = runner
    this.#store = store
  }

  async *send(
    input: Input,
    options: RunOptions = {},
  ): AsyncGenerator<SessionEvent, void, undefined> {
    for await (const event of this.#runner(this.messages, input, options)) {
      if (event.type === 'done') this.messages = event.messages
      yield event
    }
  }

  /** Whether there was something to load. */
  async load(): Promise<boolean> {
    const messages = await this.#store?.load(this.sessionId)
    if (!messages) return false
    this.messages = messages
    return true
  }

  async save(): Promise<void> {
    await this.#store?.save(this.sessionId, this.messages)
  }

  /** What is said in the chunks that `useChat` of the AI SDK reads. Cancelling the stream cancels the run. */
  toUIMessageStream(input: Input, options: RunOptions = {}): ReadableStream<UiChunk> {
    const aborter = new AbortController()
    const signals = [aborter.signal, ...(options.signal ? [options.signal] : [])]
    const events = this.send(input, { signal: AbortSignal.any(signals) })
    return sessionEventsToUIStream(events, { ...options, onCancel: () => aborter.abort() })
  }

  /** The same as the body of a response. */
  toResponse(input: Input, init: ResponseInit & RunOptions = {}): Response {
    const { signal, ...response } = init
    return toUiResponse(this.toUIMessageStream(input, signal ? { signal } : {}), response)
  }
}
