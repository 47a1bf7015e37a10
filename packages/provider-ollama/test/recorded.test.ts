import type { Message } from '@harnext/core/provider'
import { describe, expect, it } from 'vitest'
import { ollama } from '../src/index.ts'
import { messagesWriter } from '../src/to-ollama-messages.ts'
import { collect, request, toMessage, user, type Collected } from './collect.ts'
import { serve } from './loopback.ts'
import { recordings, type Recorded, type RecordedMessage } from './shared.ts'
import { textWriter } from './text-writer.ts'

const all = recordings('chat', 'synthetic')
const answers = all.filter(
  ({ response }) => response.status < 400 && response.body.includes('"done":true'),
)

async function replay(
  { model, response: { status, headers } }: Recorded,
  body: string | readonly Uint8Array[],
): Promise<Collected> {
  const type = headers['content-type'] ?? 'application/x-ndjson'
  const server = await serve({ status, headers: { 'content-type': type }, body })
  return collect(ollama({ baseURL: server.url, contextLength: 40_960 }), request({ model }))
}

describe.skipIf(all.length === 0)('recorded answers', () => {
  it('are never taken for complete when they are cut', async () => {
    for (const recorded of answers.filter(({ response }) => response.body.includes('\n'))) {
      const { body } = recorded.response
      for (const share of [0.1, 0.5, 0.9]) {
        const { error, finish } = await replay(recorded, body.slice(0, body.length * share))
        expect(finish).toBeUndefined()
        expect(error).toMatchObject({ kind: 'stream_truncated', retryable: true })
      }
    }
  })
})

describe.skipIf(all.length === 0)('the recorded list of models', () => {
  it('is read', async () => {
    const [recorded] = recordings('tags')
    const body = recorded?.response.body ?? ''
    const server = await serve({ headers: { 'content-type': 'application/json' }, body })
    const models = await ollama({ baseURL: server.url }).listModels?.({
      signal: new AbortController().signal,
    })
    const listed: { name: string }[] = JSON.parse(body).models
    expect(models).toEqual(listed.map(({ name }) => ({ id: name })))
  })
})

const sessions = [...Map.groupBy(all, ({ session }) => session.id).values()]
  .map((steps) => steps.toSorted((a, b) => a.session.step - b.session.step))
  .filter((steps) => steps.length > 1)

describe.skipIf(all.length === 0)('recorded sessions', () => {
  it('are there', () => {
    expect(sessions.length).toBeGreaterThan(4)
  })

  it.each(sessions.map((steps) => [steps[0]?.name ?? '', steps] as const))(
    'what was answered goes back as it was: %s',
    async (_name, steps) => {
      for (const [at, step] of steps.slice(0, -1).entries()) {
        const before = step.request.body.messages
        const added = steps[at + 1]?.request.body.messages.slice(before.length) ?? []
        const answer = toMessage(await replay(step, step.response.body), step.model)
        const ids = answer.content.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []))
        const results = added.slice(1).map((message): Message => ({
          role: 'tool',
          id: ids.shift() ?? '',
          tool: String(message['tool_name']),
          status: 'ok',
          content: [{ type: 'text', text: message.content }],
        }))
        const { text } = textWriter(messagesWriter())([user('q'), answer, ...results], true)
        const sent: RecordedMessage[] = JSON.parse(`[${text}]`).slice(1)
        expect(sent.map(known)).toEqual(added.map(known))
        expect(known(sent[0])).toHaveProperty('tool_calls')
      }
    },
  )
})

/** The recorded client sent no ids. */
function known(message: RecordedMessage | undefined): Readonly<Record<string, unknown>> {
  const {
    tool_call_id: _id,
    tool_calls: calls,
    ...rest
  }: Readonly<Record<string, unknown>> = message ?? {}
  if (!Array.isArray(calls)) return rest
  const withoutIds = calls.map(
    ({ id: _callId, ...call }: Readonly<Record<string, unknown>>) => call,
  )
  return { ...rest, tool_calls: withoutIds }
}
