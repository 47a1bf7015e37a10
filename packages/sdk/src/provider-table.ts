import type { ProviderAdapter } from '@harnext/core'

/** How a provider is reached. A package that publishes one exports it as `provider`. */
export interface ProviderDefinition {
  /** `anthropic` */
  readonly id: string
  /** Scope of its opaque data, as its adapter says it: `anthropic.messages`. */
  readonly api: string
  /** Environment variables that hold its key; the first that is set counts. Empty: it needs none. */
  readonly keys: readonly string[]
  /** Environment variables that hold another address. */
  readonly baseUrls: readonly string[]
  /** Where the catalog knows none. */
  readonly defaultModel?: string
  /** The `scorecard.json` of its package, as the conformance kit writes it. */
  loadScorecard?(): Promise<ScorecardFile>
  /** Loads what it takes, at the first call. Reads no environment. */
  load(settings: ProviderSettings): Promise<ProviderAdapter>
}

/** How many checks of each law an adapter passed, and the names of those that it did not. */
export interface ScorecardFile {
  readonly adapters: readonly {
    readonly id: string
    readonly api: string
    readonly laws: { readonly [law: string]: { readonly passed: number; readonly of: number } }
    readonly failed: readonly string[]
  }[]
}

export interface ProviderSettings {
  readonly apiKey?: string
  readonly baseUrl?: string
}

/** The providers that come with harnext, in the order in which they are looked for. Each loads its package at its first call. */
export const builtinProviders: readonly ProviderDefinition[] = [
  {
    id: 'anthropic',
    api: 'anthropic.messages',
    keys: ['ANTHROPIC_API_KEY'],
    baseUrls: ['ANTHROPIC_BASE_URL'],
    loadScorecard: async () =>
      (await import('@harnext/provider-anthropic/scorecard.json', { with: { type: 'json' } }))
        .default,
    async load(settings) {
      const { anthropic } = await import('@harnext/provider-anthropic')
      return anthropic(named(settings))
    },
  },
  {
    id: 'openai',
    api: 'openai.responses',
    keys: ['OPENAI_API_KEY'],
    baseUrls: ['OPENAI_BASE_URL'],
    loadScorecard: async () =>
      (await import('@harnext/provider-openai/scorecard.json', { with: { type: 'json' } })).default,
    async load(settings) {
      const { openai } = await import('@harnext/provider-openai')
      return openai(named(settings))
    },
  },
  {
    id: 'google',
    api: 'google.generateContent',
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrls: ['GOOGLE_GEMINI_BASE_URL'],
    loadScorecard: async () =>
      (await import('@harnext/provider-google/scorecard.json', { with: { type: 'json' } })).default,
    async load(settings) {
      const { google } = await import('@harnext/provider-google')
      return google(named(settings))
    },
  },
  {
    id: 'ollama',
    api: 'ollama.chat',
    keys: [],
    baseUrls: ['OLLAMA_HOST'],
    defaultModel: 'llama3.1',
    loadScorecard: async () =>
      (await import('@harnext/provider-ollama/scorecard.json', { with: { type: 'json' } })).default,
    async load({ baseUrl }) {
      const { ollama } = await import('@harnext/provider-ollama')
      return ollama(baseUrl === undefined ? {} : { baseURL: baseUrl })
    },
  },
]

function named({ apiKey, baseUrl }: ProviderSettings): {
  readonly apiKey?: string
  readonly baseURL?: string
} {
  return {
    ...(apiKey !== undefined && { apiKey }),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
  }
}
