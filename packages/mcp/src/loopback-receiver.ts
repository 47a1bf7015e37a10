import type { AddressInfo } from 'node:net'
import { ConfigError, HarnextError } from '@harnext/core'

/** Waits on this machine for the person to come back from a login. */
export interface LoopbackReceiver {
  readonly redirectUrl: string
  /** From now on the answer is what carries this state: whoever brings another one is told so, and the wait goes on. Until then, whatever comes first. */
  expectState(state: string): void
  receive(signal: AbortSignal): Promise<URLSearchParams>
  close(): Promise<void>
}

const path = '/callback'
const notTheAnswer =
  'This was not the answer to the login that harnext waits for: it does not carry its state. Log in at the address that harnext shows.\n'

interface Wait {
  readonly state: string | undefined
  readonly answered: PromiseWithResolvers<URLSearchParams>
}

function newWait(state?: string): Wait {
  const answered = Promise.withResolvers<URLSearchParams>()
  // Whoever waits sees it.
  answered.promise.catch(() => {})
  return { state, answered }
}

/**
 * Throws `ConfigError` for a port that is taken.
 *
 * @param port 0: any that is free
 */
export async function loopbackReceiver(port = 0): Promise<LoopbackReceiver> {
  let waiting = newWait()
  // Loads the platform's client too: only who logs in needs it.
  const { createServer } = await import('node:http')
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (request.method !== 'GET' || url.pathname !== path) {
      response.writeHead(404).end()
      return
    }
    const { state, answered } = waiting
    const isAnswer = state === undefined || url.searchParams.get('state') === state
    response
      .writeHead(isAnswer ? 200 : 400, {
        'content-type': 'text/plain; charset=utf-8',
        connection: 'close',
      })
      .end(isAnswer ? 'You can close this page and go back to harnext.\n' : notTheAnswer)
    if (isAnswer) answered.resolve(url.searchParams)
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
    expectState: (state) => void (waiting = newWait(state)),
    async receive(signal) {
      const { answered } = waiting
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
