import { isBatch, userMessage } from '@harnext/core/provider'
import { ollama, type OllamaOptions } from '@harnext/provider-ollama'

export async function ask(
  model: string,
  question: string,
  options: OllamaOptions = {},
): Promise<string> {
  const request = { model, messages: [userMessage(question)] }
  let answer = ''
  for await (const value of ollama(options).stream(request, {
    signal: AbortSignal.timeout(600_000),
  }))
    for (const event of isBatch(value) ? value : [value])
      if (event.type === 'text') answer += event.text
  return answer
}
