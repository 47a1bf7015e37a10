import type { Message } from '@harnext/core'
import type { TokenUsage } from '@harnext/protocols/dotted-events'
import type { Agent, RunOptions } from './agent.ts'
import type { CompactionStrategy } from './compaction-strategy.ts'
import { Conversation } from './conversation.ts'
import type { SessionEvent } from './events.ts'
import { apply, toRunner, type Input, type Middleware } from './runner.ts'
import type { UiChunk } from './ui-stream.ts'
import {
  compactionEvents,
  tokensOf,
  withCompaction,
  type CompactionCheckInfo,
  type CompactionConfig,
} from './with-compaction.ts'
import { withHooks, type SessionHooks } from './with-hooks.ts'
import { withPersistence, type SessionStore } from './with-persistence.ts'
import { withRetry, type RetryConfig } from './with-retry.ts'
import { withTurnTracking } from './with-turn-tracking.ts'

export interface SessionOptions {
  readonly agent: Agent
  /** Tokens. Without it, nothing is compacted by itself. */
  readonly contextWindow?: number
  /** Kept free for the answer. @default the agent's `maxTokens`, at most 20,000 */
  readonly reservedTokens?: number
  /** @default true where `contextWindow` is given */
  readonly autoCompact?: boolean
  readonly shouldCompact?: (info: CompactionCheckInfo) => boolean
  readonly compactionStrategy?: CompactionStrategy
  readonly retry?: RetryConfig
  readonly hooks?: SessionHooks
  /** Where the messages are saved after each turn. */
  readonly sessionStore?: SessionStore
  /** @default one that is made up */
  readonly sessionId?: string
}

/** An agent with all of the middleware: a history that is kept short, repetitions, hooks and a store. */
export class Session {
  turns = 0
  totalUsage: TokenUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  readonly #conversation: Conversation
  readonly #compaction: Pick<CompactionConfig, 'model' | 'strategy' | 'prompt'>

  constructor(options: SessionOptions) {
    const { agent, sessionStore: store, sessionId = crypto.randomUUID(), hooks } = options
    const { onCompaction } = hooks ?? {}
    this.#compaction = {
      model: agent.model,
      ...(options.compactionStrategy && { strategy: options.compactionStrategy }),
      ...(onCompaction && { prompt: onCompaction }),
    }
    const runner = apply(
      toRunner(agent),
      withTurnTracking(),
      ...(hooks ? [withHooks(hooks)] : []),
      ...(store ? [withPersistence({ store, sessionId })] : []),
      ...this.#compacting(options),
      withRetry(options.retry),
    )
    this.#conversation = new Conversation({ runner, sessionId, ...(store && { store }) })
  }

  get sessionId(): string {
    return this.#conversation.sessionId
  }
  get messages(): readonly Message[] {
    return this.#conversation.messages
  }
  set messages(messages: readonly Message[]) {
    this.#conversation.messages = messages
  }

  async *send(
    input: Input,
    options: RunOptions = {},
  ): AsyncGenerator<SessionEvent, void, undefined> {
    for await (const event of this.#conversation.send(input, options)) {
      if (event.type === 'turn.done') {
        this.turns = event.turnNumber
        this.totalUsage = sum(this.totalUsage, event.usage)
      }
      yield event
    }
  }

  /** Shortens the history now. */
  async *compact(options: RunOptions = {}): AsyncGenerator<SessionEvent, void, undefined> {
    const tokensBefore = tokensOf(this.messages)
    const given = { reason: 'manual', tokensBefore, target: 0, ...options } as const
    this.messages = yield* compactionEvents(this.messages, this.#compaction, given)
  }

  /** Whether there was something to load. */
  load(): Promise<boolean> {
    return this.#conversation.load()
  }

  save(): Promise<void> {
    return this.#conversation.save()
  }

  /** What is said in the chunks that `useChat` of the AI SDK reads. */
  toUIMessageStream(input: Input, options: RunOptions = {}): ReadableStream<UiChunk> {
    return this.#reading().toUIMessageStream(input, options)
  }

  toResponse(input: Input, init: ResponseInit & RunOptions = {}): Response {
    return this.#reading().toResponse(input, init)
  }

  /** A conversation that counts as this session does. */
  #reading(): Conversation {
    return new Conversation({
      runner: (_history, input, options) => this.send(input, options),
      sessionId: this.sessionId,
    })
  }

  #compacting(options: SessionOptions): readonly Middleware[] {
    const { agent, contextWindow, autoCompact = true, shouldCompact } = options
    if (contextWindow === undefined || !autoCompact) return []
    const reservedTokens = options.reservedTokens ?? Math.min(20_000, agent.maxTokens ?? 20_000)
    return [
      withCompaction({
        ...this.#compaction,
        contextWindow,
        reservedTokens,
        ...(shouldCompact && { shouldCompact }),
      }),
    ]
  }
}

function sum(a: TokenUsage, b: TokenUsage): TokenUsage {
  const { inputTokens = 0, outputTokens = 0, totalTokens = 0 } = a
  return {
    inputTokens: inputTokens + (b.inputTokens ?? 0),
    outputTokens: outputTokens + (b.outputTokens ?? 0),
    totalTokens: totalTokens + (b.totalTokens ?? 0),
  }
}
