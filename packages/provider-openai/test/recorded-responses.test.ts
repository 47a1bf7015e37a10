import type { AssistantPart } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { openai } from '../src/index.ts'
import { collect, dataIn, inputs, joined, request, type Collected } from './collect.ts'
import { serve } from './loopback.ts'
import { readResponses, type ResponsesAnswer } from './read-responses.ts'
import {
  isStream,
  keptHeaders,
  pieces,
  recordings,
  textIn,
  type Loose,
  type Recorded,
} from './shared.ts'

const all = recordings('responses')
const read = (recorded: Recorded): ResponsesAnswer =>
  readResponses(recorded.response.body, isStream(recorded))
const named = (recorded: readonly Recorded[]) => recorded.map((one) => [one.name, one] as const)

async function replay(
  recorded: Recorded,
  body: string | readonly Uint8Array[] = recorded.response.body,
): Promise<Collected> {
  const { status } = recorded.response
  const server = await serve({ status, headers: keptHeaders(recorded), body })
  return collect(
    openai({ apiKey: 'key', baseURL: server.url }),
    request({ model: recorded.model ?? 'm' }),
  )
}

describe.skipIf(all.length === 0)('recorded answers of the Responses API', () => {
  const answers = all.filter(({ response }) => response.status < 400)
  const complete = answers.filter((recorded) => !read(recorded).error)
  const failed = answers.filter((recorded) => read(recorded).error)
  const errors = all.filter(({ response }) => response.status >= 400)

  it('are there', () => {
    expect(complete.length).toBeGreaterThan(35)
    expect(failed).toHaveLength(2)
    expect(errors.length).toBeGreaterThan(5)
  })

  it.each(named(complete))('%s', async (_name, recorded) => {
    const whole = await replay(recorded)
    expect(whole.error).toBeUndefined()
    expectSame(whole, read(recorded))
    const split = await replay(recorded, pieces(recorded.response.body))
    expect(split.parts).toEqual(whole.parts)
    expect(split.finish).toEqual(whole.finish)
    expect(shownText(split.events, 'text')).toBe(shownText(whole.events, 'text'))
  })

  it.each(named(failed))('%s', async (_name, recorded) => {
    const isQuota = read(recorded).error?.['code'] === 'insufficient_quota'
    const { error, finish } = await replay(recorded)
    expect(finish).toBeUndefined()
    expect(error).toMatchObject({ kind: isQuota ? 'quota' : 'server', retryable: !isQuota })
  })

  it.each(named(errors))('%s', async (_name, recorded) => {
    const { status, body } = recorded.response
    const { error, events } = await replay(recorded)
    expect(events).toEqual([])
    expect(error).toMatchObject({
      status,
      kind: body.includes('context window') ? 'overflow' : kindOf[status],
      retryable: status >= 500,
    })
  })
})

const kindOf: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'auth',
  500: 'server',
}

function expectSame({ events, parts, finish }: Collected, wire: ResponsesAnswer): void {
  expect(events.at(-1)).toBe(finish)
  const own = parts.filter(({ type }) => type !== 'source')
  expect(toItems(own)).toEqual(wire.items.flatMap(withoutEmptyTexts))
  expect(shownText(events, 'text')).toBe(joined(parts, 'text'))
  expect(shownText(events, 'thinking')).toBe(joined(parts, 'thinking'))
  for (const part of parts)
    if (part.type === 'tool_call')
      expect(JSON.parse(inputs(events)[part.id] || '{}')).toEqual(part.args)
  const { usage } = wire
  expect(finish?.usage ?? null).toEqual(usage && expectedUsage(usage))
  const raw = wire.reason ?? wire.status
  const hasCalls = wire.items.some(({ type }) => type === 'function_call')
  const isRefused = JSON.stringify(wire.items).includes('"refusal":"')
  expect(finish).toMatchObject({
    rawStopReason: raw,
    stopReason: hasCalls ? 'tool_calls' : isRefused ? 'refused' : (reasons[raw] ?? 'other'),
  })
}

const reasons: Readonly<Record<string, string>> = {
  completed: 'stop',
  max_output_tokens: 'length',
  content_filter: 'refused',
}

function expectedUsage(usage: Loose): object {
  const counts = (key: string) => (usage[key] ?? {}) as Record<string, number>
  const { cached_tokens: cached = 0, cache_write_tokens: written = 0 } =
    counts('input_tokens_details')
  return {
    inputTokens: Number(usage['input_tokens']) - cached - written,
    outputTokens: usage['output_tokens'],
    cacheReadTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: counts('output_tokens_details')['reasoning_tokens'] ?? 0,
    costUsd: null,
  }
}

/** Parts as the vendor's items. */
function toItems(parts: readonly AssistantPart[]): Loose[] {
  const items: Loose[] = []
  for (const part of parts) {
    const data = dataIn(part) as { item?: Loose; part?: Loose } & Loose
    if (part.type === 'text') {
      const key = data.part?.['type'] === 'refusal' ? 'refusal' : 'text'
      const content = { ...data.part, [key]: part.text }
      if (data.item) items.push({ ...data.item, content: [content] })
      else ((items.at(-1) ?? {})['content'] as Loose[]).push(content)
    } else if (part.type === 'tool_call') {
      const { id, tool, args } = part
      const text = { arguments: JSON.stringify(args) }
      items.push({ type: 'function_call', call_id: id, name: tool, ...text, ...data })
    } else items.push(data)
  }
  return items
}

function withoutEmptyTexts(item: Loose): Loose[] {
  if (item['type'] !== 'message') return [item]
  const content = (item['content'] as Loose[]).filter(({ text }) => text !== '').map(asStreamed)
  return content.length > 0 ? [{ ...item, content }] : []
}

/** One recording was shortened by hand, and not everywhere: what was streamed counts. */
function asStreamed(content: Loose): Loose {
  const isLonger = textIn(content['text']).startsWith(
    'The command ran successfully in the container',
  )
  return isLonger ? { ...content, text: 'The command ran successfully.' } : content
}
