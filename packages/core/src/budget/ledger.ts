import { onAbort } from '../abort.ts'
import { BudgetExceeded, type BudgetKind, type BudgetSnapshot } from '../errors.ts'
import type { Reservation } from '../events.ts'
import type { Price } from '../model/adapter.ts'
import { totalTokens } from '../tokens.ts'
import { type Usage } from '../usage.ts'
import { checkBudget, type BudgetOptions } from './budget-options.ts'
import { costOf, outputTokensFor, worstCost } from './price.ts'
import { budgetQuestions, type BudgetQuestions } from './questions.ts'

/** What a model call could use at most. `price` is `null` where none is known. */
export interface CallEstimate {
  readonly inputTokens: number
  readonly maxOutputTokens: number
  readonly price: Price | null
}

/** Room that was set aside for one model call. */
export interface Hold {
  readonly usd: number
  /** What `turn_start` says of it. */
  readonly reservation: Reservation
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
export interface BudgetRefusal extends BudgetSnapshot {
  readonly message: string
  readonly raiseTo: number
}
export type Refusal = { readonly refused: BudgetExceeded }

/** One account for a run and its children. Spent and held together never exceed a limit, at any interleaving. */
export interface Ledger {
  /** Waits while the call would fit if others settled; refuses only what can never fit. Throws the signal's reason when it aborts. */
  readonly reserve: (estimate: CallEstimate, signal: AbortSignal) => Promise<Hold | Refusal>
  /** What keeps the call from ever fitting, and the limit with which it would; `null` where it fits, now or when others have settled. */
  readonly refusal: (estimate: CallEstimate) => BudgetRefusal | null
  /** Never lowers a limit. */
  readonly raise: (kind: BudgetKind, limit: number) => void
  /** Counts what was used without a reservation, as by a hook. */
  readonly spend: (usage: Usage) => void
  /** Counts a tool call; a sentence when there is no room for it. */
  readonly refuseCall: () => string | null
  readonly questions: BudgetQuestions
}

/** What a run had used before this process took it over. */
export interface Spent {
  readonly usd: number
  readonly tokens: number
  readonly toolCalls: number
  readonly durationMs: number
  /** Limits that a person has raised. */
  readonly limits?: BudgetLimits
}
/** Dollars, tokens, milliseconds and calls. */
export type BudgetLimits = { readonly [kind in BudgetKind]?: number }

/** A call that may not even say this much is not worth its input. */
const LEAST_OUTPUT_TOKENS = 1024
const DEFAULT_WARN_AT = [0.5, 0.8, 0.95]

/** Throws `ConfigError` for a limit that is no number above 0. `clock`: milliseconds. */
export function createLedger(options: BudgetOptions, spent: Spent, clock: () => number): Ledger {
  checkBudget(options)
  const account = new Account(options, spent, clock)
  return {
    reserve: (estimate, signal) => account.reserve(estimate, signal),
    refusal: (estimate) => account.refusal(estimate),
    raise: (kind, limit) => account.raise(kind, limit),
    spend: (usage) => account.spend(usage),
    refuseCall: () => account.refuseCall(),
    questions: budgetQuestions(),
  }
}

interface Amounts {
  readonly cost: number
  readonly tokens: number
}

class Account {
  /** As they were given. */
  readonly #given: { readonly [kind in BudgetKind]: number }
  readonly #limits: { [kind in BudgetKind]: number }
  readonly #used: { [kind in BudgetKind]: number }
  readonly #held = { cost: 0, tokens: 0 }
  readonly #warnAt: readonly number[]
  readonly #warned = new Map<BudgetKind, number>()
  readonly #clock: () => number
  readonly #begun: number
  readonly #waiting = new Set<() => void>()
  #holds = 0
  #callRefused = false

  constructor(options: BudgetOptions, spent: Spent, clock: () => number) {
    this.#given = {
      cost: options.maxCostUsd ?? Infinity,
      tokens: options.maxTokens ?? Infinity,
      duration: options.maxDurationMs ?? Infinity,
      tool_calls: options.maxToolCalls ?? Infinity,
    }
    this.#limits = { ...this.#given }
    for (const kind of kinds) this.raise(kind, spent.limits?.[kind] ?? 0)
    this.#used = { cost: spent.usd, tokens: spent.tokens, duration: 0, tool_calls: spent.toolCalls }
    this.#warnAt = options.warnAt ?? DEFAULT_WARN_AT
    this.#clock = clock
    this.#begun = clock() - spent.durationMs
    // What was crossed before this process took the run over has been told.
    this.#notices()
  }

