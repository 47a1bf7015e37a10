import { compileStars, matchTokens } from './wildcard.ts'

/**
 * Whether a host is the one of the pattern or a subdomain of it. `*` alone is every host, `*.name` the subdomains of a name. An
 * address matches only itself. `strict` is for rules that allow: a host that is no plain name or address is never matched, nor by `*`
 * one that is local.
 */
export function matchHost(pattern: string, host: string, strict: boolean): boolean {
  const wanted = normaliseHost(pattern)
  const actual = normaliseHost(host)
  if (strict && !isHost(actual)) return false
  if (wanted === '*') return !strict || !isLocalHost(actual)
  if (wanted === actual) return true
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

/**
 * Whether a host is this machine, lies in a private network or is no address of the public internet: loopback, the metadata service
 * of a cloud, `localhost`, a name without a dot. A rule that allows any host does not allow these.
 */
export function isLocalHost(host: string): boolean {
  const name = normaliseHost(host)
  if (name.includes(':')) return !isPublicV6(name)
  if (/^\d+(?:\.\d+){3}$/.test(name)) return !isPublicV4(name.split('.').map(Number))
  // A number in any other notation is an address in disguise.
  return !name.includes('.') || isAddress(name) || localNames.test(name)
}

const localNames = /\.(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa)$/

function isPublicV4([a = 0, b = 0, c = 0, d = 0]: readonly number[]): boolean {
  if (Math.max(a, b, c, d) > 255 || a === 0 || a === 10 || a === 127 || a >= 224) return false
  if (a === 100) return b < 64 || b > 127
  if (a === 169) return b !== 254
  if (a === 172) return b < 16 || b > 31
  if (a === 192) return b !== 168 && !(b === 0 && c === 0)
  return !(a === 198 && (b === 18 || b === 19))
}

/** Global unicast, without the ranges that wrap an address of the older kind. */
function isPublicV6(address: string): boolean {
  const groups = address.split(':').map((group) => Number.parseInt(group || '0', 16))
  const [first = 0, second = 0] = groups
  return (
    first >= 0x2000 && first < 0x4000 && first !== 0x2002 && !(first === 0x2001 && second < 0x200)
  )
}

function normaliseHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

function isHost(host: string): boolean {
  return /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]+)$/.test(host)
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^(?:[0-9.]+|0x[0-9a-f.x]+)$/.test(host)
}
