import { Agent, textOf, tool, type Tool } from '@harnext/core'
import { formatOf } from '@harnext/testkit'
import { describe, expect, test } from 'vitest'
import { ollama } from '../src/index.ts'
import { serve } from './loopback.ts'
import { recordings, type Recorded } from './shared.ts'

// The whole agent over recorded tool sessions: the vendor's side is what was recorded, and the tools return what was recorded. The
// last message must be the recorded one, and each later request must add what the recorded client added.

/** Streamed and not, with thinking and without, with one call and with two. */
const sessions = ['0bb4e43d73', '81523ba194', '02b5d29baa', '3b521bfd35']

const all = recordings('chat')
const stepsOf = (id: string): Recorded[] =>
  all.filter(({ session }) => session.id === id).toSorted((a, b) => a.session.step - b.session.step)

describe.skipIf(all.length === 0)('recorded tool sessions', () => {
  test.each(sessions)('%s', async (id) => {
    const steps = stepsOf(id)
    expect(steps.length).toBeGreaterThan(1)
    const server = await serve(
      ...steps.map(({ response: { body, headers } }) => ({
        body,
        headers: { 'content-type': headers['content-type'] ?? 'application/x-ndjson' },
      })),
    )
    const agent = new Agent({
      name: 'replay',
      adapter: ollama({ baseURL: server.url, contextLength: 40_960 }),
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
    expect(result.text).toBe(formatOf('ollama.chat')?.read(last.response.body).text)
    const message = result.messages.at(-1)
    expect(message?.role === 'assistant' && textOf(message.content)).toBe(result.text)

    const sent = server.requests.map(({ body }) => JSON.parse(body).messages)
    expect(sent).toHaveLength(steps.length)
    for (let step = 1; step < steps.length; step++) {
      const added = sent[step].slice(sent[step - 1].length)
      const recorded = messagesOf(steps[step]).slice(messagesOf(steps[step - 1]).length)
      expect(added).toMatchObject(recorded)
    }
  })
})

const messagesOf = (recorded: Recorded | undefined) => recorded?.request.body.messages ?? []

/** One tool for each name, which returns what was recorded, in order. */
function stubs(steps: readonly Recorded[]): Tool[] {
  const results = messagesOf(steps.at(-1)).filter(({ role }) => role === 'tool')
  return [...new Set(results.map((message) => String(message['tool_name'])))].map((name) => {
    const own = results.filter((message) => message['tool_name'] === name)
    return tool({
      name,
      description: name,
      parameters: { type: 'object' },
      effects: () => [],
      execute: () => {
        const result = own.shift()
        if (!result) throw new Error(`nothing more was recorded for ${name}`)
        return result.content
      },
    })
  })
}
