import { Agent, textOf, tool, type Tool, type ToolPart } from '@harnext/core'
import { describe, expect, test } from 'vitest'
import { anthropic } from '../src/index.ts'
import { serve } from './loopback.ts'
import { readWire } from './read-wire.ts'
import { recordings, type Block, type Recorded, type RecordedMessage } from './shared.ts'

// The whole agent over recorded tool sessions: the vendor's side is what was recorded, and the tools return what was recorded. The
// last message must be the recorded one, and each later request must add what the recorded client added.

/** Their tools run at the client. The first was streamed; the others answered a request without a stream, or with a server's tool before. */
const sessions = [
  'a4f1f61e33',
  '2ae02221d0',
  '2d2277837e',
  '5d842304b2',
  '615325c63f',
  '8d8c303c23',
]
/** Not replayed: 0be51b6f08 returns an image by the id of an uploaded file, which is no content of a neutral tool message. */

const all = recordings('messages')
const stepsOf = (id: string): Recorded[] =>
  all
    .filter(({ session }) => session?.id === id)
    .toSorted((a, b) => a.session.step - b.session.step)

describe.skipIf(all.length === 0)('recorded tool sessions', () => {
  test.each(sessions)('%s', async (id) => {
    const steps = stepsOf(id)
    expect(steps.length).toBeGreaterThan(1)
    const server = await serve(
      ...steps.map(({ response: { body, headers } }) => ({
        body,
        headers: { 'content-type': headers['content-type'] ?? 'application/json' },
      })),
    )
    const agent = new Agent({
      name: 'replay',
      adapter: anthropic({ apiKey: 'key', baseURL: server.url }),
      model: steps[0]?.model ?? '',
      tools: stubs(steps),
      permissionMode: 'bypass',
      maxRetries: 0,
    })
    const result = await agent.run([], 'Begin.').result
    expect(result.error).toBeUndefined()
    expect(result.stopReason).toBe('complete')

    const last = steps.at(-1) as Recorded
    const wire = readWire(last.response.body, isStream(last))
    expect(result.text).toBe(
      wire.blocks.map(({ text }) => (typeof text === 'string' ? text : '')).join(''),
    )
    const message = result.messages.at(-1)
    expect(message?.role === 'assistant' && textOf(message.content)).toBe(result.text)

    const sent = server.requests.map(
      ({ body }): readonly RecordedMessage[] => JSON.parse(body).messages,
    )
    expect(sent).toHaveLength(steps.length)
    for (let step = 1; step < steps.length; step++) {
      const added = (sent[step] ?? []).slice(sent[step - 1]?.length)
      const recorded = messagesOf(steps[step]).slice(messagesOf(steps[step - 1]).length)
      expect(added.map(plain)).toEqual(recorded.map(plain))
    }
  })
})

const isStream = ({ response }: Recorded): boolean =>
  (response.headers['content-type'] ?? '').includes('event-stream')

const messagesOf = (recorded: Recorded | undefined): readonly RecordedMessage[] =>
  recorded?.request?.body.messages ?? []

/** One tool for each name that was called, which returns what was recorded for the call. */
function stubs(steps: readonly Recorded[]): Tool[] {
  const blocks = steps
    .flatMap(messagesOf)
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  const results = new Map(
    blocks
      .filter(({ type }) => type === 'tool_result')
      .map((block) => [block['tool_use_id'], block] as const),
  )
  const names = new Set(
    blocks.filter(({ type }) => type === 'tool_use').map((block) => String(block['name'])),
  )
  return [...names].map((name) =>
    tool({
      name,
      description: name,
      parameters: { type: 'object' },
      effects: () => [],
      execute: (_args: unknown, { callId }) => {
        const result = results.get(callId)
        if (!result) throw new Error(`nothing was recorded for ${callId}`)
        return {
          output: '',
          isError: result['is_error'] === true,
          content: toParts(result['content']),
        }
      },
    }),
  )
}

function toParts(content: unknown): ToolPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return (content as readonly Block[]).map((block): ToolPart => {
    if (block.type === 'text') return { type: 'text', text: String(block['text']) }
    const { media_type: mediaType = '', data = '' } = block['source'] as Record<string, string>
    return block.type === 'image'
      ? { type: 'image', mediaType, data }
      : { type: 'file', mediaType, data }
  })
}

/** Both spellings of the same message as one: a text for a list of one text, `false` for an absent flag, no cache marks. */
function plain({ role, content }: RecordedMessage): unknown {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  return { role, content: blocks.map(plainBlock) }
}

function plainBlock(block: Block): unknown {
  const { cache_control: _cache, caller: _caller, is_error: isError, content, ...rest } = block
  return {
    ...rest,
    ...(isError === true && { is_error: true }),
    ...(content !== undefined && {
      content: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
    }),
  }
}
