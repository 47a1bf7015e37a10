import { BudgetExceeded, ConfigError, type BudgetKind, type BudgetSnapshot } from '../errors.ts'
import type { Price } from '../model/adapter.ts'
import { totalTokens, type Usage } from '../usage.ts'
import { outputTokensFor, worstCost } from './price.ts'

/** Limits of a run and all its children. What is absent is not limited. */
export interface BudgetOptions {
  /** US dollars. A model without a known price is an error at the start unless `allowUnpriced`. */
  readonly maxCostUsd?: number
  /** Input, output and cache tokens. */
  readonly maxTokens?: number
  readonly maxDurationMs?: number
  readonly maxToolCalls?: number
  /** Fractions at which `budget_warning` comes. @default [0.5, 0.8, 0.95] */
  readonly warnAt?: readonly number[]
  /** @default 'abort' */
  readonly onExceeded?: 'abort' | 'ask'
  readonly allowUnpriced?: boolean
}

/** What a model call could use at most. `price` is `null` where none is known. */
export interface CallEstimate {
  readonly inputTokens: number
  readonly maxOutputTokens: number
  readonly price: Price | null
}

/** Room that was set aside for one model call. */
export interface Hold {
  readonly usd: number
  /** As asked for, or what the rest pays for. */
  readonly maxOutputTokens: number
  /** Once. `null`: nobody knows what was used, so all of it counts as spent. Gives the thresholds that were crossed. */
  settle(usage: Usage | null): Promise<readonly BudgetNotice[]>
}
export interface BudgetNotice {
  readonly kind: BudgetKind
  readonly used: number
  readonly limit: number
  readonly fraction: number
}
export type Refusal = { readonly refused: BudgetExceeded }

/** One account for a run and its children. Spent and held together never exceed a limit, at any interleaving. */
export interface Ledger {
  /** Waits while the call would fit if others settled; refuses only what can never fit. */
  reserve(estimate: CallEstimate, signal: AbortSignal): Promise<Hold | Refusal>
  /** Counts a tool call; a sentence when there is no room for it. */
  refuseCall(): string | null
}

/** What a run had used before this process took it over. */
export interface Spent {
  readonly usd: number
  readonly tokens: number
  readonly toolCalls: number
}

/** A call that may not even say this much is not worth its input. */
const LEAST_OUTPUT_TOKENS = 1024
const DEFAULT_WARN_AT = [0.5, 0.8, 0.95]

/** Throws `ConfigError` for a limit that is no number above 0. `clock`: milliseconds. */
export function createLedger(options: BudgetOptions, spent: Spent, clock: () => number): Ledger {
  checkBudget(options)
  const {
    maxCostUsd = Infinity,
    maxTokens = Infinity,
    maxDurationMs = Infinity,
    maxToolCalls = Infinity,
  } = options
  const limits: { readonly [kind in BudgetKind]: number } = {
    cost: maxCostUsd,
    tokens: maxTokens,
    duration: maxDurationMs,
    tool_calls: maxToolCalls,
  }
  const begun = clock()
  const used = { cost: spent.usd, tokens: spent.tokens, duration: 0, tool_calls: spent.toolCalls }
  const held = { cost: 0, tokens: 0 }
  const warned = new Map<BudgetKind, number>()
  let waiting: (() => void)[] = []

  /** What the call could be given, when `spentNow` is what counts as gone. */
  function fit(
    { inputTokens, maxOutputTokens, price }: CallEstimate,
    spentNow: { cost: number; tokens: number },
  ): number {
    const byTokens = maxTokens - spentNow.tokens - inputTokens
    const byCost = price
      ? outputTokensFor(maxCostUsd - spentNow.cost, inputTokens, price)
      : Infinity
    return Math.min(maxOutputTokens, byTokens, byCost)
  }

  /** `null` while there is room; else what ran out. */
  function exhausted(estimate: CallEstimate): BudgetSnapshot | null {
    used.duration = clock() - begun
    if (used.duration >= maxDurationMs)
      return { kind: 'duration', used: used.duration, limit: maxDurationMs, needed: 0 }
    if (used.tool_calls > maxToolCalls)
      return { kind: 'tool_calls', used: used.tool_calls, limit: maxToolCalls, needed: 1 }
    const least = Math.min(LEAST_OUTPUT_TOKENS, estimate.maxOutputTokens)
    if (fit(estimate, used) >= least) return null
    const tokens = estimate.inputTokens + least
    if (maxTokens - used.tokens < tokens)
      return { kind: 'tokens', used: used.tokens, limit: maxTokens, needed: tokens }
    const needed = estimate.price ? worstCost(estimate.inputTokens, least, estimate.price) : 0
    return { kind: 'cost', used: used.cost, limit: maxCostUsd, needed }
  }

  function notices(): readonly BudgetNotice[] {
    used.duration = clock() - begun
    const found: BudgetNotice[] = []
    for (const kind of ['cost', 'tokens', 'duration', 'tool_calls'] as const) {
      const fraction = used[kind] / limits[kind]
      const crossed = (options.warnAt ?? DEFAULT_WARN_AT).filter(
        (at) => fraction >= at && at > (warned.get(kind) ?? 0),
      )
      if (!crossed.length) continue
      warned.set(kind, Math.max(...crossed))
      found.push({ kind, used: used[kind], limit: limits[kind], fraction })
    }
    return found
  }

  function hold(estimate: CallEstimate, maxOutputTokens: number): Hold {
    const usd = estimate.price
      ? worstCost(estimate.inputTokens, maxOutputTokens, estimate.price)
      : 0
    const tokens = estimate.inputTokens + maxOutputTokens
    held.cost += usd
    held.tokens += tokens
    let open = true
    return {
      usd,
      maxOutputTokens,
      async settle(usage) {
        if (!open) return []
        open = false
        held.cost -= usd
        held.tokens -= tokens
        used.cost += usage ? (usage.costUsd ?? 0) : usd
        used.tokens += usage ? totalTokens(usage) : tokens
        for (const wake of waiting.splice(0)) wake()
        return notices()
      },
    }
  }

  return {
    async reserve(estimate, signal) {
      for (;;) {
        const refused = exhausted(estimate)
        if (refused) return { refused: new BudgetExceeded(sentence(refused), refused) }
        const free = fit(estimate, {
          cost: used.cost + held.cost,
          tokens: used.tokens + held.tokens,
        })
        const alone = held.tokens === 0
        if (
          free >= Math.min(LEAST_OUTPUT_TOKENS, estimate.maxOutputTokens) ||
          alone ||
          signal.aborted
        )
          return hold(estimate, Math.max(1, free))
        await settled(signal)
      }
    },
    refuseCall() {
      used.tool_calls += 1
      if (used.tool_calls <= maxToolCalls) return null
      return `Not run: the budget of ${maxToolCalls} tool calls is used up.`
    },
  }

  function settled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      waiting.push(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

const units = { cost: 'US dollars', tokens: 'tokens', duration: 'ms', tool_calls: 'tool calls' }
function sentence({ kind, used, limit, needed }: BudgetSnapshot): string {
  const rest = needed ? `; the next model call could need ${Number(needed.toPrecision(3))}` : ''
  return `The budget has no room for another model call: ${Number(used.toPrecision(3))} of ${limit} ${units[kind]} used${rest}.`
}

function checkBudget(options: BudgetOptions): void {
  for (const name of ['maxCostUsd', 'maxTokens', 'maxDurationMs', 'maxToolCalls'] as const) {
    const value = options[name]
    if (value !== undefined && !(value > 0))
      throw new ConfigError(`budget.${name} must be a number above 0; got ${String(value)}.`)
  }
}
