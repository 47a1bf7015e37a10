/** Ollama's chat API. Its calls have no ids. @type {import('./api.ts').Api} */
export const ollama = {
  path: /^\/api\/chat$/,
  contentType: 'application/x-ndjson',
  call: (turn, name) => [
    line({ content: '', tool_calls: [{ function: { name, arguments: { i: turn } } }] }),
    ...end,
  ],
  begin: () => [],
  delta: (content) => line({ content }),
  end: () => end,
}

/** @param {object} message @param {object} [more] */
function line(message, more = { done: false }) {
  const created_at = '2026-01-01T00:00:00Z'
  const said = { role: 'assistant', ...message }
  return `${JSON.stringify({ model: 'fake', created_at, message: said, ...more })}\n`
}

const end = [
  line(
    { content: '' },
    {
      done: true,
      done_reason: 'stop',
      total_duration: 1,
      load_duration: 1,
      prompt_eval_count: 10,
      prompt_eval_duration: 1,
      eval_count: 10,
      eval_duration: 1,
    },
  ),
]
