import type { JsonObject, ProviderAdapter } from '@harnext/core/provider'
import { reasoningEffort, type EffortLevel } from './effort.ts'
import { openaiCompatible } from './openai-compatible.ts'
import type { OpenAIOptions } from './openai-options.ts'

// Vendors and servers by name. Each takes the options of `openai`, and none reads a key from the environment.

/** OpenRouter. Calls without a key fail before they are sent. */
export function openrouter(options: OpenAIOptions = {}): ProviderAdapter {
  return openaiCompatible({
    ...options,
    id: 'openrouter',
    name: 'OpenRouter',
    baseURL: options.baseURL ?? 'https://openrouter.ai/api/v1',
    needsKey: true,
    flags: {
      files: true,
      effort: {
        levels: () => ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'],
        toFields: (effort) => ({ reasoning: { effort } }),
      },
      replayThinking: true,
      cacheControl: /^anthropic\//,
    },
  })
}

/** Groq. Calls without a key fail before they are sent. */
export function groq(options: OpenAIOptions = {}): ProviderAdapter {
  return openaiCompatible({
    ...options,
    id: 'groq',
    name: 'Groq',
    baseURL: options.baseURL ?? 'https://api.groq.com/openai/v1',
    needsKey: true,
    flags: { maxTokensField: 'max_completion_tokens' },
  })
}

/** DeepSeek. Calls without a key fail before they are sent. */
export function deepseek(options: OpenAIOptions = {}): ProviderAdapter {
  return openaiCompatible({
    ...options,
    id: 'deepseek',
    name: 'DeepSeek',
    baseURL: options.baseURL ?? 'https://api.deepseek.com',
    needsKey: true,
    flags: {
      images: false,
      effort: { levels: () => ['none', 'low', 'high', 'max'], toFields: deepseekThinking },
      replayThinking: true,
      requireThinking: true,
      structuredOutput: 'json_object',
    },
  })
}

/** xAI. Calls without a key fail before they are sent. */
export function xai(options: OpenAIOptions = {}): ProviderAdapter {
  return openaiCompatible({
    ...options,
    id: 'xai',
    name: 'xAI',
    baseURL: options.baseURL ?? 'https://api.x.ai/v1',
    needsKey: true,
    flags: {
      maxTokensField: 'max_completion_tokens',
      effort: { levels: () => ['none', 'low', 'medium', 'high'], toFields: reasoningEffort },
      replayThinking: true,
    },
  })
}

/** Mistral. Calls without a key fail before they are sent. */
export function mistral(options: OpenAIOptions = {}): ProviderAdapter {
  return openaiCompatible({
    ...options,
    id: 'mistral',
    name: 'Mistral',
    baseURL: options.baseURL ?? 'https://api.mistral.ai/v1',
    needsKey: true,
    flags: {
      // It says what was used without being asked, and refuses fields that it does not know.
      streamUsage: false,
      effort: { levels: () => ['none', 'high'], toFields: reasoningEffort },
      shortIds: true,
    },
  })
}

/** A server of llama.cpp. */
export function llamacpp(options: OpenAIOptions = {}): ProviderAdapter {
  return openaiCompatible({
    ...options,
    id: 'llamacpp',
    name: 'llama.cpp',
    baseURL: options.baseURL ?? 'http://127.0.0.1:8080/v1',
    flags: { effort: templateEffort, replayThinking: true, namedToolChoice: false },
  })
}

/** A server of vLLM. */
export function vllm(options: OpenAIOptions = {}): ProviderAdapter {
  return openaiCompatible({
    ...options,
    id: 'vllm',
    name: 'vLLM',
    baseURL: options.baseURL ?? 'http://127.0.0.1:8000/v1',
    flags: { effort: templateEffort, replayThinking: true },
  })
}

/** Thinking is switched apart from how much of it there is. */
function deepseekThinking(level: EffortLevel): JsonObject {
  if (level === 'none') return { thinking: { type: 'disabled' } }
  return { thinking: { type: 'enabled' }, reasoning_effort: level }
}

/** Whoever serves weights leaves it to the template of the model, which takes what it knows. */
const templateEffort = {
  levels: (): readonly EffortLevel[] => ['none', 'low', 'medium', 'high'],
  toFields: (level: EffortLevel): JsonObject => ({
    chat_template_kwargs:
      level === 'none'
        ? { enable_thinking: false }
        : { enable_thinking: true, reasoning_effort: level },
  }),
}
