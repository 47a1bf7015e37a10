import type { ProviderDefinition, ProviderSettings } from './provider-table.ts'

/** Names of the presets in `@harnext/provider-openai`. */
type Preset = 'openrouter' | 'groq' | 'deepseek' | 'xai' | 'mistral' | 'llamacpp' | 'vllm'

/** Providers that speak the Chat Completions protocol. */
export const compatibleProviders: readonly ProviderDefinition[] = [
  preset('openrouter', ['OPENROUTER_API_KEY']),
  preset('groq', ['GROQ_API_KEY']),
  preset('deepseek', ['DEEPSEEK_API_KEY']),
  preset('xai', ['XAI_API_KEY']),
  preset('mistral', ['MISTRAL_API_KEY']),
  preset('llamacpp', []),
  preset('vllm', []),
  compatible('nvidia', ['NVIDIA_API_KEY'], 'https://integrate.api.nvidia.com/v1'),
]

function preset(id: Preset, keys: readonly string[]): ProviderDefinition {
  return {
    id,
    api: `${id}.chat`,
    keys,
    baseUrls: [`${id.toUpperCase()}_BASE_URL`],
    loadScorecard: async () =>
      (await import('@harnext/provider-openai/scorecard.json', { with: { type: 'json' } })).default,
    async load(settings) {
      const presets = await import('@harnext/provider-openai')
      return presets[id](options(settings))
    },
  }
}

function compatible(id: string, keys: readonly string[], baseURL: string): ProviderDefinition {
  return {
    id,
    api: `${id}.chat`,
    keys,
    baseUrls: [`${id.toUpperCase()}_BASE_URL`],
    async load(settings) {
      const { openaiCompatible } = await import('@harnext/provider-openai')
      return openaiCompatible({ id, baseURL, ...options(settings) })
    },
  }
}

function options({ apiKey, baseUrl }: ProviderSettings): {
  readonly apiKey?: string
  readonly baseURL?: string
} {
  return {
    ...(apiKey !== undefined && { apiKey }),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
  }
}
