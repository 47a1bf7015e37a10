import type { AddressInfo } from 'node:net'
import { ConfigError, HarnextError } from '@harnext/core'

/** Waits on this machine for the person to come back from a login. */
export interface LoopbackReceiver {
  readonly redirectUrl: string
  receive(signal: AbortSignal): Promise<URLSearchParams>
  close(): Promise<void>
}

const path = '/callback'

/**
 * Throws `ConfigError` for a port that is taken.
 *
 * @param port 0: any that is free
 */
export async function loopbackReceiver(port = 0): Promise<LoopbackReceiver> {
  const answered = Promise.withResolvers<URLSearchParams>()
  // Whoever waits sees it.
  answered.promise.catch(() => {})
  // Loads the platform's client too: only who logs in needs it.
  const { createServer } = await import('node:http')
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (request.method !== 'GET' || url.pathname !== path) {
      response.writeHead(404).end()
      return
    }
    response
      .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
      .end('You can close this page and go back to harnext.\n')
    answered.resolve(url.searchParams)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new ConfigError(
          `Nobody can come back from a login at port ${port} of this machine: ${cause.message}`,
          { cause },
        ),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    redirectUrl: `http://127.0.0.1:${bound}${path}`,
    async receive(signal) {
      const onAbort = (): void =>
        answered.reject(new HarnextError('The login was cancelled.', { code: 'cancelled' }))
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
      try {
        return await answered.promise
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
