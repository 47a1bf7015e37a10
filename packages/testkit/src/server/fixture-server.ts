import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as tick } from 'node:timers/promises'

/** What the server sends for one request. */
export interface FixtureAnswer {
  /** @default 200 */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Each of a list is one chunk on the wire. */
  readonly body?: string | readonly (string | Uint8Array)[]
  /** `hang`: leave the connection open. `reset`: destroy it, without an answer when there is no body. @default 'end' */
  readonly after?: 'end' | 'hang' | 'reset'
  /** Resolves when the next chunk may go; called with the number of chunks that went. */
  readonly beforeChunk?: (sent: number) => Promise<void>
}

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Resolves when the connection of this request is closed. */
  closed(): Promise<void>
}

export interface FixtureServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** In the order in which they were complete. */
  readonly requests: readonly ReceivedRequest[]
  /** How many connections were made. */
  connections(): number
  /** Connections that are open now. */
  openConnections(): Promise<number>
  /** Ends all connections. */
  close(): Promise<void>
}

/** Gives the answer for a request, or a promise of it. */
export type Respond = (request: ReceivedRequest) => FixtureAnswer | Promise<FixtureAnswer>

/** Gives one after the other, and the last one again and again. Where there is none, nothing is ever answered. */
export function inOrder(answers: readonly FixtureAnswer[]): Respond {
  let given = 0
  return () => answers[Math.min(given++, answers.length - 1)] ?? { after: 'hang' }
}

export interface ServeOptions {
  /** Of an answer that names none. @default 'text/event-stream; charset=utf-8' */
  readonly contentType?: string
  /** Where it says how to close the server, as `onTestFinished` of a test runner is. */
  readonly onFinished: (close: () => Promise<void>) => void
}

/** A server that gives these answers `inOrder`, for as long as a test takes. */
export async function serveInOrder(
  answers: readonly FixtureAnswer[],
  { contentType = 'text/event-stream; charset=utf-8', onFinished }: ServeOptions,
): Promise<FixtureServer> {
  const server = await startFixtureServer(
    inOrder(
      answers.map((answer) => ({
        ...answer,
        headers: { 'content-type': contentType, ...answer.headers },
      })),
    ),
  )
  onFinished(() => server.close())
  return server
}

/** A server on a free port of this machine. Whoever starts it closes it. */
export async function startFixtureServer(respond: Respond): Promise<FixtureServer> {
  const requests: ReceivedRequest[] = []
  const server = createServer((request, response) => {
    // A client that leaves is what some tests are about.
    response.on('error', () => {})
    void handle(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request)
    requests.push(received)
    await send(response, await respond(received))
  }
  let connections = 0
  server.on('connection', () => (connections += 1))
  server.keepAliveTimeout = 30_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    openConnections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const { socket } = request
  const closed = (): Promise<void> =>
    new Promise((resolve) => {
      if (socket.destroyed) resolve()
      else socket.once('close', () => resolve())
    })
  let body = ''
  request.setEncoding('utf8')
  for await (const chunk of request) body += chunk
  const { method = '', url: path = '', headers } = request
  return { method, path, headers, body, closed }
}

async function send(response: ServerResponse, answer: FixtureAnswer): Promise<void> {
  const { status = 200, headers = {}, body, after = 'end', beforeChunk } = answer
  if (body !== undefined) {
    response.writeHead(status, headers)
    response.flushHeaders()
    const chunks = typeof body === 'string' ? [body] : body
    for (const [sent, chunk] of chunks.entries()) {
      await beforeChunk?.(sent)
      if (response.destroyed) return
      if (chunk.length > 0 && !response.write(chunk)) await drained(response)
      // Small writes of one turn of the event loop would leave as one packet, and none would before a reset.
      if (chunks.length > 1 || after === 'reset') await tick()
    }
  }
  if (after === 'end') response.end()
  else if (after === 'reset') response.destroy()
}

async function drained(response: ServerResponse): Promise<void> {
  const aborter = new AbortController()
  const { signal } = aborter
  // A client may leave while it is waited for.
  const settled = (event: string): Promise<unknown> =>
    once(response, event, { signal }).catch(() => {})
  await Promise.race([settled('drain'), settled('close')])
  aborter.abort()
}
