import { setTimeout as sleep } from 'node:timers/promises'
import { retrying } from '@harnext/core'
import type { AdapterModel } from './model.ts'
import { delayOf, mayPass, type RetryConfig } from './with-retry.ts'

/** The same model, whose calls are made again as `withRetry` does: before there is content. */
export function retryingModel(
  { adapter, model }: AdapterModel,
  config: RetryConfig,
): AdapterModel & { readonly maxRetries: number } {
  const { maxRetries = 3, isRetryable = mayPass } = config
  const options = {
    maxRetries,
    withinMs: Infinity,
    clock: () => performance.now(),
    random: Math.random,
    // One that was cancelled meanwhile is told so by the next call.
    sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {}),
    delayOf: (error: unknown, attempt: number) =>
      error instanceof Error && isRetryable(error) ? delayOf(config, attempt + 1, error) : null,
  }
  return { adapter: retrying(adapter, options), model, maxRetries: 0 }
}
