import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as tick } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Each is one chunk on the wire. */
  readonly body: string | readonly (string | Uint8Array)[]
  /** `hang`: leave the connection open. `reset`: destroy it. */
  readonly after?: 'end' | 'hang' | 'reset'
}

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** Resolves when the connection of this request was closed. */
  readonly closed: Promise<void>
}

export interface Loopback {
  readonly url: string
  readonly requests: Received[]
  /** How many connections were made. */
  readonly connections: () => number
}

/** A server on a free port of this machine, which answers in order and is gone after the test. */
export async function serve(...answers: readonly Answer[]): Promise<Loopback> {
  const requests: Received[] = []
  let connections = 0
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]
    void receive(request).then(async (received) => {
      requests.push(received)
      if (answer) await send(response, answer)
    })
  })
  server.on('connection', () => (connections += 1))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests, connections: () => connections }
}

async function receive(request: IncomingMessage): Promise<Received> {
  const closed = new Promise<void>((close) => request.socket.once('close', () => close()))
  let text = ''
  request.setEncoding('utf8')
  for await (const chunk of request) text += chunk
  const { method = '', url: path = '', headers } = request
  return { method, path, headers, text, closed }
}

async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const { status = 200, headers, body, after = 'end' } = answer
  response.writeHead(status, { 'content-type': 'text/event-stream; charset=utf-8', ...headers })
  for (const chunk of typeof body === 'string' ? [body] : body) {
    response.write(chunk)
    await tick()
  }
  if (after === 'end') response.end()
  else if (after === 'reset') response.destroy()
}

/** An error as the vendor sends it. */
export function errorAnswer(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' }),
  }
}
