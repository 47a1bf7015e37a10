import { createAnthropic } from '@ai-sdk/anthropic'
import type { ProviderAdapter } from '@harnext/core/provider'
import { ConfigError } from '@harnext/core/provider'
import { formatOf, testProvider, type FactoryOptions } from '@harnext/testkit'
import { expect, it } from 'vitest'
import { fromAiSdk } from '../src/index.ts'

/** One adapter for all models: those of the AI SDK are made for one each. */
function adapter({ baseURL, apiKey }: FactoryOptions): ProviderAdapter {
  const anthropic = createAnthropic({ baseURL: `${baseURL}/v1`, apiKey })
  return {
    id: 'anthropic',
    api: 'ai-sdk:anthropic.messages',
    stream: (request, context) => fromAiSdk(anthropic(request.model)).stream(request, context),
  }
}

it('does what harnext expects of an adapter, but for what the AI SDK does otherwise', async () => {
  const format = formatOf('anthropic.messages')
  if (!format) throw new ConfigError('The kit does not know the format.')
  const { results } = await testProvider(adapter, { format, streams: 40 })
  const failed = results.filter(({ status }) => status === 'failed')
  expect(results.length).toBeGreaterThan(100)
  expect(failed.map(({ law, name }) => `${law} ${name}`)).toEqual([
    // It refuses events that it does not know.
    '1 events that are new',
    '3 lines that end in CR, byte by byte',
    // Options of a vendor go into providerOptions, which it checks.
    '4 params go into the body as they are',
    // An id of the provider's own stays as it is, also where another provider would not take it.
    '9 what the vendor gave comes back as it was',
  ])
}, 120_000)
