import type { Json, JsonObject } from '@harnext/core/provider'
import { piecesOf, scriptedTokens, sseEvent, type WireScript } from './script.ts'
import type { Vault } from './vault.ts'

/** An answer of the Chat Completions API, one event an entry. What was thought is not signed, but known again. */
export function writeChat(script: WireScript, vault: Vault): string[] {
  const { thinking = '', text = '', calls = [], stop = 'stop', stopWord } = script
  for (const { id } of calls) if (thinking !== '') vault.bind(id, vault.sign(thinking))
  const word = stop === 'stop' && calls.length > 0 ? 'tool_calls' : words[stop]
  return [
    delta({ role: 'assistant', content: '' }),
    ...piecesOf(thinking).map((piece) => delta({ reasoning_content: piece })),
    ...piecesOf(text).map((piece) => delta({ content: piece })),
    ...calls.flatMap(({ id, tool, args }, index) => [
      call({ index, id, type: 'function', function: { name: tool, arguments: '' } }),
      ...piecesOf(JSON.stringify(args)).map((piece) =>
        call({ index, function: { arguments: piece } }),
      ),
    ]),
    chunk([{ index: 0, delta: {}, finish_reason: stopWord ?? word }]),
    chunk([], { usage }),
    sseEvent('[DONE]'),
  ]
}

function chunk(choices: Json, rest: JsonObject = {}): string {
  const fields = { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'testkit' }
  return sseEvent({ ...fields, choices, ...rest })
}

const delta = (fields: JsonObject): string =>
  chunk([{ index: 0, delta: fields, finish_reason: null }])
const call = (fields: JsonObject): string => delta({ tool_calls: [fields] })

const { input, cached, output, reasoning } = scriptedTokens
const usage = {
  prompt_tokens: input + cached,
  completion_tokens: output,
  total_tokens: input + cached + output,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: reasoning },
}

const words = { stop: 'stop', length: 'length', refused: 'content_filter' } as const
