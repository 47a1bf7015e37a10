import { tokensOfTurn, type Turn, type Vendor } from './turn.ts'

const model = 'llama3.1'

/** `/api/chat`: a line of JSON a piece, calls whole and without an id. */
export const ollama: Vendor = {
  id: 'ollama',
  model,
  env: (url) => ({ OLLAMA_HOST: url.replace('http://', '') }),
  path: '/api/chat',
  facts: {
    path: '/api/show',
    body: {
      capabilities: ['completion', 'tools'],
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 131_072 },
    },
  },
  contentType: 'application/x-ndjson',
  encode: (turn) =>
    lines(turn)
      .map((line) => `${JSON.stringify({ model, created_at: '2026-11-21T00:00:00Z', ...line })}\n`)
      .join(''),
}

function lines({ text, calls }: Turn): readonly object[] {
  const message = { role: 'assistant', content: '' }
  const said = text.map((content) => ({ message: { ...message, content }, done: false }))
  const asked = calls.map(({ name, input }, index) => ({
    message: { ...message, tool_calls: [{ function: { index, name, arguments: input } }] },
    done: false,
  }))
  const { input, output } = tokensOfTurn
  return [
    ...said,
    ...asked,
    { message, done: true, done_reason: 'stop', prompt_eval_count: input, eval_count: output },
  ]
}
