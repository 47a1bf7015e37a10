import type { Message } from '@harnext/core'
import {
  DefaultCompactionStrategy,
  estimateTokens,
  type CompactionContext,
  type CompactionStrategy,
} from './compaction-strategy.ts'
import type { SessionEvent } from './events.ts'
import type { Model } from './model.ts'
import type { Middleware } from './runner.ts'

export interface CompactionCheckInfo {
  /** Of the last request. */
  readonly inputTokens: number
  readonly contextWindow: number
  readonly reservedTokens: number
  readonly messages: readonly Message[]
}

export interface CompactionConfig {
  /** Tokens. */
  readonly contextWindow: number
  /** For the summary. */
  readonly model: Model
  /** Kept free for the answer. @default 20,000 */
  readonly reservedTokens?: number
  /** @default when the last request came into what is reserved */
  readonly shouldCompact?: (info: CompactionCheckInfo) => boolean
  /** @default `DefaultCompactionStrategy` */
  readonly strategy?: CompactionStrategy
  /** What to ask the model for in place of the usual summary. */
  readonly prompt?: (context: CompactionContext) => PromiseLike<string | void> | string | void
}

/** Shortens the history before a run that might not fit any more. What the strategy throws, as a summary that failed, ends the run. */
export function withCompaction(config: CompactionConfig): Middleware {
  const { contextWindow, reservedTokens = 20_000 } = config
  const check = config.shouldCompact ?? isFull
  return (next) => {
    let inputTokens = 0
    return async function* (history, input, options) {
      let messages = history
      const info = { inputTokens, contextWindow, reservedTokens, messages }
      if (history.length && check(info)) {
        const target = contextWindow - reservedTokens
        const given = { reason: 'overflow', tokensBefore: inputTokens, target, ...options } as const
        messages = yield* compactionEvents(history, config, given)
        inputTokens = 0
      }
      for await (const event of next(messages, input, options)) {
        if (event.type === 'step.done') inputTokens = event.usage.inputTokens ?? inputTokens
        yield event
      }
    }
  }
}

export function isFull({
  inputTokens,
  contextWindow,
  reservedTokens,
}: CompactionCheckInfo): boolean {
  return inputTokens >= contextWindow - reservedTokens
}

interface Occasion {
  readonly reason: 'overflow' | 'manual'
  readonly tokensBefore: number
  readonly target: number
  readonly signal?: AbortSignal
}

/** Shortens the messages, and tells of it. */
export async function* compactionEvents(
  messages: readonly Message[],
  config: Pick<CompactionConfig, 'model' | 'strategy' | 'prompt'>,
  { reason, tokensBefore, target, signal }: Occasion,
): AsyncGenerator<SessionEvent, readonly Message[], undefined> {
  yield { type: 'compaction.start', reason, tokensBefore }
  const { model, strategy = new DefaultCompactionStrategy() } = config
  const context = { messages, model, tokensBefore, target, ...(signal && { signal }) }
  const prompt = await config.prompt?.(context)
  const result = await strategy.compact({ ...context, ...(prompt && { prompt }) })
  const { summary, tokensPruned, messagesRemoved } = result
  if (tokensPruned)
    yield { type: 'compaction.pruned', tokensRemoved: tokensPruned, messagesRemoved }
  if (summary !== undefined) yield { type: 'compaction.summary', summary }
  yield { type: 'compaction.done', tokensBefore, tokensAfter: tokensOf(result.messages) }
  return result.messages
}

export function tokensOf(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + estimateTokens(message), 0)
}
