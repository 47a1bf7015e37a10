import { ConfigError } from '@harnext/core'

/** What of the network commands reach: nothing, all of it, or these hosts, each with what is below it. */
export type SandboxNetwork = boolean | { readonly allow: readonly string[] }

const host = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*\.)*[a-z0-9_-]*[a-z0-9]$/i
const ownDomain = /^[^.]+\.[^.]+/

/**
 * The hosts, each once, as they were given. None: there is no network. Throws `ConfigError` for what is no host, `example.com`, `*.example.com`
 * or `example.com:443`; a whole top-level domain is none.
 */
export function checkedNetwork(network: SandboxNetwork): SandboxNetwork {
  if (typeof network === 'boolean') return network
  for (const entry of network.allow) {
    const { name, port } = partsOf(entry)
    const isHost = name === 'localhost' || (host.test(name) && ownDomain.test(bare(name)))
    if (!isHost || (port !== undefined && !(port > 0 && port < 65_536)))
      throw new ConfigError(
        `A domain that a sandbox allows must be a host, as registry.npmjs.org, *.example.com or example.com:443; got ${JSON.stringify(entry)}.`,
      )
  }
  return network.allow.length > 0 && { allow: [...new Set(network.allow)] }
}

/** As a rule on the network reads a host: it and what is below it; with a star, what is below it alone. */
export function domainPatterns(allow: readonly string[]): readonly string[] {
  return allow.flatMap((entry) => {
    const { name } = partsOf(entry)
    const isAlone = name.startsWith('*.') || name === 'localhost' || /^[\d.]+$/.test(name)
    return isAlone ? [entry] : [entry, `*.${entry}`]
  })
}

/** For messages. */
export function networkWords(network: SandboxNetwork): string {
  if (typeof network === 'boolean') return network ? 'all of the network' : 'no network'
  return `of the network ${network.allow.join(', ')}`
}

function bare(name: string): string {
  return name.replace(/^\*\./, '')
}

function partsOf(entry: string): { readonly name: string; readonly port?: number } {
  const [, name = entry, port] = /^([^:]*):(\d+)$/.exec(entry) ?? []
  return { name, ...(port !== undefined && { port: Number(port) }) }
}
