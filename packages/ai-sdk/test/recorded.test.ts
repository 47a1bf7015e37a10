import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createAnthropic } from '@ai-sdk/anthropic'
import type { ProviderAdapter } from '@harnext/core/provider'
import { replayCorpus, type FactoryOptions } from '@harnext/testkit'
import { expect, test } from 'vitest'
import { fromAiSdk } from '../src/index.ts'

// Recorded answers of the vendor through the AI SDK's provider, whole and in pieces. They are absent on most machines.

const beside = fileURLToPath(new URL('../../../../shared', import.meta.url))
const folder = `${process.env['HARNEXT_SHARED'] ?? beside}/fixtures/recorded/anthropic`
const isThere = existsSync(folder)
if (!isThere) console.warn(`No recorded traffic in ${folder}: set HARNEXT_SHARED. Skipped.`)

/** One adapter for all models: those of the AI SDK are made for one each. */
function adapter({ baseURL, apiKey }: FactoryOptions): ProviderAdapter {
  const anthropic = createAnthropic({ baseURL: `${baseURL}/v1`, apiKey })
  return {
    id: 'anthropic',
    api: 'ai-sdk:anthropic.messages',
    stream: (request, context) => fromAiSdk(anthropic(request.model)).stream(request, context),
  }
}

test.skipIf(!isThere)(
  'recorded streams of Anthropic say the same through the AI SDK',
  async () => {
    // The AI SDK asks for streams, and reads nothing else then.
    const whole = new Set<string>()
    const failed: string[] = []
    let passed = 0
    for await (const { file, status } of replayCorpus(folder, ({ name, response }) => {
      if (response.status === 200 && !response.body.startsWith('event:')) whole.add(name)
      return adapter
    })) {
      if (status === 'passed') passed += 1
      else if (status === 'failed' && !whole.has(file)) failed.push(file)
    }
    expect(passed).toBeGreaterThan(20)
    expect(failed).toEqual([
      // An answer that was begun twice, which the AI SDK takes for an error.
      'messages/ai-spliced-message-start-chunks.json',
      // Its summary is text to the AI SDK.
      'messages/pydantic-ai-test-anthropic-compaction-usage-with-cache-streaming.json',
    ])
  },
  60_000,
)
