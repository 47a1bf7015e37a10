import { isIP } from 'node:net'
import { ToolError, isLocalHost } from '@harnext/core'

/** The addresses of a host; a seam for tests. */
export type Lookup = (host: string) => Promise<readonly string[]>

/** What a request may go to, and the one address that it goes to: whoever answers for the name later does not matter. */
export interface Destination {
  readonly url: URL
  /** Without brackets, in lower case, without a dot at its end. */
  readonly host: string
  readonly address: string
}

export const systemLookup: Lookup = async (host) => {
  const { lookup } = await import('node:dns/promises')
  const found = await lookup(host, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

/** Throws a `ToolError` for what is no address of the web. */
export function webUrl(tool: string, text: string, base?: URL): URL {
  const url = URL.parse(text.trim(), base?.href)
  if (!url) throw new ToolError(tool, `${quote(text)} is not an absolute URL.`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ToolError(tool, `Only http and https are fetched; got ${quote(url.protocol)}.`)
  if (url.username !== '' || url.password !== '')
    throw new ToolError(tool, 'A URL with a name or a password in it is not fetched.')
  return url
}

export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

/**
 * Where a URL leads. This machine, private networks and everything else that is not the public internet is refused with a `ToolError`,
 * unless `allowed` names the host.
 */
export async function destinationOf(
  tool: string,
  url: URL,
  lookup: Lookup,
  allowed: readonly string[],
): Promise<Destination> {
  const host = hostOf(url)
  const isAllowed = allowed.some((each) => each.toLowerCase() === host)
  if (!isAllowed && isLocalHost(host)) throw refusal(tool, host)
  const addresses = isIP(host) ? [host] : await resolve(tool, host, lookup)
  const local = addresses.find((each) => isLocalHost(each))
  if (!isAllowed && local !== undefined) throw refusal(tool, `${host} (${local})`)
  const [address] = addresses
  if (address === undefined) throw new ToolError(tool, `${host} has no address.`)
  return { url, host, address }
}

async function resolve(tool: string, host: string, lookup: Lookup): Promise<readonly string[]> {
  try {
    return await lookup(host)
  } catch (error) {
    throw new ToolError(tool, `There is no host ${quote(host)}: its name has no address.`, {
      cause: error,
    })
  }
}

function refusal(tool: string, what: string): ToolError {
  return new ToolError(
    tool,
    `${what} is this machine or in a private network, where ${tool} does not go. If the user wants it, use bash with curl.`,
  )
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 199)}…` : text)
}
