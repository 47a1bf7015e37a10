import type { ErrorOptions, ErrorRecord } from './error-record.ts'
import type { Json } from './json.ts'

// The base of every error that harnext throws or reports; the classes are in errors.ts. Recognise one by `HarnextError.is(error)` or
// `error.code`: both work when two copies of this package are installed, where `instanceof` does not.

const brand: unique symbol = Symbol.for('harnext.error') as never

export class HarnextError extends Error {
  readonly code: string
  /** Whether the same thing may succeed when tried again without a change. */
  readonly retryable: boolean

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code ?? 'internal'
    this.retryable = options.retryable ?? false
  }

  static is(error: unknown): error is HarnextError {
    return typeof error === 'object' && error !== null && brand in error
  }

  /** What a subclass has beyond the base, as JSON. */
  protected details(): { readonly [key: string]: Json } | undefined {
    return undefined
  }

  toJSON(): ErrorRecord {
    const details = this.details()
    const { name, code, message, retryable } = this
    return { name, code, message, retryable, ...(details && { details }) }
  }
}
Object.defineProperties(HarnextError.prototype, {
  [brand]: { value: true },
  name: { value: 'HarnextError', configurable: true, writable: true },
})

/** Anything thrown, as a `HarnextError`: one of ours stays the same object. */
export function asHarnextError(error: unknown): HarnextError {
  if (HarnextError.is(error)) return error
  return new HarnextError(messageOf(error), { code: 'internal', cause: error })
}

/** What a person should read of anything thrown. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  if ('message' in error && error.message && typeof error.message === 'string') return error.message
  return error instanceof Error ? error.name : Object.prototype.toString.call(error)
}
