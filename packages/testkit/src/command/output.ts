import { ConfigError } from '@harnext/core/provider'

/** Where a command writes. */
export interface Output {
  write(text: string): void
}

/** `N passed, N failed, N skipped` */
export function summaryLine(results: readonly { readonly status: string }[]): string {
  const count = (status: string): number =>
    results.filter((result) => result.status === status).length
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
}

/** The value of an option that counts. Throws `ConfigError` for what is no whole number above zero. */
export function countOf(option: string, value: string): number {
  const count = Number(value)
  if (Number.isInteger(count) && count > 0) return count
  throw new ConfigError(`${option} takes a whole number above zero, got ${JSON.stringify(value)}.`)
}
