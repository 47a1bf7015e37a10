import { isBatch, userMessage } from '@harnext/core/provider'
import { anthropic, defaultModel, type AnthropicOptions } from '@harnext/provider-anthropic'

export async function ask(question: string, options: AnthropicOptions): Promise<string> {
  const request = { model: defaultModel, messages: [userMessage(question)] }
  let answer = ''
  for await (const value of anthropic(options).stream(request, {
    signal: AbortSignal.timeout(60_000),
  }))
    for (const event of isBatch(value) ? value : [value])
      if (event.type === 'text') answer += event.text
  return answer
}
