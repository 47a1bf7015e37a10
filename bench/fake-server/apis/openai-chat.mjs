import { toolCallId, unnamed } from './wire.mjs'

/** OpenAI's Chat Completions API. @type {import('./api.ts').Api} */
export const openaiChat = {
  path: /^\/chat\/completions$/,
  contentType: 'text/event-stream; charset=utf-8',
  call: (turn, name) => {
    const first = { index: 0, id: toolCallId(turn), type: 'function' }
    return [
      chunk({ role: 'assistant', content: null }),
      chunk({ tool_calls: [{ ...first, function: { name, arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: `{"i":${turn}}` } }] }),
      ...end('tool_calls'),
    ]
  },
  begin: () => [chunk({ role: 'assistant', content: '' })],
  delta: (content) => chunk({ content }),
  end: () => end('stop'),
}

/** @param {object} delta @param {string | null} [finish_reason] */
function chunk(delta, finish_reason = null) {
  return unnamed({ ...head, choices: [{ index: 0, delta, finish_reason }] })
}

function end(/** @type {string} */ reason) {
  const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 }
  return [chunk({}, reason), unnamed({ ...head, choices: [], usage }), 'data: [DONE]\n\n']
}

const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'fake' }
