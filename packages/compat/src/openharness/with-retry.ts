import { setTimeout as sleep } from 'node:timers/promises'
import { HarnextError } from '@harnext/core'
import type { SessionEvent } from './events.ts'
import type { Middleware } from './runner.ts'

export interface RetryConfig {
  /** @default 3 */
  readonly maxRetries?: number
  /** @default 1000 */
  readonly initialDelayMs?: number
  /** @default 30,000 */
  readonly maxDelayMs?: number
  /** @default 2 */
  readonly backoffMultiplier?: number
  /** @default what may pass: rate limits, overload, 5xx, timeouts, lost connections */
  readonly isRetryable?: (error: Error) => boolean
}

/**
 * Begins a run again that failed before it had content, after a wait that grows with each time, up to 30 % longer by chance; or as long as
 * the provider asks for.
 */
export function withRetry(config: RetryConfig = {}): Middleware {
  const { maxRetries = 3, isRetryable = mayPass } = config
  return (next) =>
    async function* (history, input, options) {
      for (let attempt = 1; ; attempt++) {
        const isLast = attempt > maxRetries
        const fails = (event: SessionEvent): event is Failure =>
          event.type === 'error' && !isLast && isRetryable(event.error)
        const failed = yield* untilContent(next(history, input, options), fails)
        if (!failed) return
        const { error } = failed
        const delayMs = delayOf(config, attempt, error)
        yield { type: 'retry', attempt, maxRetries, delayMs, error }
        // One that was cancelled meanwhile is told so by the next run.
        await sleep(delayMs, undefined, options ?? {}).catch(() => {})
      }
    }
}

type Failure = Extract<SessionEvent, { type: 'error' }>

/** Hands the events on. Before the first content they are held back: what failed so far was not seen by anybody. */
async function* untilContent(
  events: AsyncIterable<SessionEvent>,
  fails: (event: SessionEvent) => event is Failure,
): AsyncGenerator<SessionEvent, Failure | undefined, undefined> {
  const held: SessionEvent[] = []
  let hasContent = false
  for await (const event of events) {
    if (!hasContent && fails(event)) return event
    hasContent ||= content.has(event.type)
    held.push(event)
    if (hasContent) yield* held.splice(0)
  }
  yield* held
  return undefined
}

const content: ReadonlySet<SessionEvent['type']> = new Set([
  'text.delta',
  'reasoning.delta',
  'tool.start',
])

export function mayPass(error: Error): boolean {
  if (HarnextError.is(error) && error.code.startsWith('provider_')) return error.retryable
  return /\b(429|500|502|503|504|529)\b|rate limit|timeout|econnreset|overloaded/i.test(
    error.message,
  )
}

export function delayOf(
  { initialDelayMs = 1000, maxDelayMs = 30_000, backoffMultiplier = 2 }: RetryConfig,
  attempt: number,
  error: Error,
): number {
  const asked = 'retryAfterMs' in error ? error.retryAfterMs : undefined
  if (typeof asked === 'number') return asked
  const grown = initialDelayMs * backoffMultiplier ** (attempt - 1) * (1 + Math.random() * 0.3)
  return Math.round(Math.min(maxDelayMs, grown))
}
