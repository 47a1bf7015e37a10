import { ConfigError } from '../errors.ts'

/** Throws `ConfigError` for what is no whole number of the range; an absent option is none of its business. */
export function checkNumber(
  name: string,
  value: number | undefined,
  least: number,
  most: number = Infinity,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`
  throw new ConfigError(`${name} must be a whole number ${range}; got ${String(value)}.`)
}
