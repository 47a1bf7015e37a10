import type { AssistantPart, ToolCallPart } from '@harnext/core/provider'
import { shownText } from '@harnext/testkit'
import { describe, expect, it } from 'vitest'
import { google } from '../src/index.ts'
import { dialectOf } from '../src/models.ts'
import { contentsWriter } from '../src/to-google-contents.ts'
import {
  collect,
  request,
  toMessage,
  toolSpec,
  user,
  withoutMadeIds,
  type Collected,
} from './collect.ts'
import { serve } from './loopback.ts'
import { readWire, type WireAnswer } from './read-wire.ts'
import { known, toMessages } from './recorded-parts.ts'
import { recordings, type Recorded, type RecordedContent } from './shared.ts'
import { textWriter } from './text-writer.ts'

const all = recordings('generateContent', 'synthetic')
const isBatch = ({ request: sent }: Recorded): boolean =>
  sent?.path.includes('batchGenerateContent') ?? false
const answers = all.filter((one) => one.response.status < 400 && !isBatch(one))
const errors = all.filter(({ response }) => response.status >= 400)

async function replay(
  recorded: Recorded,
  body: string | readonly Uint8Array[],
): Promise<Collected> {
  const { status, headers } = recorded.response
  const server = await serve({ status, headers: kept(headers), body })
  const declared = recorded.request?.body.tools ?? []
  const tools = declared
    .flatMap(({ functionDeclarations = [] }) => functionDeclarations)
    .map(({ name }) => toolSpec(name))
  const model = recorded.model ?? 'gemini-3.5-flash'
  return collect(google({ apiKey: 'key', baseURL: server.url }), request({ model, tools }))
}

/** Without what describes the recording's own transport. */
function kept(headers: Readonly<Record<string, string>>): Record<string, string> {
  const transport = /^(content-length|content-encoding|transfer-encoding|connection|date)$/i
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !transport.test(name)))
}

const named = (recorded: readonly Recorded[]) => recorded.map((one) => [one.name, one] as const)

/** Single bytes; a long body in up to 3,000 pieces, to keep the test short. */
function pieces(body: string): Uint8Array[] {
  const bytes = new TextEncoder().encode(body)
  const size = Math.ceil(bytes.length / 3000)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
}

describe.skipIf(all.length === 0)('recorded answers', () => {
  it.each(named(answers))('%s', async (_name, recorded) => {
    const { body } = recorded.response
    const whole = await replay(recorded, body)
    expect(whole.error).toBeUndefined()
    expectSame(whole, readWire(body))
    const split = await replay(recorded, pieces(body))
    expect(withoutMadeIds(split.parts)).toEqual(withoutMadeIds(whole.parts))
    expect(split.finish).toEqual(whole.finish)
  })

  it.each(named(errors))('%s', async (_name, recorded) => {
    const { error, events } = await replay(recorded, recorded.response.body)
    const { status } = recorded.response
    expect(events).toEqual([])
    const wire = readWire(recorded.response.body)
    expect(wire.error?.code).toBe(status)
    expect(error).toMatchObject({
      status,
      message: expect.stringContaining(`: ${wire.error?.message.slice(0, 200)}`),
      kind: kindOf[status],
      retryable: status === 429 || status >= 500,
    })
    if (status === 429) expect(error).toMatchObject({ retryAfterMs: 48_000 })
  })

  it.each(named(all.filter(isBatch)))('%s, which is no answer', async (_name, recorded) => {
    const { error } = await replay(recorded, recorded.response.body)
    expect(error).toMatchObject({ kind: 'protocol' })
  })

  it('are never taken for complete when they are cut before the reason', async () => {
    const streams = answers.filter(({ stream }) => stream)
    expect(streams.length).toBeGreaterThan(5)
    for (const recorded of streams) {
      const { body } = recorded.response
      const end = body.search(/"(finishReason|blockReason)"/)
      for (let at = 0; at < end; at += Math.ceil(end / 4)) {
        const { error, finish } = await replay(recorded, body.slice(0, at))
        expect(finish).toBeUndefined()
        expect(error).toMatchObject({ kind: 'stream_truncated', retryable: true })
      }
    }
  })
})

