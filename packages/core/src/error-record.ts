import type { Json } from './json.ts'

/** An error as the log holds it. `name` says which class it comes back as. */
export interface ErrorRecord {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly details?: { readonly [key: string]: Json }
}

export interface ErrorOptions {
  readonly code?: string
  readonly retryable?: boolean
  readonly cause?: unknown
}
