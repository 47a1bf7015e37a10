import { named, toolCallId } from './wire.mjs'

/** OpenAI's Responses API. @type {import('./api.ts').Api} */
export const openai = {
  path: /^\/responses$/,
  contentType: 'text/event-stream; charset=utf-8',
  call: (turn, name) => {
    const item = {
      id: `fc_${turn}`,
      type: 'function_call',
      status: 'completed',
      call_id: toolCallId(turn),
      name,
      arguments: `{"i":${turn}}`,
    }
    const call = { item_id: item.id, output_index: 0 }
    return [
      ...start(turn),
      event('response.output_item.added', {
        output_index: 0,
        item: { ...item, status: 'in_progress', arguments: '' },
      }),
      event('response.function_call_arguments.delta', { ...call, delta: item.arguments }),
      event('response.function_call_arguments.done', { ...call, arguments: item.arguments }),
      ...end(turn, item),
    ]
  },
  begin: (turn) => [
    ...start(turn),
    event('response.output_item.added', {
      output_index: 0,
      item: { ...message(turn, ''), status: 'in_progress', content: [] },
    }),
    event('response.content_part.added', { ...place(turn), part: part('') }),
  ],
  // The same bytes stand for many: it has the number and the place of none.
  delta: (delta) => event('response.output_text.delta', { ...place(0), delta }),
  end: (turn, text) => [
    event('response.output_text.done', { ...place(turn), text }),
    event('response.content_part.done', { ...place(turn), part: part(text) }),
    ...end(turn, message(turn, text)),
  ],
}

function start(/** @type {number} */ turn) {
  const response = responseOf(turn, [], 'in_progress')
  return [event('response.created', { response }), event('response.in_progress', { response })]
}

/** @param {number} turn @param {object} item */
function end(turn, item) {
  return [
    event('response.output_item.done', { output_index: 0, item }),
    event('response.completed', { response: responseOf(turn, [item], 'completed') }),
  ]
}

function place(/** @type {number} */ turn) {
  return { item_id: `msg_${turn}`, output_index: 0, content_index: 0 }
}

function part(/** @type {string} */ text) {
  return { type: 'output_text', text, annotations: [] }
}

/** @param {number} turn @param {string} text */
function message(turn, text) {
  const content = [part(text)]
  return { id: `msg_${turn}`, type: 'message', status: 'completed', role: 'assistant', content }
}

/** @param {number} turn @param {readonly object[]} output @param {string} status */
function responseOf(turn, output, status) {
  return {
    id: `resp_${turn}`,
    object: 'response',
    created_at: 1,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: 'fake',
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 20,
    },
    metadata: {},
  }
}

function event(/** @type {string} */ type, /** @type {object} */ fields) {
  return named(type, { type, sequence_number: 0, ...fields })
}
