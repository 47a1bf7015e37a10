import type { AssistantMessage, Usage } from '@harnext/core'
import type { Attributes, TelemetryStep } from './spans.ts'

/** The conventions' own names of providers, where they are others than ours. */
const providerNames: { readonly [id: string]: string } = {
  google: 'gcp.gemini',
  mistral: 'mistral_ai',
  xai: 'x_ai',
}

export function providerName(id: string): string {
  return Object.hasOwn(providerNames, id) ? (providerNames[id] ?? id) : id
}

/** What a metric says of the model. */
export function modelOf(attributes: Attributes): Attributes {
  const names = ['gen_ai.provider.name', 'gen_ai.request.model']
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)))
}

/** The conventions count what the cache held as input. */
function tokensOf(usage: Usage): readonly { type: 'input' | 'output'; value: number }[] {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage
  return [
    { type: 'input', value: inputTokens + cacheReadTokens + cacheWriteTokens },
    { type: 'output', value: outputTokens },
  ]
}

export function usageOf(usage: Usage): Attributes {
  const [input, output] = tokensOf(usage)
  return {
    'gen_ai.usage.input_tokens': input?.value ?? 0,
    'gen_ai.usage.output_tokens': output?.value ?? 0,
    'gen_ai.usage.cache_read.input_tokens': usage.cacheReadTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
  }
}

/** As the JSON schema of `gen_ai.output.messages` has it. What a vendor signed or hid stays out. */
export function outputMessages({ content, stopReason }: AssistantMessage): string {
  const parts = content.flatMap((part) => {
    if (part.type === 'text') return { type: 'text', content: part.text }
    if (part.type === 'thinking') return { type: 'reasoning', content: part.text }
    if (part.type !== 'tool_call') return []
    return { type: 'tool_call', id: part.id, name: part.tool, arguments: part.args }
  })
  return JSON.stringify([{ role: 'assistant', parts, finish_reason: stopReason }])
}

export function measures(usage: Usage, attributes: Attributes): readonly TelemetryStep[] {
  const metric = 'gen_ai.client.token.usage'
  const tokens = tokensOf(usage).map(
    ({ type, value }) =>
      ({
        type: 'measure',
        metric,
        value,
        attributes: { ...attributes, 'gen_ai.token.type': type },
      }) as const,
  )
  const { costUsd } = usage
  if (!costUsd) return tokens
  return [...tokens, { type: 'measure', metric: 'harnext.cost.usd', value: costUsd, attributes }]
}

/** The name of a span. */
export function named(
  operation: string,
  what: string | number | readonly string[] | undefined,
): string {
  return what === undefined ? operation : `${operation} ${String(what)}`
}
