import type { LanguageModelV4 } from '@ai-sdk/provider'
import { fromAiSdk } from '@harnext/ai-sdk'
import { Agent } from '@harnext/core'

export async function ask(model: LanguageModelV4, question: string): Promise<string> {
  const agent = new Agent({ name: 'helper', adapter: fromAiSdk(model), model: model.modelId })
  return agent.run([], question).text
}
