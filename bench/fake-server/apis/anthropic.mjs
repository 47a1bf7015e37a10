import { named, toolCallId } from './wire.mjs'

/** Anthropic's Messages API. @type {import('./api.ts').Api} */
export const anthropic = {
  path: /^\/v1\/messages$/,
  contentType: 'text/event-stream; charset=utf-8',
  call: (turn, tool) => [
    start(turn),
    event('content_block_start', {
      index: 0,
      content_block: { type: 'tool_use', id: toolCallId(turn), name: tool, input: {} },
    }),
    delta({ type: 'input_json_delta', partial_json: `{"i":${turn}}` }),
    ...end('tool_use'),
  ],
  begin: (turn) => [
    start(turn),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ],
  delta: (text) => delta({ type: 'text_delta', text }),
  end: () => end('end_turn'),
}

function start(/** @type {number} */ turn) {
  return event('message_start', {
    message: {
      id: `msg_${turn}`,
      type: 'message',
      role: 'assistant',
      model: 'fake',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 1,
      },
    },
  })
}

function delta(/** @type {object} */ content) {
  return event('content_block_delta', { index: 0, delta: content })
}

function end(/** @type {string} */ stopReason) {
  return [
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: 10 },
    }),
    event('message_stop', {}),
  ]
}

function event(/** @type {string} */ type, /** @type {object} */ fields) {
  return named(type, { type, ...fields })
}
