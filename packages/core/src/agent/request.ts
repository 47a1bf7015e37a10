import { dearestOf } from '../budget/price.ts'
import { inputEstimator } from '../context/estimate.ts'
import type { RunIdentity } from '../events.ts'
import type { JsonObject } from '../json.ts'
import type { Price, ProviderAdapter } from '../model/adapter.ts'
import { withFallback, type FallbackModel } from '../model/fallback.ts'
import { guarded } from '../model/guard.ts'
import { withOutputLimit } from '../model/output-limit.ts'
import { retrying } from '../model/retry.ts'
import { sleep } from '../model/sleep.ts'
import type { LoopOptions } from '../run/loop.ts'
import { modelsOf, priceOf, type AgentOptions } from './options.ts'
import type { Prompt } from './prompt.ts'

const DEFAULT_MAX_OUTPUT_TOKENS = 32_000
const DEFAULT_MAX_RETRIES = 3
const DEFAULT_TIMEOUT_MS = 600_000
const DEFAULT_IDLE_TIMEOUT_MS = 300_000
/** A call is repeated for as long as one call may take, or for this long where that is short. */
const LEAST_RETRY_MS = 120_000

export interface Requests {
  readonly request: LoopOptions['request']
  readonly estimate: ReturnType<typeof inputEstimator>
}

/** What follows from the prompt, made once for each. */
export function requests(
  options: AgentOptions,
  identity: Pick<RunIdentity, 'sessionId'>,
  schema: JsonObject | undefined,
): (prompt: Prompt) => Requests {
  let made: (Requests & { readonly prompt: Prompt }) | undefined
  return (prompt) => {
    if (made?.prompt.hash === prompt.hash) return made
    const request = requestOf(options, prompt, identity)
    made = {
      prompt,
      request: schema ? { ...request, output: { schema } } : request,
      estimate: inputEstimator(prompt.system + JSON.stringify(prompt.tools)),
    }
    return made
  }
}

function requestOf(
  options: AgentOptions,
  { hash, system, tools }: Prompt,
  { sessionId }: Pick<RunIdentity, 'sessionId'>,
): LoopOptions['request'] {
  const { adapter, model, effort, params, toolChoice } = options
  const limit = adapter.capabilities?.(model).maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS
  return {
    model,
    system,
    ...(tools.length && { tools }),
    ...(toolChoice && { toolChoice }),
    maxOutputTokens: options.maxOutputTokens ?? Math.min(limit, DEFAULT_MAX_OUTPUT_TOKENS),
    ...(effort && { effort }),
    ...(params && { params }),
    cacheKey: `${sessionId}-${hash}`,
  }
}

/** Each model of the chain with its own price, limits and repetitions. */
export function chained(options: AgentOptions): ProviderAdapter {
  const { maxRetries = DEFAULT_MAX_RETRIES, timeout: timeoutMs = DEFAULT_TIMEOUT_MS } = options
  const { idleTimeout: idleMs = DEFAULT_IDLE_TIMEOUT_MS } = options
  const wrapped = ({ adapter, model }: FallbackModel): FallbackModel => {
    const price = priceOf(options, { adapter, model })
    const held = withOutputLimit(guarded(adapter, { timeoutMs, idleMs, price }))
    const retries = { maxRetries, withinMs: Math.max(timeoutMs, LEAST_RETRY_MS), sleep }
    const clock = (): number => performance.now()
    return { model, adapter: retrying(held, { ...retries, clock, random: Math.random }) }
  }
  const [first, ...others] = modelsOf(options).map(wrapped)
  return withFallback(first as FallbackModel, others)
}

/** Whichever model answers, the call costs no more than was set aside for it. */
export function dearestPrice(options: AgentOptions): Price | null {
  const prices = modelsOf(options).map((one) => priceOf(options, one))
  return dearestOf(prices.filter((price) => price !== null))
}
