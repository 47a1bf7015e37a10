import { anthropic } from '@harnext/provider-anthropic'
import { google } from '@harnext/provider-google'
import { ollama } from '@harnext/provider-ollama'
import { deepseek, groq, mistral, openai, openaiChat, openrouter } from '@harnext/provider-openai'
import { moveConversation, type AdapterFactory } from '@harnext/testkit'
import { expect, it } from 'vitest'

it.each<[string, AdapterFactory[]]>([
  ['Anthropic, OpenAI, Google, Ollama, Anthropic', [anthropic, openai, google, ollama, anthropic]],
  ['Google, Ollama, OpenAI, Google, OpenAI', [google, ollama, openai, google, openai]],
  [
    'Mistral, Anthropic, DeepSeek, OpenRouter, Groq, Google, Mistral',
    [mistral, anthropic, deepseek, openrouter, groq, google, mistral],
  ],
  ['OpenAI by both of its APIs', [openaiChat, openai, openaiChat, openai]],
])('one conversation moves on: %s', async (_way, factories) => {
  const history = await moveConversation(factories.map((factory) => ({ factory })))
  const answers = history.filter(({ role }) => role === 'assistant')
  expect(answers).toHaveLength(factories.length * 2)
})
