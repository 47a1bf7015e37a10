import { isProviderError, messageOf } from '../errors.ts'
import type { Message } from '../messages.ts'
import type { HookEvent } from '../run/hooks.ts'
import { zeroUsage } from '../usage.ts'
import type { CompactionHost } from './compaction.ts'
import { estimateTokens, withinTokens } from './estimate.ts'
import { askForText, extractiveSummary, summaryRequest } from './summarise.ts'

const CHARACTERS_PER_TOKEN = 3
/** Shorter than this, a conversation gives no summary. */
const LEAST_INPUT_TOKENS = 500

interface SummaryOptions {
  readonly focus: string | undefined
  readonly window: number
  readonly mostTokens: number
  /** Takes what the summary's own model call used, and what went wrong with it. */
  readonly events: HookEvent[]
}

/** By the small model where the budget has room for it, else without one; never longer than `mostTokens`. */
export async function writeSummary(
  host: CompactionHost,
  messages: readonly Message[],
  options: SummaryOptions,
): Promise<string> {
  const written = await askModel(host, messages, options)
  return withinTokens(written ?? extractiveSummary(messages), options.mostTokens)
}

/** `null` where no model gives one. */
async function askModel(
  { small, price, ledger, signal }: CompactionHost,
  messages: readonly Message[],
  { focus, window, mostTokens, events }: SummaryOptions,
): Promise<string | null> {
  const inputTokens = messages.reduce((tokens, message) => tokens + estimateTokens(message), 0)
  const most = Math.min(inputTokens, Math.floor(window * 0.7))
  for (let limit = most; limit > LEAST_INPUT_TOKENS; limit = Math.floor(limit / 2)) {
    const hold = await ledger.reserve(
      { inputTokens: limit, maxOutputTokens: mostTokens, price },
      signal,
    )
    if ('refused' in hold) return null
    try {
      const request = summaryRequest(small.model, messages, {
        mostCharacters: limit * CHARACTERS_PER_TOKEN,
        maxOutputTokens: mostTokens,
        ...(focus !== undefined && { focus }),
      })
      const { text, usage } = await askForText(small.adapter, request, signal)
      if (usage) events.push({ type: 'usage', ...usage })
      return text
    } catch (error) {
      signal.throwIfAborted()
      if (isProviderError(error) && error.kind === 'overflow') continue
      const message = `The summary was made without a model: ${messageOf(error)}`
      events.push({ type: 'warning', code: 'compaction', message })
      return null
    } finally {
      // What it used is counted by its event.
      await hold.settle({ ...zeroUsage, costUsd: 0 })
    }
  }
  return null
}
