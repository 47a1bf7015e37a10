import type { AssistantPart, Message, ToolPart } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { anthropic } from '../src/index.ts'
import { messagesWriter } from '../src/to-anthropic-messages.ts'
import { collect, request, toMessage, user, type Collected } from './collect.ts'
import { serve } from './loopback.ts'
import { readWire, type WireAnswer } from './read-wire.ts'
import { recordings, type Block, type Recorded } from './shared.ts'
import { textWriter } from './text-writer.ts'

const all = recordings('messages', 'synthetic')
const answers = all.filter(({ response }) => response.status < 400)
const errors = all.filter(({ response }) => response.status >= 400)

async function replay(
  { model, response }: Recorded,
  body: string | readonly Uint8Array[],
): Promise<Collected> {
  const { status, headers } = response
  const server = await serve({ status, headers: kept(headers), body })
  return collect(anthropic({ apiKey: 'key', baseURL: server.url }), request({ model }))
}

/** Without what describes the recording's own transport. */
function kept(headers: Readonly<Record<string, string>>): Record<string, string> {
  const transport = /^(content-length|content-encoding|transfer-encoding|connection|date)$/i
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !transport.test(name)))
}

const named = (recorded: readonly Recorded[]) => recorded.map((one) => [one.name, one] as const)

const read = (recorded: Recorded): WireAnswer =>
  readWire(recorded.response.body, isStream(recorded))

/** Single bytes; a long body in up to 3,000 pieces, to keep the test short. */
function pieces(body: string): Uint8Array[] {
  const bytes = new TextEncoder().encode(body)
  const size = Math.ceil(bytes.length / 3000)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
}

const isStream = ({ response }: Recorded): boolean =>
  (response.headers['content-type'] ?? '').includes('event-stream')

describe.skipIf(all.length === 0)('recorded answers', () => {
  const complete = answers.filter((recorded) => read(recorded).isComplete)
  const broken = answers.filter((recorded) => !read(recorded).isComplete)

  it.each(named(complete))('%s', async (_name, recorded) => {
    const { body } = recorded.response
    const whole = await replay(recorded, body)
    expect(whole.error).toBeUndefined()
    expectSame(whole, read(recorded))
    const split = await replay(recorded, pieces(body))
    expect(split.parts).toEqual(whole.parts)
    expect(split.finish).toEqual(whole.finish)
  })

  it.each(named(broken))('%s, which has no end', async (_name, recorded) => {
    const { body } = recorded.response
    for (const sent of [body, pieces(body)]) {
      const { error, events, finish } = await replay(recorded, sent)
      expect(finish).toBeUndefined()
      expect(error).toMatchObject({
        kind: read(recorded).error === 'overloaded_error' ? 'overloaded' : 'stream_truncated',
        retryable: true,
        partial: shownText(events, 'text'),
      })
    }
  })

  it.each(named(errors))('%s', async (_name, recorded) => {
    const { error, events } = await replay(recorded, recorded.response.body)
    const { status, body } = recorded.response
    expect(events).toEqual([])
    expect(error).toMatchObject({
      status,
      kind: body.includes('too long') ? 'overflow' : kindOf[status],
      retryable: status === 429 || status >= 500,
    })
  })
})

const kindOf: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'auth',
  403: 'permission',
  404: 'not_found',
  413: 'overflow',
  429: 'rate_limit',
  500: 'server',
  529: 'overloaded',
}

function expectSame({ events, parts, finish }: Collected, wire: WireAnswer): void {
  expect(events.at(-1)).toBe(finish)
  expect(parts.filter(({ type }) => type !== 'source').map(toBlock)).toEqual(
    wire.blocks.map(plain).filter((block) => block['text'] !== ''),
  )
  expect(finish).toMatchObject({
    usage: { inputTokens: wire.inputTokens, outputTokens: wire.outputTokens },
    rawStopReason: wire.stopReason,
  })
  expect(shownText(events, 'text')).toBe(joined(parts, 'text'))
  expect(shownText(events, 'thinking')).toBe(joined(parts, 'thinking'))
}

const joined = (parts: readonly AssistantPart[], type: 'text' | 'thinking'): string =>
  parts.map((part) => (part.type === type ? part.text : '')).join('')

