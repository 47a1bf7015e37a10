import { ConfigError } from '@harnext/core'
import { childEnvironment } from '@harnext/core/node'
import type { Transport } from '@modelcontextprotocol/client'
import type { Connection, ConnectionOptions, HoldServer } from './connection.ts'
import { limitedFetch } from './limited-fetch.ts'
import type { McpLogin } from './login.ts'
import { renewingFetch } from './renewal.ts'
import type { McpHttpServer, McpStdioServer } from './server-config.ts'
import { StdioTransport } from './stdio-transport.ts'

export type Sdk = typeof import('@modelcontextprotocol/client')

/** One way to reach a server. `isWorthAnother`: whether the next one may work where this one was refused. */
export interface Attempt {
  readonly kind: Connection['transport']
  readonly era: 'legacy' | 'auto'
  readonly make: () => Transport
  isWorthAnother(error: unknown): boolean
}

/**
 * A program is spoken to as all servers before 2026 are: some of them never answer the question of a newer client. One that refuses that
 * is started again and asked.
 */
export function stdioAttempt(
  sdk: Sdk,
  { roots, env, hold }: ConnectionOptions,
  config: McpStdioServer,
  era: Attempt['era'],
): Attempt {
  const { command, args = [], cwd } = config
  const [root = process.cwd()] = roots
  const folder = cwd === undefined ? root : cwd.startsWith('/') ? cwd : `${root}/${cwd}`
  return {
    kind: 'stdio',
    era,
    make: () =>
      new StdioTransport(
        { program: command, args, cwd: folder, env: { ...childEnvironment(env), ...config.env } },
        sdk.deserializeMessage,
        holderOf(config, hold),
      ),
    isWorthAnother: (error) =>
      era === 'legacy' &&
      (error instanceof sdk.ProtocolError || error instanceof sdk.UnsupportedProtocolVersionError),
  }
}

function holderOf(
  { sandbox = false, env = {} }: McpStdioServer,
  hold: HoldServer | undefined,
): ConstructorParameters<typeof StdioTransport>[2] {
  if (sandbox === false) return undefined
  const settings = { ...(sandbox !== true && sandbox), env }
  return (command) => {
    if (!hold) throw new ConfigError('it is to be held in a sandbox, and nothing here holds one')
    return hold(command, settings)
  }
}

export function httpAttempts(
  sdk: Sdk,
  login: McpLogin | undefined,
  { url, headers = {}, type }: McpHttpServer,
): readonly Attempt[] {
  const address = new URL(url)
  if (address.protocol !== 'http:' && address.protocol !== 'https:')
    throw new Error(`its url must begin with http:// or https://; got ${address.protocol}//`)
  const shared = {
    requestInit: { headers: { ...headers } },
    fetch: login?.renewal ? renewingFetch(limitedFetch(), login.renewal) : limitedFetch(),
    ...(login && { authProvider: login.provider }),
  }
  const streamable: Attempt = {
    kind: 'http',
    era: 'auto',
    make: () => new sdk.StreamableHTTPClientTransport(address, shared),
    isWorthAnother: (error) =>
      type === undefined &&
      error instanceof sdk.SdkHttpError &&
      [400, 404, 405].includes(error.status ?? 0),
  }
  const sse: Attempt = {
    kind: 'sse',
    era: 'legacy',
    make: () => new sdk.SSEClientTransport(address, shared),
    isWorthAnother: () => false,
  }
  return type === 'sse' ? [sse] : [streamable, sse]
}
