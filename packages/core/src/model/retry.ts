import { isProviderError } from '../errors.ts'
import { isBatch, type ModelEvent, type ProviderAdapter } from './adapter.ts'
import { wrapStream } from './guard.ts'

export interface RetryOptions {
  /** Repetitions after the first try. */
  readonly maxRetries: number
  /** Milliseconds since the first try, after which no other one begins: waits and tries together. */
  readonly withinMs: number
  /** Milliseconds. */
  readonly clock: () => number
  /** Milliseconds before the next try, the first one after `attempt` 0; `null`: there is none. @default what may pass, at most 60 s later */
  readonly delayOf?: (error: unknown, attempt: number) => number | null
  /** From 0 to 1; jitter. */
  readonly random: () => number
  /** Resolves early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 8000
/** A vendor that asks for a longer wait than this is not waited for: its error says how long. */
const LONGEST_WAIT_MS = 60_000

type Chunk = ModelEvent | readonly ModelEvent[]

/**
 * Repeats a call that failed for a reason that may pass, as long as nothing of its answer was passed on. Yields a `retry` before each
 * wait. After the first event of the answer it hands on the inner iterator as it is, so that a delta costs nothing.
 */
export function retrying(adapter: ProviderAdapter, options: RetryOptions): ProviderAdapter {
  return wrapStream(adapter, (request, context) => ({
    [Symbol.asyncIterator]() {
      let source: AsyncIterator<Chunk> | undefined
      let answering = false
      const begun = options.clock()
      let attempt = 0
      let wait = 0
      let failed: unknown
      const next = async (): Promise<IteratorResult<Chunk>> => {
        try {
          if (wait) {
            await options.sleep(wait, context.signal)
            wait = 0
            if (context.signal.aborted) throw failed
          }
          source ??= adapter.stream(request, context)[Symbol.asyncIterator]()
          const result = await source.next()
          answering = result.done === true || isAnswer(result.value)
          return result
        } catch (error) {
          failed = error
        }
        const { delayOf = (error) => retryDelay(error, attempt, options.random) } = options
        const delayMs = delayOf(failed, attempt)
        if (delayMs === null || attempt >= options.maxRetries || context.signal.aborted)
          throw failed
        if (options.clock() - begun + delayMs > options.withinMs) throw failed
        source = undefined
        attempt += 1
        wait = Math.max(1, delayMs)
        const error = failed as Extract<ModelEvent, { type: 'retry' }>['error']
        return { done: false, value: { type: 'retry', attempt, delayMs: wait, error } }
      }
      return {
        next: () => (answering && source ? source.next() : next()),
        return: async (value?: unknown) =>
          (await source?.return?.(value)) ?? { done: true, value: undefined },
      }
    },
  }))
}

/** What is said about a request (that an option was left out, that it is tried again) is no part of the answer. */
export function isAnswer(chunk: Chunk): boolean {
  return (isBatch(chunk) ? chunk : [chunk]).some(
    ({ type }) => type !== 'warning' && type !== 'retry',
  )
}

/** Milliseconds before attempt `attempt + 1`; `null` when a repetition is of no use. */
export function retryDelay(error: unknown, attempt: number, random: () => number): number | null {
  if (!isProviderError(error) || !error.retryable || error.partial) return null
  if (error.retryAfterMs !== undefined)
    return error.retryAfterMs <= LONGEST_WAIT_MS ? error.retryAfterMs : null
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt)
  return Math.round(delay * (1 - random() * 0.25))
}
