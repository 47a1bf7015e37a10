// The Anthropic adapter. Anything added here becomes public API. Named exports only.

export { anthropic } from './anthropic-adapter.ts'
export type { AnthropicOptions } from './anthropic-options.ts'
export { anthropicModels, anthropicPrice, defaultModel, type AnthropicModel } from './models.ts'
