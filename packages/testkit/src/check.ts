import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'

/** The number of a law of `ProviderAdapter`. */
export type Law = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** One thing that is tested. The law is one of those that stand on `ProviderAdapter`. */
export interface ProviderCheck {
  readonly law: Law
  readonly name: string
  /** Rejects with `CheckFailed`, which says what was expected and what came. */
  run(): Promise<void>
}

/** What was tested did not hold. */
export class CheckFailed extends Error {
  override readonly name: string = 'CheckFailed'
}

export function fail(message: string): never {
  throw new CheckFailed(message)
}

export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message)
}

export function expectEqual(what: string, wanted: unknown, got: unknown): void {
  if (!isDeepStrictEqual(wanted, got)) fail(`${what}: expected ${show(wanted)}, got ${show(got)}`)
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 300 ? `${text.slice(0, 150)}…${text.slice(-150)}` : text
}

/** The same promise, or a failure when it takes that long: a guard against what hangs, not a measurement. */
export async function within<T>(
  milliseconds: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  const aborter = new AbortController()
  const { signal } = aborter
  const timeout = delay(milliseconds, undefined, { signal }).then(() =>
    fail(`${what} is not over after ${milliseconds} ms`),
  )
  try {
    return await Promise.race([promise, timeout])
  } finally {
    timeout.catch(() => {})
    aborter.abort()
  }
}