const kindOf: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  403: 'permission',
  404: 'not_found',
  429: 'rate_limit',
  503: 'overloaded',
}

function expectSame({ events, parts, finish }: Collected, wire: WireAnswer): void {
  expect(events.at(-1)).toBe(finish)
  expect(shownText(events, 'text')).toBe(wire.text)
  expect(shownText(events, 'thinking')).toBe(wire.thinking)
  expect(joined(parts, 'text')).toBe(wire.text)
  expect(joined(parts, 'thinking')).toBe(wire.thinking)
  expect(parts.flatMap((part) => dataOf(part)['thoughtSignature'] ?? [])).toEqual(wire.signatures)
  const calls = parts.filter((part) => part.type === 'tool_call')
  expect(
    calls.map((call) => ({ name: call.tool, args: call.args, id: dataOf(call)['id'] })),
  ).toEqual(wire.calls)
  expect(parts.filter(({ type }) => type === 'provider').map(dataOf)).toEqual(wire.others)
  expect(parts.flatMap((part) => (part.type === 'source' ? [part.url] : []))).toEqual([
    ...new Set(wire.urls),
  ])
  expect(finish?.rawStopReason).toBe(wire.reason)
  if (calls.length > 0) expect(finish?.stopReason).toBe('tool_calls')
  expectCounts(finish?.usage ?? null, wire.usage)
}

/** What is counted twice or left out would not make the vendor's own sum. */
function expectCounts(
  usage: NonNullable<Collected['finish']>['usage'],
  { promptTokenCount, totalTokenCount, cachedContentTokenCount }: WireAnswer['usage'],
): void {
  if (promptTokenCount === undefined) return expect(usage).toBeNull()
  if (!usage) throw new Error('there is no usage')
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage
  expect(inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens).toBe(totalTokenCount)
  expect(cacheReadTokens).toBe(cachedContentTokenCount ?? 0)
}

const joined = (parts: readonly AssistantPart[], type: 'text' | 'thinking'): string =>
  parts.map((part) => (part.type === type ? part.text : '')).join('')

function dataOf(part: AssistantPart): Readonly<Record<string, unknown>> {
  return part.type === 'source' ? {} : { ...(part.opaque?.data as object | undefined) }
}

const sessions = [...Map.groupBy(all, ({ session }) => session.id).values()]
  .map((steps) => steps.toSorted((a, b) => a.session.step - b.session.step))
  .filter((steps) => steps.length > 1 && steps.some(({ response }) => response.status < 400))

describe.skipIf(all.length === 0)('recorded sessions', () => {
  it('are there', () => {
    expect(sessions.length).toBeGreaterThan(4)
  })

  it.each(sessions.map((steps) => [steps[0]?.name ?? '', steps] as const))(
    'what was answered goes back as it was: %s',
    async (_name, steps) => {
      for (const [at, step] of steps.slice(0, -1).entries()) {
        const before = contentsOf(step)
        const added = contentsOf(steps[at + 1]).slice(before.length)
        const answer = toMessage(await replay(step, step.response.body), step.model ?? '')
        const calls = answer.content.filter(
          (part): part is ToolCallPart => part.type === 'tool_call',
        )
        const users = added.filter(({ role }) => role !== 'model')
        const sent: RecordedContent[] = JSON.parse(
          textWriter(contentsWriter())(
            [user('q'), answer, ...toMessages(users, calls)],
            dialectOf(step.model ?? ''),
          ).text,
        )
        expect(known(added)[0]?.role).toBe('model')
        expect(known(sent.slice(1))).toEqual(known(added))
      }
    },
  )
})

const contentsOf = (recorded: Recorded | undefined): readonly RecordedContent[] =>
  recorded?.request?.body.contents ?? []
