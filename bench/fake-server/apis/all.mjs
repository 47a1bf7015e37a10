import { anthropic } from './anthropic.mjs'
import { google } from './google.mjs'
import { ollama } from './ollama.mjs'
import { openaiChat } from './openai-chat.mjs'
import { openai } from './openai.mjs'

/** @type {readonly import('./api.ts').Api[]} */
export const apis = [anthropic, openai, openaiChat, google, ollama]
