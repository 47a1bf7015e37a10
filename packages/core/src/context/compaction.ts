import type { Ledger } from '../budget/ledger.ts'
import { isProviderError, messageOf } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { Price, ProviderAdapter } from '../model/adapter.ts'
import type { CompactionHookView, HookEvent } from '../run/hooks.ts'
import type { RunState } from '../run/run-state.ts'
import { zeroUsage } from '../usage.ts'
import { carriedTexts } from './carried.ts'
import { estimateTokens } from './estimate.ts'
import { cutIndex, resultsToPrune, tokensAfter, type PrunedResult } from './plan-compaction.ts'
import {
  askForText,
  extractiveSummary,
  summaryRequest,
  SUMMARY_OUTPUT_TOKENS,
} from './summarise.ts'

export interface CompactionOptions {
  /** Tokens that the model takes. @default what the adapter says of the model; without it nothing is shortened before the vendor refuses */
  readonly contextWindow?: number
  /** Tokens that stay free for the answer. @default 16,384, at most half of the window */
  readonly reserveTokens?: number
  /** Tokens of the latest messages that stay as they are. @default 20,000, at most a quarter of the window */
  readonly keepTokens?: number
}

type CompactionEvent = Extract<RunEvent, { type: 'compaction' }>

export interface CompactionHost {
  readonly state: RunState
  readonly options: CompactionOptions
  /** Who writes the summary. */
  readonly small: { readonly adapter: ProviderAdapter; readonly model: string }
  readonly price: Price | null
  readonly ledger: Ledger
  readonly signal: AbortSignal
  /** Tokens of the next request, at most. */
  estimate(): number
  /** What hooks have to say before it. */
  before?(
    occasion: Pick<CompactionHookView, 'trigger' | 'focus'>,
  ): Promise<void | { readonly deny: string } | { readonly focus: string }>
  /** The record that the tool for taken-out results is there from now on; `null` where it is already. */
  announce(): Promise<HookEvent | null>
}

export interface Compaction {
  /** Before each model call: nothing while there is room. */
  shorten(): Promise<readonly HookEvent[]>
  /** Shortens in any case. `focus`: what the summary should pay attention to. */
  compact(focus?: string): Promise<readonly HookEvent[]>
  /** Whether to ask again after this error: the vendor says that the input is too long, and something can still be left out. */
  retries(error: unknown): boolean
}

const RESERVE = 16_384
const KEEP = 20_000
const CHARACTERS_PER_TOKEN = 3
const UNKNOWN_WINDOW = 128_000
const MOST_RETRIES = 4

/**
 * Keeps the context of a run within the model's window. First old results are taken out, each with a handle; where that is not enough, a
 * summary takes the place of the oldest messages, with what the person said and the open todos beside it, word for word.
 */
export function createCompaction(host: CompactionHost): Compaction {
  const { state, options } = host
  const { contextWindow: known } = options
  const window = known ?? UNKNOWN_WINDOW
  const reserve = Math.min(options.reserveTokens ?? RESERVE, window / 2)
  /** How often the vendor has said that it is too long since the last answer, and after which message. */
  let refusals = 0
  let refusedAt = -1
  let owed: unknown

  async function shortenTo(
    room: number,
    occasion: Pick<CompactionHookView, 'trigger' | 'focus'>,
  ): Promise<readonly HookEvent[]> {
    const said = await host.before?.(occasion)
    if (said && 'deny' in said)
      return [{ type: 'warning', code: 'compaction_denied', message: said.deny }]
    const { focus } = { ...occasion, ...said }
    const before = host.estimate()
    const overhead = Math.max(0, before - sum(state))
    const keep = Math.min(options.keepTokens ?? KEEP, Math.floor(room / 3))
    const events: HookEvent[] = []
    const planned = await plan(host, { room: room - overhead, keep, window, focus, events })
    if (!planned) return []
    const named = planned.pruned?.length ? await host.announce() : null
    const compaction = {
      ...planned,
      tokensBefore: before,
      tokensAfter: planned.tokensAfter + overhead,
    }
    return [...events, compaction, ...(named ? [named] : [])]
  }

  return {
    async shorten() {
      if (owed !== undefined) {
        const refused = owed
        owed = undefined
        const events = await shortenTo(
          Math.floor(Math.min(host.estimate(), window) / 2 ** refusals),
          { trigger: 'auto' },
        )
        // Nothing is left to leave out, or nothing may be.
        if (!events.some(({ type }) => type === 'compaction')) throw refused
        return events
      }
      if (known === undefined || host.estimate() <= window - reserve) return []
      return shortenTo(Math.floor((window - reserve) * 0.6), { trigger: 'auto' })
    },
    compact: (focus) =>
      shortenTo(Math.floor(Math.min(host.estimate() / 2, window * 0.6)), {
        trigger: 'manual',
        ...(focus && { focus }),
      }),
    retries(error) {
      if (!isProviderError(error) || error.kind !== 'overflow') return false
      const at = state.messages.findLastIndex(({ role }) => role === 'assistant')
      refusals = at === refusedAt ? refusals + 1 : 1
      refusedAt = at
      if (refusals > MOST_RETRIES) return false
      owed = error
      return true
    },
  }
}