/** A part as the vendor's block. */
function toBlock(part: AssistantPart): unknown {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...data(part) }
    case 'thinking':
      if (part.redacted) return { type: 'redacted_thinking', ...data(part) }
      return { type: 'thinking', thinking: part.text, ...data(part) }
    case 'tool_call':
      return { type: 'tool_use', id: part.id, name: part.tool, input: part.args, ...data(part) }
    case 'provider':
      return part.opaque.data
    case 'source':
      return part
  }
}

function data({ opaque }: Exclude<AssistantPart, { type: 'source' }>): object {
  return { ...(opaque?.data as object | undefined) }
}

/** Without fields that say nothing. */
function plain(block: Block): Block {
  const { citations, caller, ...rest } = block
  const isDirect = JSON.stringify(caller) === '{"type":"direct"}'
  return {
    ...rest,
    ...(Array.isArray(citations) && citations.length > 0 && { citations }),
    ...(caller !== undefined && !isDirect && { caller }),
  }
}

/** Steps whose successor goes on from them; some sessions only repeat a request. */
const isContinued = (step: Recorded, next: Recorded | undefined): boolean => {
  const before = step.request?.body.messages.length ?? 0
  return next?.request?.body.messages[before]?.role === 'assistant'
}
const sessions = [...Map.groupBy(all, ({ session }) => session.id).values()]
  .map((steps) => steps.toSorted((a, b) => a.session.step - b.session.step))
  .filter(([first, second]) => first !== undefined && isContinued(first, second))

describe.skipIf(all.length === 0)('recorded sessions', () => {
  it('are there', () => {
    expect(sessions.length).toBeGreaterThan(6)
  })

  it.each(sessions.map((steps) => [steps[0]?.name ?? '', steps] as const))(
    'what was answered goes back as it was: %s',
    async (_name, steps) => {
      for (const [at, step] of steps.slice(0, -1).entries()) {
        const before = step.request?.body.messages ?? []
        const added = steps[at + 1]?.request?.body.messages.slice(before.length) ?? []
        const answer = toMessage(await replay(step, step.response.body), step.model)
        const followers = added.slice(1).flatMap(({ content }) => toMessages(blocksOf(content)))
        const sent: { role: string; content: Block[] }[] = JSON.parse(
          textWriter(messagesWriter())([user('q'), answer, ...followers], false).text,
        )
        const expected = added.map(({ role, content }) => ({
          role,
          content: blocksOf(content).map(known),
        }))
        expect(
          sent.slice(1).map(({ role, content }) => ({ role, content: content.map(known) })),
        ).toEqual(expected)
      }
    },
  )
})

function blocksOf(content: string | readonly Block[] = []): readonly Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

/** What is said in several ways, in one. */
function known(block: Block): Block {
  const { cache_control: _cache, is_error: isError, content, ...rest } = plain(block)
  if (block.type !== 'tool_result') return plain(rest)
  return {
    ...(rest as Block),
    content: blocksOf(content as string | readonly Block[] | undefined)
      .map(known)
      .filter(isOurs),
    ...(isError === true && { is_error: true }),
  }
}

/** Files that were uploaded before are named by the vendor's id, for which there is no part. */
const isOurs = ({ source }: Block): boolean =>
  (source as { type?: string } | undefined)?.type !== 'file'

/** The user's side of a recorded request as messages of ours. */
function toMessages(blocks: readonly Block[]): Message[] {
  return blocks.map((block): Message => {
    if (block.type !== 'tool_result') return { role: 'user', content: [toPart(block)] }
    const content = blocksOf(block['content'] as string | readonly Block[]).filter(isOurs)
    const status = block['is_error'] ? 'error' : 'ok'
    return {
      role: 'tool',
      id: String(block['tool_use_id']),
      tool: 't',
      status,
      content: content.map(toPart),
    }
  })
}

function toPart(block: Block): ToolPart {
  if (block.type === 'text') return { type: 'text', text: String(block['text']) }
  const source = block['source'] as { media_type: string; data: string }
  const mediaType = source.media_type
  if (block.type === 'image') return { type: 'image', mediaType, data: source.data }
  if (block.type === 'document') return { type: 'file', mediaType, data: source.data }
  throw new Error(`There is no part for a block of type ${block.type}`)
}
