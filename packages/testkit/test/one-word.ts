import type { ModelEvent, ProviderAdapter } from '@harnext/core/provider'
import type { FactoryOptions } from '../src/index.ts'

/** Says the same whatever the server sends, which the kit has to notice. */
export function oneWord({ baseURL }: FactoryOptions): ProviderAdapter {
  return {
    id: 'ollama',
    api: 'ollama.chat',
    async *stream(): AsyncGenerator<ModelEvent> {
      await (await fetch(`${baseURL}/api/chat`, { method: 'POST', body: '{}' })).text()
      yield { type: 'text', text: 'word' }
      yield { type: 'part', part: { type: 'text', text: 'word' } }
      const counts = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, costUsd: null }
      yield {
        type: 'finish',
        stopReason: 'stop',
        usage: { inputTokens: 1, outputTokens: 2, ...counts },
      }
    },
  }
}
