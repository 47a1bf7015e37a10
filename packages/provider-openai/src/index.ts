// The OpenAI adapters. Anything added here becomes public API. Named exports only.

export { openai, openaiChat } from './openai-adapter.ts'
export { openaiCompatible, type CompatibleOptions } from './openai-compatible.ts'
export type { OpenAIOptions } from './openai-options.ts'
export type { ChatFlags, EffortFlags } from './chat/chat-flags.ts'
export type { EffortLevel } from './effort.ts'
export { deepseek, groq, llamacpp, mistral, openrouter, vllm, xai } from './presets.ts'
