import { compileStars, matchTokens } from './wildcard.ts'

/**
 * Whether a host is the one of the pattern or a subdomain of it. `*` alone is every host, `*.name` the subdomains of a name. An
 * address matches only itself. `strict` is for rules that allow: a host that is no plain name or address is never matched.
 */
export function matchHost(pattern: string, host: string, strict: boolean): boolean {
  const wanted = normaliseHost(pattern)
  const actual = normaliseHost(host)
  if (strict && !isHost(actual)) return false
  if (wanted === '*' || wanted === actual) return true
  if (isAddress(wanted)) return false
  if (wanted.includes('*')) return matchTokens(compileStars(wanted), actual)
  return !isAddress(actual) && actual.endsWith(`.${wanted}`)
}

/** Why this is no pattern of a host, or `null`. */
export function hostProblem(pattern: string): string | null {
  const host = normaliseHost(pattern)
  if (isHost(host.replaceAll('*', 'x'))) return null
  return 'a host is a name or an address, without scheme, port and path'
}

function normaliseHost(host: string): string {
  return host.trim().toLowerCase().replace(/\.$/, '')
}

function isHost(host: string): boolean {
  return /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[?[0-9a-f:.]*:[0-9a-f:.]+\]?)$/.test(host)
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^(?:[0-9.]+|0x[0-9a-f.x]+)$/.test(host)
}
