import type { LanguageModelV4 } from '@ai-sdk/provider'
import { fromAiSdk } from '@harnext/ai-sdk'
import type { ProviderAdapter } from '@harnext/core'

/** An adapter of harnext, and which of its models. */
export interface AdapterModel {
  readonly adapter: ProviderAdapter
  readonly model: string
}

/** A model of the AI SDK, or of an adapter. */
export type Model = LanguageModelV4 | AdapterModel

/** Throws `ConfigError` for a model of the AI SDK of another version. */
export function toAdapterModel(model: Model): AdapterModel {
  if ('adapter' in model) return model
  return { adapter: fromAiSdk(model), model: model.modelId }
}
