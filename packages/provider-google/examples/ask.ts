import { isBatch, userMessage } from '@harnext/core/provider'
import { defaultModel, google, type GoogleOptions } from '@harnext/provider-google'

export async function ask(question: string, options: GoogleOptions): Promise<string> {
  const request = { model: defaultModel, messages: [userMessage(question)] }
  let answer = ''
  for await (const value of google(options).stream(request, {
    signal: AbortSignal.timeout(60_000),
  }))
    for (const event of isBatch(value) ? value : [value])
      if (event.type === 'text') answer += event.text
  return answer
}
