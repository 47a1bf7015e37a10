import { Agent, textOf, tool, type Tool } from '@harnext/core'
import type { ProviderAdapter } from '@harnext/core/provider'
import { formatOf } from '@harnext/testkit'
import { describe, expect, test } from 'vitest'
import { openai, openrouter } from '../src/index.ts'
import { serve } from './loopback.ts'
import { recordings, textIn, type Loose, type Recorded } from './shared.ts'

// The whole agent over recorded tool sessions: the vendor's side is what was recorded, and the tools return what was recorded.

const all = [...recordings('chat'), ...recordings('responses')]

/** Their tools run at the client and their last step is an answer in words. */
const sessions = [
  'ruby-llm-chat-openrouter-reasoning-details-round-trip',
  'pydantic-ai-test-deepseek-responses-function-tool-stream',
  'ruby-llm-chat-tool-choice-and-calls-control-openai-gpt-5-nano',
  'pydantic-ai-test-openai-native-tool-search-streaming',
]

const stepsOf = (name: string): Recorded[] =>
  all
    .filter((recorded) => recorded.name.includes(name))
    .toSorted((a, b) => a.session.step - b.session.step)

const itemsOf = ({ request }: Recorded): readonly Loose[] =>
  request?.body.messages ?? (request?.body.input as readonly Loose[])

describe.skipIf(all.length === 0)('recorded tool sessions', () => {
  test.each(sessions)('%s', async (name) => {
    const steps = stepsOf(name)
    expect(steps).toHaveLength(2)
    const [first, last] = steps as [Recorded, Recorded]
    const { url, requests } = await serve(
      ...steps.map(({ response: { body, headers } }) => ({
        body,
        headers: { 'content-type': headers['content-type'] ?? 'application/json' },
      })),
    )
    const make: (options: object) => ProviderAdapter = first.api === 'chat' ? openrouter : openai
    const agent = new Agent({
      name: 'replay',
      adapter: make({ apiKey: 'key', baseURL: url }),
      model: first.model,
      tools: [stub(itemsOf(last))],
      permissionMode: 'bypass',
      maxRetries: 0,
    })
    const result = await agent.run([], 'Begin.').result
    expect(result.error).toBeUndefined()
    expect(result.stopReason).toBe('complete')
    expect(result.text).toBe(formatOf(`openai.${last.api}`)?.read(last.response.body).text)
    const message = result.messages.at(-1)
    expect(message?.role === 'assistant' && textOf(message.content)).toBe(result.text)
    expect(result.steps).toMatchObject([{ status: 'ok' }])
    expect(requests).toHaveLength(2)
    expect(requests[1]?.body).toContain(JSON.stringify(outputIn(itemsOf(last))))
  })
})

/** The tool that was called, which returns what was recorded. */
function stub(items: readonly Loose[]): Tool {
  const name = items.map(nameIn).find((found) => found !== '') ?? ''
  return tool({
    name,
    description: name,
    parameters: { type: 'object' },
    effects: () => [],
    execute: () => outputIn(items),
  })
}

function nameIn({ type, name, tool_calls: calls }: Loose): string {
  if (type === 'function_call') return textIn(name)
  const [call] = (calls ?? []) as { readonly function: Loose }[]
  return textIn(call?.function['name'])
}

function outputIn(items: readonly Loose[]): string {
  const item = items.find(({ role, type }) => role === 'tool' || type === 'function_call_output')
  return textIn(item?.['content']) || textIn(item?.['output'])
}
