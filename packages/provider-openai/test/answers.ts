import type { ProviderAdapter } from '@harnext/core/provider'
import { openai, openaiChat, type OpenAIOptions } from '../src/index.ts'
import { done, sse } from './loopback.ts'

/** The same answer in both APIs, as it is on the wire and as it is understood. */
export interface Sample {
  readonly api: string
  readonly path: string
  readonly adapter: (options: OpenAIOptions) => ProviderAdapter
  readonly stream: string
  /** Where an answer is complete in the stream: one that ends before it was cut. */
  readonly completeAt: number
  /** The beginning of the stream, with all of the text. */
  readonly beginning: string
  /** The answer of a server that does not stream. */
  readonly whole: object
  readonly parts: readonly object[]
  readonly finish: object
  readonly inputs: Readonly<Record<string, string>>
}

const usage = {
  inputTokens: 40,
  outputTokens: 90,
  cacheReadTokens: 2000,
  cacheWriteTokens: 300,
  reasoningTokens: 30,
  costUsd: null,
}
const thinking = 'Two places, two calls.'
const text = 'Ich prüfe das Wetter 🌦️.'
const first = { type: 'tool_call', id: 'call_1', tool: 'weather', args: { place: 'Zürich' } }
const second = { type: 'tool_call', id: 'call_2', tool: 'now', args: {} }

const model = 'gpt-5.4-2026-03-05'
const opaque = (by: string, data: object): object => ({ opaque: { by, model, data } })

function responsesSample(): Sample {
  const reasoning = {
    id: 'rs_1',
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: thinking }],
    encrypted_content: 'ZW5jcnlwdGVk',
  }
  const envelope = { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant' }
  const outputText = { type: 'output_text', annotations: [] }
  const message = { ...envelope, content: [{ ...outputText, text }] }
  const call = (id: string, name: string, args: string) => ({
    id: `fc_${id}`,
    type: 'function_call',
    call_id: `call_${id}`,
    name,
    arguments: args,
  })
  const output = [
    reasoning,
    message,
    call('1', 'weather', '{"place":"Zürich"}'),
    call('2', 'now', '{}'),
  ]
  const added = (output_index: number, item: object) => ({
    type: 'response.output_item.added',
    output_index,
    item,
  })
  const completed = (output_index: number) => ({
    type: 'response.output_item.done',
    output_index,
    item: output[output_index],
  })
  const delta = (type: string, output_index: number, piece: string, more: object = {}) => ({
    type: `response.${type}.delta`,
    output_index,
    delta: piece,
    ...more,
  })
  const response = {
    id: 'resp_1',
    object: 'response',
    model,
    status: 'completed',
    error: null,
    incomplete_details: null,
    output,
    usage: {
      input_tokens: 2340,
      input_tokens_details: { cached_tokens: 2000, cache_write_tokens: 300 },
      output_tokens: 90,
      output_tokens_details: { reasoning_tokens: 30 },
      total_tokens: 2430,
    },
  }
  const opening = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    added(0, { ...reasoning, summary: [], encrypted_content: null }),
    delta('reasoning_summary_text', 0, 'Two places, ', { summary_index: 0 }),
    delta('reasoning_summary_text', 0, 'two calls.', { summary_index: 0 }),
    completed(0),
    added(1, { ...message, status: 'in_progress', content: [] }),
    delta('output_text', 1, 'Ich prüfe ', { content_index: 0 }),
    delta('output_text', 1, 'das Wetter 🌦️.', { content_index: 0 }),
  ]
  const stream = sse([
    ...opening,
    completed(1),
    added(2, call('1', 'weather', '')),
    delta('function_call_arguments', 2, '{"place":"Zü'),
    delta('function_call_arguments', 2, 'rich"}'),
    completed(2),
    added(3, call('2', 'now', '')),
    delta('function_call_arguments', 3, '{}'),
    completed(3),
    { type: 'response.completed', response },
  ])
  const by = 'openai.responses'
  return {
    api: by,
    path: '/responses',
    adapter: openai,
    stream,
    completeAt: stream.length,
    beginning: sse(opening),
    whole: response,
    parts: [
      { type: 'thinking', text: thinking, ...opaque(by, reasoning) },
      { type: 'text', text, ...opaque(by, { item: envelope, part: outputText }) },
      { ...first, ...opaque(by, { id: 'fc_1' }) },
      { ...second, ...opaque(by, { id: 'fc_2' }) },
    ],
    finish: { type: 'finish', stopReason: 'tool_calls', rawStopReason: 'completed', usage },
    inputs: { call_1: '{"place":"Zürich"}', call_2: '{}' },
  }
}

function chatSample(): Sample {
  const id = 'chatcmpl-1'
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    id,
    object: 'chat.completion.chunk',
    model,
    choices: [{ index: 0, delta, finish_reason }],
  })
  const call = (index: number, callId: string, name: string, args: string) => ({
    index,
    id: callId,
    type: 'function',
    function: { name, arguments: args },
  })
  const more = (index: number, args: string) => ({ index, function: { arguments: args } })
  const counts = {
    prompt_tokens: 2340,
    prompt_tokens_details: { cached_tokens: 2000, cache_write_tokens: 300 },
    completion_tokens: 90,
    completion_tokens_details: { reasoning_tokens: 30 },
    total_tokens: 2430,
  }
  const opening = [
    chunk({ role: 'assistant', content: '', refusal: null }),
    chunk({ reasoning_content: 'Two places, ' }),
    chunk({ reasoning_content: 'two calls.' }),
    chunk({ content: 'Ich prüfe ' }),
    chunk({ content: 'das Wetter 🌦️.' }),
  ]
  const begin = sse([
    ...opening,
    chunk({ tool_calls: [call(0, 'call_1', 'weather', '')] }),
    chunk({ tool_calls: [more(0, '{"place":"Zü')] }),
    chunk({ tool_calls: [more(0, 'rich"}'), call(1, 'call_2', 'now', '{}')] }),
  ])
  const stop = sse([chunk({}, 'tool_calls')])
  const rest = sse([{ id, model, choices: [], usage: counts }], done)
  const message = {
    role: 'assistant',
    content: text,
    reasoning_content: thinking,
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'weather', arguments: '{"place":"Zürich"}' },
      },
      { id: 'call_2', type: 'function', function: { name: 'now', arguments: '{}' } },
    ],
  }
  return {
    api: 'openai.chat',
    path: '/chat/completions',
    adapter: openaiChat,
    stream: begin + stop + rest,
    completeAt: begin.length + stop.length,
    beginning: sse(opening),
    whole: {
      id,
      model,
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
      usage: counts,
    },
    parts: [
      {
        type: 'thinking',
        text: thinking,
        ...opaque('openai.chat', { field: 'reasoning_content' }),
      },
      { type: 'text', text },
      first,
      second,
    ],
    finish: { type: 'finish', stopReason: 'tool_calls', rawStopReason: 'tool_calls', usage },
    inputs: { call_1: '{"place":"Zürich"}', call_2: '{}' },
  }
}

export const samples: readonly Sample[] = [responsesSample(), chatSample()]
export const sampleText: string = text
export const sampleThinking: string = thinking
