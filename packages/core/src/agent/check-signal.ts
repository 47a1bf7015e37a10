import { ConfigError } from '../errors.ts'

/** Throws `ConfigError` for what is no `AbortSignal`, of this realm or of another one. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || isSignal(signal)) return
  const hint = signal instanceof AbortController ? ' Give its property `signal`.' : ''
  throw new ConfigError(`\`signal\` must be an AbortSignal; got ${shown(signal)}.${hint}`)
}

function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>
  return (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  )
}

function shown(value: unknown): string {
  if (value instanceof AbortController) return 'an AbortController'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
