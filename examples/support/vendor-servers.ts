import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@harnext/sdk'

// Four vendors on this machine, each in its own protocol. They know one task: they ask for a file to be written, and then say that it is.

export type VendorName = 'anthropic' | 'openai' | 'google' | 'ollama'

export interface VendorServer {
  readonly baseUrl: string
  close(): void
}

export const file = { path: 'hello.txt', content: 'Hello!\n' }
export const closingWords = 'hello.txt is written.'

/** Listens on a free port of 127.0.0.1. */
export async function serveVendor(name: VendorName): Promise<VendorServer> {
  const { root, path, contentType, hasResult, answer } = vendors[name]
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const isKnown = request.url?.includes(path)
      response.writeHead(isKnown ? 200 : 404, { 'content-type': contentType })
      response.end(isKnown ? answer(body.includes(hasResult)) : '{}')
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}${root}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Vendor {
  /** What its address ends with: a version for OpenAI, nothing for the others. */
  readonly root: string
  /** Where its calls go. */
  readonly path: string
  readonly contentType: string
  /** What a request holds once the tool has run. */
  readonly hasResult: string
  /** The body of a streamed answer: the call, or the closing words. */
  answer(isDone: boolean): string
}

const vendors: { readonly [name in VendorName]: Vendor } = {
  anthropic: {
    root: '',
    path: '/v1/messages',
    contentType: 'text/event-stream',
    hasResult: '"tool_result"',
    answer(isDone) {
      const usage = { input_tokens: 100, output_tokens: 1 }
      const message = { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage }
      const [block, delta] = isDone
        ? [
            { type: 'text', text: '' },
            { type: 'text_delta', text: closingWords },
          ]
        : [
            { type: 'tool_use', id: 'toolu_1', name: 'write', input: {} },
            { type: 'input_json_delta', partial_json: JSON.stringify(file) },
          ]
      const stop = { stop_reason: isDone ? 'end_turn' : 'tool_use', stop_sequence: null }
      return namedEvents(
        { type: 'message_start', message: { ...message, model: 'claude', stop_reason: null } },
        { type: 'content_block_start', index: 0, content_block: block },
        { type: 'content_block_delta', index: 0, delta },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: stop, usage: { output_tokens: 10 } },
        { type: 'message_stop' },
      )
    },
  },
  openai: {
    root: '/v1',
    path: '/v1/responses',
    contentType: 'text/event-stream',
    hasResult: '"function_call_output"',
    answer(isDone) {
      const content = [{ type: 'output_text', text: closingWords, annotations: [] }]
      const name = { id: 'fc_1', call_id: 'call_1', name: 'write' }
      const item = isDone
        ? { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }
        : { type: 'function_call', ...name, status: 'completed', arguments: JSON.stringify(file) }
      const begun = isDone ? { ...item, content: [] } : { ...item, arguments: '' }
      const delta = isDone
        ? { type: 'response.output_text.delta', content_index: 0, delta: closingWords }
        : { type: 'response.function_call_arguments.delta', delta: JSON.stringify(file) }
      const usage = { input_tokens: 100, output_tokens: 10, total_tokens: 110 }
      const response = { id: 'resp_1', object: 'response', model: 'gpt', output: [item], usage }
      return namedEvents(
        { type: 'response.output_item.added', output_index: 0, item: begun },
        { ...delta, output_index: 0, item_id: item.id },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: { ...response, status: 'completed' } },
      )
    },
  },
  google: {
    root: '',
    path: ':streamGenerateContent',
    contentType: 'text/event-stream',
    hasResult: '"functionResponse"',
    answer(isDone) {
      const part = isDone ? { text: closingWords } : { functionCall: { name: 'write', args: file } }
      const candidate = { index: 0, content: { role: 'model', parts: [part] } }
      const usage = { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 }
      const chunk = { candidates: [{ ...candidate, finishReason: 'STOP' }], usageMetadata: usage }
      return `data: ${JSON.stringify(chunk)}\n\n`
    },
  },
  ollama: {
    root: '',
    path: '/api/chat',
    contentType: 'application/x-ndjson',
    hasResult: '"role":"tool"',
    answer(isDone) {
      const calls = [{ function: { name: 'write', arguments: file } }]
      const said = isDone ? { content: closingWords } : { content: '', tool_calls: calls }
      const counts = { done_reason: 'stop', prompt_eval_count: 100, eval_count: 10 }
      return lines(
        { model: 'llama3.1', message: { role: 'assistant', ...said }, done: false },
        { model: 'llama3.1', message: { role: 'assistant', content: '' }, done: true, ...counts },
      )
    },
  },
}

/** Server-sent events that are named for their type. */
function namedEvents(...events: readonly ({ readonly type: string } & JsonObject)[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

function lines(...values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}
