import { Agent, textOf, tool, type Tool } from '@harnext/core'
import { describe, expect, test } from 'vitest'
import { google } from '../src/index.ts'
import { serve } from './loopback.ts'
import { readWire } from './read-wire.ts'
import { known, resultParts } from './recorded-parts.ts'
import { recordings, type Recorded, type RecordedContent } from './shared.ts'

// The whole agent over recorded tool sessions: the vendor's side is what was recorded, and the tools return what was recorded. The
// last message must be the recorded one, and each later request must add what the recorded client added.

/** Their tools run at the client: streamed; with a signed call; with a document in the result. */
const sessions = ['65ef7c752f', '6571023572', 'ed43555ab1']

const all = recordings('generateContent')
const stepsOf = (id: string): Recorded[] =>
  all.filter(({ session }) => session.id === id).toSorted((a, b) => a.session.step - b.session.step)

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
      adapter: google({ apiKey: 'key', baseURL: server.url }),
      model: steps[0]?.model ?? '',
      tools: stubs(steps),
      permissionMode: 'bypass',
      maxRetries: 0,
    })
    const result = await agent.run([], 'Begin.').result
    expect(result.error).toBeUndefined()
    expect(result.stopReason).toBe('complete')
    expect(result.toolCalls).toBeGreaterThan(0)

    const last = steps.at(-1) as Recorded
    expect(result.text).toBe(readWire(last.response.body).text)
    const message = result.messages.at(-1)
    expect(message?.role === 'assistant' && textOf(message.content)).toBe(result.text)

    const sent = server.requests.map(
      ({ body }): readonly RecordedContent[] => JSON.parse(body).contents,
    )
    expect(sent).toHaveLength(steps.length)
    for (let step = 1; step < steps.length; step++) {
      const added = (sent[step] ?? []).slice(sent[step - 1]?.length)
      const recorded = contentsOf(steps[step]).slice(contentsOf(steps[step - 1]).length)
      expect(known(added)).toEqual(known(recorded))
    }
  })
})

const contentsOf = (recorded: Recorded | undefined): readonly RecordedContent[] =>
  recorded?.request?.body.contents ?? []

interface Response {
  readonly name: string
  readonly response: object
}

/** One tool for each name, which returns what was recorded, in order. */
function stubs(steps: readonly Recorded[]): Tool[] {
  const responses = contentsOf(steps.at(-1))
    .flatMap(({ parts }) => parts)
    .flatMap(({ functionResponse }) => functionResponse ?? []) as Response[]
  return [...new Set(responses.map(({ name }) => name))].map((name) => {
    const own = responses.filter((response) => response.name === name)
    return tool({
      name,
      description: name,
      parameters: { type: 'object' },
      effects: () => [],
      execute: () => {
        const response = own.shift()
        if (!response) throw new Error(`nothing more was recorded for ${name}`)
        return { output: '', isError: 'error' in response.response, content: resultParts(response) }
      },
    })
  })
}
