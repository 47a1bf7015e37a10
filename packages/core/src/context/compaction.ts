import type { Ledger } from '../budget/ledger.ts'
import { isProviderError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { Awaitable } from '../json.ts'
import type { Price, ProviderAdapter } from '../model/adapter.ts'
import type { CompactionHookView, HookEvent } from '../run/hooks.ts'
import type { RunState } from '../run/run-state.ts'
import { shorten } from './shorten.ts'

export interface CompactionOptions {
  /** Tokens that the model takes. @default what the adapter says of the model; without it nothing is shortened before the vendor refuses */
  readonly contextWindow?: number
  /** Tokens that stay free for the answer. @default 16,384, at most half of the window */
  readonly reserveTokens?: number
  /** Tokens of the latest messages that stay as they are. @default 20,000, at most a quarter of the window */
  readonly keepTokens?: number
}

export type CompactionEvent = Extract<RunEvent, { type: 'compaction' }>

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
  shorten(): Awaitable<readonly HookEvent[]>
  /** Shortens in any case. `focus`: what the summary should pay attention to. */
  compact(focus?: string): Promise<readonly HookEvent[]>
  /** Whether to ask again after this error: the vendor says that the input is too long, and something can still be left out. */
  retries(error: unknown): boolean
}

const RESERVE = 16_384
const KEEP = 20_000
const UNKNOWN_WINDOW = 128_000
const MOST_RETRIES = 6

/** An automatic compaction comes again only when the context has grown by this since the last one. */
const LEAST_GROWTH = 1.1

type Occasion = Pick<CompactionHookView, 'trigger' | 'focus'>

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
  /** What could not be brought below the limit must not be tried again in every turn. */
  let least = 0

  async function shortenTo(room: number, occasion: Occasion): Promise<readonly HookEvent[]> {
    const said = await host.before?.(occasion)
    if (said && 'deny' in said)
      return [{ type: 'warning', code: 'compaction_denied', message: said.deny }]
    const { focus } = { ...occasion, ...said }
    const keepTokens = options.keepTokens ?? KEEP
    return shorten(host, { room: Math.floor(room), keepTokens, window, focus })
  }

  async function shortenAhead(tokens: number): Promise<readonly HookEvent[]> {
    const events = await shortenTo((window - reserve) * 0.6, { trigger: 'auto' })
    least = events.find(isCompaction)?.tokensAfter ?? tokens
    return events
  }
  async function shortenAfter(refusal: unknown): Promise<readonly HookEvent[]> {
    owed = undefined
    const room = Math.min(host.estimate(), window) / 2 ** refusals
    const events = await shortenTo(room, { trigger: 'auto' })
    // Nothing is left to leave out, or nothing may be.
    if (!events.some(isCompaction)) throw refusal
    return events
  }

  return {
    shorten() {
      if (owed !== undefined) return shortenAfter(owed)
      const tokens = host.estimate()
      const fits = known === undefined || tokens <= window - reserve
      return fits || tokens < least * LEAST_GROWTH ? [] : shortenAhead(tokens)
    },
    compact: (focus) =>
      shortenTo(Math.min(host.estimate() / 2, window * 0.6), {
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

export function isCompaction(event: HookEvent): event is CompactionEvent {
  return event.type === 'compaction'
}
