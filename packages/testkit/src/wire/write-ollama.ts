import type { JsonObject } from '@harnext/core/provider'
import { piecesOf, scriptedTokens, type WireScript } from './script.ts'

/** An answer of Ollama's chat API, one line an entry. It has no signatures and no refusals. */
export function writeOllama(script: WireScript): string[] {
  const { thinking = '', text = '', calls = [], stop = 'stop', stopWord } = script
  return [
    ...piecesOf(thinking).map((piece) => line({ thinking: piece })),
    ...piecesOf(text).map((piece) => line({ content: piece })),
    ...calls.map(({ id, tool, args }) =>
      line({ tool_calls: [{ id, function: { name: tool, arguments: args } }] }),
    ),
    `${JSON.stringify({ ...fields, message: said({}), done: true, done_reason: stopWord ?? stop, ...counts })}\n`,
  ]
}

const fields = { model: 'testkit', created_at: '2026-01-01T00:00:00Z' }
const said = (message: JsonObject): JsonObject => ({ role: 'assistant', content: '', ...message })

function line(message: JsonObject): string {
  return `${JSON.stringify({ ...fields, message: said(message), done: false })}\n`
}

const { input, cached, output } = scriptedTokens
const counts = { prompt_eval_count: input + cached, eval_count: output }