interface Plan {
  readonly room: number
  readonly keep: number
  readonly window: number
  readonly focus: string | undefined
  /** Takes what the summary's own model call used. */
  readonly events: HookEvent[]
}

/** The mildest of: taking out old results; a summary beside a shorter and shorter tail; taking out the results of the tail too. */
async function plan(
  host: CompactionHost,
  { room, keep, window, focus, events }: Plan,
): Promise<CompactionEvent | null> {
  const { messages } = host.state
  const names = handleNames(host.state)
  const old = resultsToPrune(messages, cutIndex(messages, keep), names)
  const pruned = event(messages, { replaced: 0, pruned: old, texts: [] })
  if (old.length && focus === undefined && pruned.tokensAfter <= room) return pruned
  const mostCharacters = Math.floor((room / 3) * CHARACTERS_PER_TOKEN)
  let cut = cutIndex(messages, keep)
  for (let tail = keep; tail >= 256; tail = Math.floor(tail / 2)) {
    cut = cutIndex(messages, tail)
    if (!cut) continue
    const texts = carriedTexts(messages.slice(0, cut), mostCharacters)
    if (
      event(messages, { replaced: cut, pruned: [], texts: ['', ...texts] }).tokensAfter +
        SUMMARY_OUTPUT_TOKENS <=
      room
    )
      break
  }
  cut ||= focus === undefined ? 0 : Math.max(0, lastBoundary(messages))
  const rest = resultsToPrune(messages, messages.length, names).filter(({ index }) => index >= cut)
  if (!cut) return rest.length ? event(messages, { replaced: 0, pruned: rest, texts: [] }) : null
  const gone = messages.slice(0, cut)
  const summary = await summaryOf(host, gone, { focus, window, events })
  const texts = [summary, ...carriedTexts(gone, mostCharacters)]
  const plain = event(messages, { replaced: cut, pruned: [], texts })
  return plain.tokensAfter <= room || !rest.length
    ? plain
    : event(messages, { replaced: cut, pruned: rest, texts })
}

function lastBoundary(messages: RunState['messages']): number {
  return messages.findLastIndex(({ role }) => role === 'assistant')
}

function event(
  messages: RunState['messages'],
  {
    replaced,
    pruned,
    texts,
  }: {
    readonly replaced: number
    readonly pruned: readonly PrunedResult[]
    readonly texts: readonly string[]
  },
): CompactionEvent {
  const [summary = '', ...carried] = texts
  return {
    type: 'compaction',
    tokensBefore: 0,
    tokensAfter: tokensAfter(messages, { replaced, pruned, texts }),
    summary,
    replaced,
    ...(carried.length && { carried }),
    ...(pruned.length && { pruned }),
  }
}

/** By the small model where the budget has room for it, else without one. What it used is put into `events`. */
async function summaryOf(
  { small, price, ledger, signal }: CompactionHost,
  messages: RunState['messages'],
  { focus, window, events }: Pick<Plan, 'focus' | 'window' | 'events'>,
): Promise<string> {
  const inputTokens = messages.reduce((tokens, message) => tokens + estimateTokens(message), 0)
  const most = Math.min(inputTokens, Math.floor(window * 0.7))
  for (let limit = most; limit > 500; limit = Math.floor(limit / 2)) {
    const hold = await ledger.reserve(
      { inputTokens: limit, maxOutputTokens: SUMMARY_OUTPUT_TOKENS, price },
      signal,
    )
    if ('refused' in hold) break
    try {
      const mostCharacters = limit * CHARACTERS_PER_TOKEN
      const request = summaryRequest(small.model, messages, {
        mostCharacters,
        ...(focus && { focus }),
      })
      const { text, usage } = await askForText(small.adapter, request, signal)
      if (usage) events.push({ type: 'usage', ...usage })
      return text
    } catch (error) {
      signal.throwIfAborted()
      if (isProviderError(error) && error.kind === 'overflow') continue
      const message = `The summary was made without a model: ${messageOf(error)}`
      events.push({ type: 'warning', code: 'compaction', message })
      break
    } finally {
      // What it used is counted by its event.
      await hold.settle({ ...zeroUsage, costUsd: 0 })
    }
  }
  return extractiveSummary(messages)
}

function handleNames({ pruned }: RunState): (index: number) => string {
  let count = pruned.size
  return () => `result_${(count += 1)}`
}

function sum({ messages }: RunState): number {
  return messages.reduce((tokens, message) => tokens + estimateTokens(message), 0)
}
