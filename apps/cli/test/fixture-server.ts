import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One answer of the server. */
export interface Answer {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  /** Each is written by itself. */
  readonly body: string | readonly string[]
  /** `hang`: the connection stays open and says nothing more. `cut`: it breaks. */
  readonly ending?: 'end' | 'hang' | 'cut'
}

/** An answer, or a function that makes it from what was asked. */
export type Step = Answer | ((request: ReceivedRequest) => Answer)

export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: RequestBody
}

/** The part of a request of the Messages API that tests look at. */
export interface RequestBody {
  readonly model: string
  readonly max_tokens: number
  readonly system?: readonly { readonly text: string }[]
  readonly tools?: readonly { readonly name: string }[]
  readonly messages: readonly RequestMessage[]
}
export interface RequestMessage {
  readonly role: string
  readonly content: string | readonly RequestBlock[]
}
export interface RequestBlock {
  readonly type: string
  readonly text?: string
  readonly tool_use_id?: string
  readonly content?: string | readonly { readonly type: string; readonly text?: string }[]
  readonly is_error?: boolean
}

export interface FixtureServer {
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** Resolves when so many requests have come in. */
  received(count: number): Promise<void>
  /** Nobody answers any more. */
  close(): void
}

/** Speaks Anthropic's protocol on a free port of this machine, by a script. Whoever asks for more than the script has is answered 400. */
export async function fixtureServer(script: readonly Step[]): Promise<FixtureServer> {
  const requests: ReceivedRequest[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const server = createServer((incoming, response) => {
    void receive(incoming).then((request) => {
      const step = script[requests.length]
      requests.push(request)
      for (const { count, resolve } of waiting) if (requests.length >= count) resolve()
      const answer = typeof step === 'function' ? step(request) : step
      send(response, answer ?? failure(400, 'invalid_request_error', 'The script has ended.'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close,
    received: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
  }
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = JSON.parse(Buffer.concat(chunks).toString()) as RequestBody
  return { path: incoming.url ?? '', headers: incoming.headers, body }
}

function send(response: ServerResponse, answer: Answer): void {
  const { status = 200, headers, body, ending = 'end' } = answer
  const type = status === 200 ? 'text/event-stream; charset=utf-8' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...headers })
  // Their reader may be gone: killed, cancelled.
  response.on('error', () => {})
  for (const chunk of typeof body === 'string' ? [body] : body) response.write(chunk)
  if (ending === 'end') response.end()
  else if (ending === 'cut') setImmediate(() => response.destroy())
}

/** An answer that is no stream but an error. */
export function failure(
  status: number,
  type: string,
  message: string,
  headers: { readonly [name: string]: string } = {},
): Answer {
  return { status, headers, body: JSON.stringify({ type: 'error', error: { type, message } }) }
}

export interface Call {
  readonly id: string
  readonly name: string
  readonly input: object
}

/** A whole answer of the model: a text, then calls. */
export function says(text: string, ...calls: readonly Call[]): Answer {
  return {
    body: [
      begin(),
      textBlock(0, text),
      ...calls.map((call, index) => callBlock(index + 1, call)),
      end(calls.length > 0),
    ],
  }
}

export function bash(id: string, command: string, options: object = {}): Call {
  return { id, name: 'bash', input: { command, ...options } }
}

/** The pieces of a stream, for answers that go wrong in their middle. */
export function begin(): string {
  return event('message_start', {
    message: {
      id: 'msg_01',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5-5',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1000, output_tokens: 1 },
    },
  })
}

export function textBlock(index: number, ...deltas: readonly string[]): string {
  return [
    event('content_block_start', { index, content_block: { type: 'text', text: '' } }),
    ...deltas.map((text) =>
      event('content_block_delta', { index, delta: { type: 'text_delta', text } }),
    ),
    event('content_block_stop', { index }),
  ].join('')
}

export function callBlock(index: number, { id, name, input }: Call): string {
  return [
    event('content_block_start', {
      index,
      content_block: { type: 'tool_use', id, name, input: {} },
    }),
    event('content_block_delta', {
      index,
      delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
    }),
    event('content_block_stop', { index }),
  ].join('')
}

export function end(hasCalls: boolean): string {
  const stop = { stop_reason: hasCalls ? 'tool_use' : 'end_turn', stop_sequence: null }
  return (
    event('message_delta', { delta: stop, usage: { output_tokens: 50 } }) +
    event('message_stop', {})
  )
}

export function errorEvent(type: string, message: string): string {
  return event('error', { error: { type, message } })
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

/** What a request says about the outcome of a call. */
export function outcomeIn(
  { body }: ReceivedRequest,
  id: string,
): { readonly text: string; readonly isError: boolean } | undefined {
  for (const { content } of body.messages)
    for (const block of typeof content === 'string' ? [] : content)
      if (block.tool_use_id === id) {
        const { content: blocks = [] } = block
        const text = typeof blocks === 'string' ? blocks : blocks.map((part) => part.text).join('')
        return { text, isError: block.is_error === true }
      }
  return undefined
}

/** All that the person and the harness said in a request, as one text. */
export function userText({ body }: ReceivedRequest): string {
  return body.messages
    .filter(({ role }) => role === 'user')
    .map(({ content }) =>
      typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n'),
    )
    .join('\n')
}
