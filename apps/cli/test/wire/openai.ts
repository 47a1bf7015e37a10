import { halves, sse, tokensOfTurn, type Turn, type TurnCall, type Vendor } from './turn.ts'

/** The Responses API. */
export const openai: Vendor = {
  id: 'openai',
  model: 'gpt-6.1-sol',
  env: (url) => ({ OPENAI_API_KEY: 'key-of-the-test', OPENAI_BASE_URL: `${url}/v1` }),
  path: '/v1/responses',
  key: ['authorization', 'Bearer key-of-the-test'],
  contentType: 'text/event-stream',
  encode: (turn, index) => sse(events(turn, index), true),
}

function events({ text, calls }: Turn, turn: number): readonly object[] {
  const message = { id: `msg_${turn}`, type: 'message', role: 'assistant' }
  const content = [{ type: 'output_text', text: text.join(''), annotations: [] }]
  const said = { ...message, status: 'completed', content }
  const items = [said, ...calls.map((call, index) => callItem(call, turn, index))]
  const { input, output } = tokensOfTurn
  const response = {
    id: `resp_${turn}`,
    object: 'response',
    model: openai.model,
    status: 'completed',
    error: null,
    incomplete_details: null,
    output: items,
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + output,
    },
  }
  return [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...message, status: 'in_progress', content: [] },
    },
    ...text.map((delta) => ({
      type: 'response.output_text.delta',
      output_index: 0,
      content_index: 0,
      delta,
    })),
    { type: 'response.output_item.done', output_index: 0, item: said },
    ...calls.flatMap((call, index) => callEvents(call, turn, index)),
    { type: 'response.completed', response },
  ].map((event, sequence_number) => ({ ...event, sequence_number }))
}

function callItem({ name, input }: TurnCall, turn: number, index: number): object {
  const id = `${turn}_${index}`
  const args = JSON.stringify(input)
  return { id: `fc_${id}`, type: 'function_call', call_id: `call_${id}`, name, arguments: args }
}

function callEvents(call: TurnCall, turn: number, index: number): readonly object[] {
  const output_index = index + 1
  const item = callItem(call, turn, index)
  return [
    { type: 'response.output_item.added', output_index, item: { ...item, arguments: '' } },
    ...halves(call.input).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      output_index,
      delta,
    })),
    { type: 'response.output_item.done', output_index, item },
  ]
}
