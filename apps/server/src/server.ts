import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '@harnext/core'
import { getRequestListener } from '@hono/node-server'
import { createApp, type AppOptions } from './app.ts'
import { bodyOf, refuse } from './errors.ts'

export interface ServerOptions extends Omit<AppOptions, 'port' | 'token'> {
  /** At least 16 printable characters. @default a random one */
  readonly token?: string
  /** `127.0.0.1`, `localhost` or `::1`: it serves this machine alone. @default 127.0.0.1 */
  readonly host?: string
  /** 0: any that is free. @default 0 */
  readonly port?: number
  /** Milliseconds that a client has to send its headers. @default 10,000 */
  readonly headersTimeout?: number
  /** Milliseconds that a client has to send a whole request. @default 60,000 */
  readonly requestTimeout?: number
}

export interface RunningServer {
  readonly url: string
  readonly token: string
  /** Cancels the runs, whose sessions are kept, ends the event streams and lets go of the port. */
  close(): Promise<void>
}

/** Milliseconds that clients have to read what they were sent when the server stops. */
const LAST_READ_MS = 500

/** Throws `ConfigError` for a host, a token or a folder that cannot be, and what Node throws when the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { headersTimeout = 10_000, requestTimeout = 60_000 } = options
  const host = loopback(options.host ?? '127.0.0.1')
  const token = options.token ?? randomBytes(24).toString('base64url')
  if (!/^[\x21-\x7e]{16,}$/.test(token))
    throw new ConfigError(
      'The token, from HARNEXT_SERVER_TOKEN or an option, must have at least 16 printable characters and no space.',
    )
  const cwd = realpathSync(options.cwd)
  const server = createServer({
    headersTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.min(headersTimeout, 1000),
  })
  server.listen(options.port ?? 0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const app = createApp({ ...options, cwd, token, port })
  server.on(
    'request',
    getRequestListener(app.hono.fetch, {
      overrideGlobalObjects: false,
      errorHandler: () => badRequest(),
    }),
  )
  return {
    url: `http://${host === '::1' ? '[::1]' : host}:${port}`,
    token,
    async close() {
      const closed = once(server, 'close')
      server.close()
      await app.close()
      const timer = setTimeout(() => server.closeAllConnections(), LAST_READ_MS)
      await closed
      clearTimeout(timer)
    },
  }
}

/** The address of a name. Throws `ConfigError` for what other machines can reach. */
function loopback(host: string): string {
  if (host === 'localhost' || host === '127.0.0.1') return '127.0.0.1'
  if (host === '::1' || host === '[::1]') return '::1'
  throw new ConfigError(
    `The server listens on this machine alone: host must be 127.0.0.1, localhost or ::1; got ${JSON.stringify(host)}.`,
  )
}

/** For what is HTTP and no request, as one without `Host`. */
function badRequest(): Response {
  const error = refuse('invalid_request', 'The request line or the header Host makes no sense.')
  return Response.json(bodyOf(error), { status: 400 })
}