  async reserve(estimate: CallEstimate, signal: AbortSignal): Promise<Hold | Refusal> {
    const least = Math.min(LEAST_OUTPUT_TOKENS, estimate.maxOutputTokens)
    for (;;) {
      signal.throwIfAborted()
      const refused = this.#exhausted(estimate, least)
      if (refused) return { refused: new BudgetExceeded(sentence(refused), refused) }
      const { cost, tokens } = this.#used
      const room = this.#room(estimate, {
        cost: cost + this.#held.cost,
        tokens: tokens + this.#held.tokens,
      })
      if (room >= least) return this.#hold(estimate, room)
      await this.#settled(signal)
    }
  }

  refusal(estimate: CallEstimate): BudgetRefusal | null {
    const snapshot = this.#exhausted(
      estimate,
      Math.min(LEAST_OUTPUT_TOKENS, estimate.maxOutputTokens),
    )
    if (!snapshot) return null
    const { kind, used, limit, needed } = snapshot
    const given = this.#given[kind]
    const lacking = Math.max(0, used + needed - limit)
    const raiseTo = limit + given * Math.max(1, Math.ceil(lacking / given))
    return { ...snapshot, message: sentence(snapshot), raiseTo }
  }

  raise(kind: BudgetKind, limit: number): void {
    if (!(limit > this.#limits[kind])) return
    this.#limits[kind] = limit
    // Of the higher limit the fractions are told anew.
    this.#warned.delete(kind)
    if (kind === 'tool_calls') this.#callRefused = false
    for (const wake of this.#waiting) wake()
  }

  spend(usage: Usage): void {
    this.#used.cost += usage.costUsd ?? 0
    this.#used.tokens += totalTokens(usage)
  }

  refuseCall(): string | null {
    const limit = this.#limits.tool_calls
    this.#callRefused = this.#used.tool_calls >= limit
    if (!this.#callRefused) {
      this.#used.tool_calls += 1
      return null
    }
    return `Not run: the budget of ${limit} tool calls is used up.`
  }

  /** Output tokens that the call could be given, when `gone` counts as gone. */
  #room({ inputTokens, maxOutputTokens, price }: CallEstimate, gone: Amounts): number {
    const { cost, tokens } = this.#limits
    const byCost = price ? outputTokensFor(cost - gone.cost, inputTokens, price) : Infinity
    return Math.min(maxOutputTokens, tokens - gone.tokens - inputTokens, byCost)
  }

  /** `null` while the call could ever fit; else what ran out. */
  #exhausted(estimate: CallEstimate, least: number): BudgetSnapshot | null {
    const used = this.#used
    used.duration = this.#clock() - this.#begun
    const snapshot = (kind: BudgetKind, needed: number): BudgetSnapshot => ({
      kind,
      used: used[kind],
      limit: this.#limits[kind],
      needed,
    })
    if (used.duration >= this.#limits.duration) return snapshot('duration', 0)
    if (this.#callRefused) return snapshot('tool_calls', 1)
    if (this.#room(estimate, used) >= least) return null
    const tokens = estimate.inputTokens + least
    if (this.#limits.tokens - used.tokens < tokens) return snapshot('tokens', tokens)
    return snapshot(
      'cost',
      estimate.price ? worstCost(estimate.inputTokens, least, estimate.price) : 0,
    )
  }

  #hold({ inputTokens, price }: CallEstimate, maxOutputTokens: number): Hold {
    const usd = price ? worstCost(inputTokens, maxOutputTokens, price) : 0
    const tokens = inputTokens + maxOutputTokens
    this.#held.cost += usd
    this.#held.tokens += tokens
    this.#holds += 1
    let open = true
    return {
      usd,
      reservation: this.#reservation(usd, tokens),
      maxOutputTokens,
      settle: async (usage) => {
        if (!open) return []
        open = false
        this.#holds -= 1
        // Sums of fractions leave a rest, which would be held for ever.
        this.#held.cost = this.#holds ? this.#held.cost - usd : 0
        this.#held.tokens -= tokens
        if (usage) this.spend({ ...usage, costUsd: usage.costUsd ?? costOf(usage, price) })
        else {
          this.#used.cost += usd
          this.#used.tokens += tokens
        }
        for (const wake of this.#waiting) wake()
        return this.#notices()
      },
    }
  }

  #reservation(usd: number, tokens: number): Reservation {
    return {
      ...(usd > 0 && { reservedUsd: usd }),
      ...(this.#limits.tokens < Infinity && { reservedTokens: tokens }),
      ...(this.#limits.duration < Infinity && {
        elapsedMs: Math.round(this.#clock() - this.#begun),
      }),
    }
  }

  /** The highest threshold that each kind crossed since it was last asked. */
  #notices(): readonly BudgetNotice[] {
    this.#used.duration = this.#clock() - this.#begun
    const found: BudgetNotice[] = []
    for (const kind of kinds) {
      const [used, limit] = [this.#used[kind], this.#limits[kind]]
      if (limit === Infinity) continue
      const crossed = Math.max(0, ...this.#warnAt.filter((at) => used / limit >= at))
      if (crossed <= (this.#warned.get(kind) ?? 0)) continue
      this.#warned.set(kind, crossed)
      found.push({ kind, used, limit, fraction: used / limit })
    }
    return found
  }

  async #settled(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    const leave = onAbort(signal, resolve)
    await promise
    leave()
    this.#waiting.delete(resolve)
  }
}

const kinds = ['cost', 'tokens', 'duration', 'tool_calls'] as const
const units = { cost: 'US dollars', tokens: 'tokens', duration: 'ms', tool_calls: 'tool calls' }
function sentence({ kind, used, limit, needed }: BudgetSnapshot): string {
  const amount = (value: number): number => Number(value.toFixed(kind === 'cost' ? 6 : 0))
  const rest = needed ? `; the next model call could need ${amount(needed)}` : ''
  return `The budget has no room for another model call: ${amount(used)} of ${limit} ${units[kind]} used${rest}.`
}
