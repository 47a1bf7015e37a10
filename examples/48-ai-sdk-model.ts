// Any model of the AI SDK in harnext, with its sessions, permissions and budgets.
import { deepStrictEqual, strictEqual } from 'node:assert'
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { fromAiSdk, fromAiSdkTools } from '@harnext/ai-sdk'
import { Agent } from '@harnext/core'
import { tool } from 'ai'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { z } from 'zod'

const finish = (unified: 'stop' | 'tool-calls'): LanguageModelV4StreamPart => ({
  type: 'finish',
  finishReason: { unified, raw: unified },
  usage: {
    inputTokens: { total: 20, noCache: 20, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 5, text: 5, reasoning: 0 },
  },
})
const answers: LanguageModelV4StreamPart[][] = [
  [
    { type: 'tool-call', toolCallId: '1', toolName: 'convert', input: '{"miles":3}' },
    finish('tool-calls'),
  ],
  [
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Three miles are 4.8 km.' },
    { type: 'text-end', id: 't' },
    finish('stop'),
  ],
]
// The AI SDK's own fake, so that this runs without a key. With one, put: const model = mistral('mistral-large-latest')
const model = new MockLanguageModelV4({
  provider: 'mistral.chat',
  modelId: 'mistral-large-latest',
  doStream: () =>
    Promise.resolve({ stream: simulateReadableStream({ chunks: answers.shift() ?? [] }) }),
})

const convert = tool({
  description: 'Miles in kilometres',
  inputSchema: z.object({ miles: z.number() }),
  execute: async ({ miles }) => Math.round(miles * 16.09) / 10,
})

const agent = new Agent({
  name: 'converter',
  adapter: fromAiSdk(model),
  model: model.modelId,
  // The AI SDK does not say what a call would touch; say it, and the strictest mode lets it pass.
  tools: fromAiSdkTools({ convert }, { effects: { convert: () => [] } }),
  permissionMode: 'plan',
})
const { text, steps, usage, messages } = await agent.run([], 'How far are three miles?').result
console.log(`${text} (${usage.totalTokens} tokens)`)

strictEqual(text, 'Three miles are 4.8 km.')
deepStrictEqual(
  steps.map(({ tool: name, output }) => [name, output]),
  [['convert', '4.8']],
)
const last = messages.at(-1)
deepStrictEqual(last?.role === 'assistant' && [last.provider, last.api], [
  'mistral',
  'ai-sdk:mistral.chat',
])
