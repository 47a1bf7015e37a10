import { toolCallId } from './script.mjs'

// Answers as Anthropic's Messages API streams them, as bytes.

/** @typedef {import('./script.mjs').Script} Script */

/** What one delta of a long answer says. */
export const deltaText = 'lorem'

/**
 * The answer as the pieces that are written one after the other. The same buffer stands for many deltas, so that the server is never
 * what is waited for.
 * @param {Script} script
 * @param {number} turn
 * @returns {Generator<Buffer>}
 */
export function* reply(script, turn) {
  if (turn < script.turns) yield toolReply(script, turn)
  else if (script.deltas > 0) yield* longReply(script, turn)
  else yield textReply(script, turn)
}

/** @param {Script} script @param {number} turn */
function toolReply({ tool }, turn) {
  return bytes([
    messageStart(turn),
    event('content_block_start', {
      index: 0,
      content_block: { type: 'tool_use', id: toolCallId(turn), name: tool, input: {} },
    }),
    delta({ type: 'input_json_delta', partial_json: `{"i":${turn}}` }),
    ...end('tool_use'),
  ])
}

/** @param {Script} script @param {number} turn */
function textReply({ text }, turn) {
  return bytes([messageStart(turn), textStart, textDelta(text), ...end('end_turn')])
}

/** @param {Script} script @param {number} turn */
function* longReply({ deltas, batch }, turn) {
  yield bytes([messageStart(turn), textStart])
  const one = textDelta(deltaText)
  const whole = bytes([one.repeat(batch)])
  for (let count = 0; count + batch <= deltas; count += batch) yield whole
  yield bytes([one.repeat(deltas % batch), ...end('end_turn')])
}

function messageStart(/** @type {number} */ turn) {
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

const textStart = event('content_block_start', {
  index: 0,
  content_block: { type: 'text', text: '' },
})

function textDelta(/** @type {string} */ text) {
  return delta({ type: 'text_delta', text })
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
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

function bytes(/** @type {string[]} */ events) {
  return Buffer.from(events.join(''))
}
