import { isBatch, userMessage, type ProviderAdapter } from '@harnext/core/provider'
import { openai, openrouter, type OpenAIOptions } from '@harnext/provider-openai'

export const askOpenAI = (question: string, options: OpenAIOptions): Promise<string> =>
  ask(question, openai(options), 'gpt-5.4')

export const askOpenRouter = (question: string, options: OpenAIOptions): Promise<string> =>
  ask(question, openrouter(options), 'openai/gpt-5.4')

async function ask(question: string, adapter: ProviderAdapter, model: string): Promise<string> {
  const request = { model, messages: [userMessage(question)] }
  let answer = ''
  for await (const value of adapter.stream(request, { signal: AbortSignal.timeout(60_000) }))
    for (const event of isBatch(value) ? value : [value])
      if (event.type === 'text') answer += event.text
  return answer
}
