import type { JsonObject } from '@harnext/core/provider'
import { piecesOf, scriptedTokens, sseEvent, type WireScript } from './script.ts'
import type { Vault } from './vault.ts'

/** An answer of the Messages API, one event an entry. */
export function writeAnthropic(script: WireScript, vault: Vault): string[] {
  const { thinking, text, calls = [] } = script
  const blocks: Block[] = []
  const signature = thinking === undefined ? undefined : vault.sign(thinking)
  if (thinking !== undefined)
    blocks.push({
      begin: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...piecesOf(thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
        { type: 'signature_delta', signature: signature ?? '' },
      ],
    })
  if (text !== undefined)
    blocks.push({
      begin: { type: 'text', text: '' },
      deltas: piecesOf(text).map((piece) => ({ type: 'text_delta', text: piece })),
    })
  for (const { id, tool, args } of calls) {
    if (signature !== undefined) vault.bind(id, signature)
    const json = Object.keys(args).length > 0 ? JSON.stringify(args) : ''
    blocks.push({
      begin: { type: 'tool_use', id, name: tool, input: {} },
      deltas: piecesOf(json).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    })
  }
  return [start, event({ type: 'ping' }), ...blocks.flatMap(blockEvents), ...end(script)]
}

interface Block {
  readonly begin: JsonObject
  readonly deltas: readonly JsonObject[]
}

const event = (data: JsonObject & { readonly type: string }): string => sseEvent(data, data.type)

const { input, cached, output, reasoning } = scriptedTokens
const counted = { input_tokens: input, cache_read_input_tokens: cached }

const start = event({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-testkit',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...counted, cache_creation_input_tokens: 0, output_tokens: 1 },
  },
})

function blockEvents({ begin, deltas }: Block, index: number): string[] {
  return [
    event({ type: 'content_block_start', index, content_block: begin }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
    event({ type: 'content_block_stop', index }),
  ]
}

function end({ calls = [], stop = 'stop', stopWord }: WireScript): string[] {
  const word = stop === 'stop' && calls.length > 0 ? 'tool_use' : words[stop]
  const usage = {
    ...counted,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: reasoning },
  }
  const delta = { stop_reason: stopWord ?? word, stop_sequence: null }
  return [event({ type: 'message_delta', delta, usage }), event({ type: 'message_stop' })]
}

const words = { stop: 'end_turn', length: 'max_tokens', refused: 'refusal' } as const
