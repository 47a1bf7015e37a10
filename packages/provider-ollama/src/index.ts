// The Ollama adapter. Anything added here becomes public API. Named exports only.

export { ollama } from './ollama-adapter.ts'
export type { OllamaOptions } from './ollama-options.ts'
