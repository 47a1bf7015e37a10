import {
  HarnextError,
  addUsage,
  totalTokens,
  zeroUsage,
  type Message,
  type SubagentResult,
} from '@harnext/core'
import type { Model } from './model.ts'
import type { SessionOptions } from './session.ts'
import { compactionEvents, isFull, tokensOf } from './with-compaction.ts'
import type { SessionHooks } from './with-hooks.ts'

/** What a subagent's sessions keep to, beside what the subagent itself is. */
export type SubagentSessionOptions = Omit<SessionOptions, 'agent' | 'sessionId' | 'sessionStore'>

/** What of a subagent shortening its history takes. */
export interface SubagentModel {
  readonly model: Model
  readonly maxTokens: number | undefined
}

/** What a session goes on with: what `onBeforeSend` leaves of it, shortened where the next request may not fit. */
export async function prepareHistory(
  kept: readonly Message[],
  options: SubagentSessionOptions & { readonly agent: SubagentModel },
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const { agent, hooks, contextWindow, autoCompact = true, shouldCompact = isFull } = options
  const messages = (await hooks?.onBeforeSend?.(kept)) ?? kept
  if (contextWindow === undefined || !autoCompact || !messages.length) return messages
  const reservedTokens = options.reservedTokens ?? Math.min(20_000, agent.maxTokens ?? 20_000)
  // What the last request had is not kept.
  const tokensBefore = tokensOf(messages)
  const info = { inputTokens: tokensBefore, contextWindow, reservedTokens, messages }
  if (!shouldCompact(info)) return messages
  const { compactionStrategy: strategy } = options
  const prompt = hooks?.onCompaction
  const config = { model: agent.model, ...(strategy && { strategy }), ...(prompt && { prompt }) }
  const target = contextWindow - reservedTokens
  const occasion = { reason: 'overflow', tokensBefore, target, signal } as const
  const told = compactionEvents(messages, config, occasion)
  for (;;) {
    const { done, value } = await told.next()
    if (done) return value
  }
}

/** What became of one run of a session; its own messages begin at `from`. */
export interface SubagentTurn {
  readonly messages: readonly Message[]
  readonly from: number
  readonly ended: SubagentResult
}

export async function tellHooks(
  hooks: SessionHooks | undefined,
  { messages, from, ended: { error } }: SubagentTurn,
): Promise<void> {
  if (error) await hooks?.onError?.(new HarnextError(error.message, { code: error.code }), 1)
  await hooks?.onAfterResponse?.({ turnNumber: 1, messages, usage: usageOf(messages.slice(from)) })
}

function usageOf(messages: readonly Message[]): {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
} {
  const usage = messages.reduce(
    (sum, message) =>
      message.role === 'assistant' && message.usage ? addUsage(sum, message.usage) : sum,
    zeroUsage,
  )
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage
  return {
    inputTokens: inputTokens + cacheReadTokens + cacheWriteTokens,
    outputTokens,
    totalTokens: totalTokens(usage),
  }
}
