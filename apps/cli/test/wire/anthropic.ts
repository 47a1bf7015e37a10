import { halves, sse, tokensOfTurn, type Turn, type Vendor } from './turn.ts'

/** The Messages API. */
export const anthropic: Vendor = {
  id: 'anthropic',
  model: 'claude-sonnet-5-5',
  env: (url) => ({ ANTHROPIC_API_KEY: 'key-of-the-test', ANTHROPIC_BASE_URL: url }),
  path: '/v1/messages',
  key: ['authorization', 'Bearer key-of-the-test'],
  contentType: 'text/event-stream',
  encode: (turn, index) => sse(events(turn, index), true),
}

function events({ text, calls }: Turn, turn: number): readonly object[] {
  const block = (index: number, content_block: object, deltas: readonly object[]) => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
  return [
    {
      type: 'message_start',
      message: {
        id: `msg_${turn}`,
        type: 'message',
        role: 'assistant',
        model: anthropic.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: tokensOfTurn.input, output_tokens: 1 },
      },
    },
    ...block(
      0,
      { type: 'text', text: '' },
      text.map((piece) => ({ type: 'text_delta', text: piece })),
    ),
    ...calls.flatMap(({ name, input }, index) =>
      block(
        index + 1,
        { type: 'tool_use', id: `toolu_${turn}_${index}`, name, input: {} },
        halves(input).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ),
    ),
    {
      type: 'message_delta',
      delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: tokensOfTurn.output },
    },
    { type: 'message_stop' },
  ]
}
