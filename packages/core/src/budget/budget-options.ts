import { ConfigError } from '../errors.ts'

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
  /**
   * `ask`: before a model call that does not fit, whoever answers permissions is asked whether the limit may be raised, by as much again; the
   * request is one of the tool `budget`. `maxDurationMs` is then looked at between turns alone. @default 'abort'
   */
  readonly onExceeded?: 'abort' | 'ask'
  readonly allowUnpriced?: boolean
}

/** Throws `ConfigError` for a limit that is no number above 0, and for a threshold that is no fraction. */
export function checkBudget(options: BudgetOptions): void {
  for (const name of ['maxCostUsd', 'maxTokens', 'maxDurationMs', 'maxToolCalls'] as const) {
    const value = options[name]
    if (value !== undefined && !(value > 0))
      throw new ConfigError(`budget.${name} must be a number above 0; got ${String(value)}.`)
  }
  const { onExceeded = 'abort' } = options
  if (onExceeded !== 'abort' && onExceeded !== 'ask')
    throw new ConfigError(
      `budget.onExceeded must be 'abort' or 'ask'; got ${JSON.stringify(onExceeded)}.`,
    )
  const wrong = options.warnAt?.find((at) => !(at > 0 && at <= 1))
  if (wrong !== undefined)
    throw new ConfigError(`budget.warnAt must hold fractions of up to 1; got ${String(wrong)}.`)
}
