import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What the model answers: a last answer, or calls. */
export type Turn =
  | { readonly verdict: 'proceed' | 'revise' | 'stop'; readonly report: string }
  | { readonly tool: string; readonly args: object }

export interface ModelServer {
  readonly url: string
  /** What was asked, whole, as JSON. */
  readonly requests: readonly string[]
}

/**
 * Speaks Anthropic's protocol on a free port. `answer` gets the text of the task, with the issue behind it, and how many turns the run
 * has had.
 */
export async function modelServer(
  answer: (task: string, turn: number) => Turn,
): Promise<ModelServer> {
  const requests: string[] = []
  const server = createServer((incoming, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      requests.push(text)
      const { messages } = JSON.parse(text) as { readonly messages: readonly Said[] }
      const turn = messages.filter(({ role }) => role === 'assistant').length
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(events(answer(textOf(messages[0]), turn), requests.length).join(''))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

interface Said {
  readonly role: string
  readonly content: string | readonly { readonly text?: string }[]
}

function textOf(message: Said | undefined): string {
  const content = message?.content ?? ''
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n')
}

function events(turn: Turn, id: number): readonly string[] {
  const isCall = 'tool' in turn
  const block = isCall
    ? { type: 'tool_use', id: `toolu_${id}`, name: turn.tool, input: {} }
    : { type: 'text', text: '' }
  const delta = isCall
    ? { type: 'input_json_delta', partial_json: JSON.stringify(turn.args) }
    : { type: 'text_delta', text: JSON.stringify(turn) }
  const message = {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1000, output_tokens: 1 },
  }
  const stop = { stop_reason: isCall ? 'tool_use' : 'end_turn', stop_sequence: null }
  return [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: stop, usage: { output_tokens: 50 } },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}
