// The server's side of a chat page: the stream that `useChat` of the AI SDK reads.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { Agent, Session, extractUserInput } from '@harnext/compat/openharness'
import { scripted } from '@harnext/core/testing'
import { parseJsonEventStream, readUIMessageStream, uiMessageChunkSchema } from 'ai'

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted([
  [
    { type: 'thinking', text: 'They greet me.' },
    { type: 'text', text: 'Hello! How can I help?' },
  ],
])
const agent = new Agent({ name: 'host', model: { adapter, model: 'any' } })
const session = new Session({ agent })

/** A route of any server on Web standards. */
async function post(request: Request): Promise<Response> {
  const { messages } = (await request.json()) as { messages: never[] }
  return session.toResponse(extractUserInput(messages), { signal: request.signal })
}

// What the page does.
const body = JSON.stringify({
  messages: [{ id: '1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
})
const response = await post(new Request('http://localhost/chat', { method: 'POST', body }))
if (!response.body) throw new Error('There is no body.')
const stream = parseJsonEventStream({ stream: response.body, schema: uiMessageChunkSchema })
const chunks = stream.pipeThrough(
  new TransformStream({
    transform: (parsed, out) => {
      if (parsed.success) out.enqueue(parsed.value)
    },
  }),
)
let shown: readonly { readonly type: string }[] = []
for await (const { parts } of readUIMessageStream({ stream: chunks })) shown = parts
console.log(shown)
await agent.close()

strictEqual(response.headers.get('content-type'), 'text/event-stream')
deepStrictEqual(
  shown.map(({ type }) => type),
  ['data-oh:turn.start', 'step-start', 'reasoning', 'text', 'data-oh:turn.done'],
)
