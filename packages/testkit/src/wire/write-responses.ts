import type { JsonObject } from '@harnext/core/provider'
import { piecesOf, scriptedTokens, sseEvent, type ScriptedCall, type WireScript } from './script.ts'
import type { Vault } from './vault.ts'

/** An answer of the Responses API, one event an entry. */
export function writeResponses(script: WireScript, vault: Vault): string[] {
  const { thinking, text, calls = [] } = script
  const signature = thinking === undefined ? undefined : vault.sign(thinking)
  const items: Item[] = []
  if (thinking !== undefined && signature !== undefined) items.push(reasoned(thinking, signature))
  if (text !== undefined) items.push(said(text))
  for (const call of calls) {
    if (signature !== undefined) vault.bind(call.id, signature)
    items.push(called(call))
  }
  const output = items.map(({ done }) => done)
  return [
    event({ type: 'response.created', response: response('in_progress', []) }),
    ...items.flatMap(itemEvents),
    last(script, output),
  ]
}

interface Item {
  readonly begun: JsonObject
  readonly events: readonly (JsonObject & { readonly type: string })[]
  readonly done: JsonObject
}

const event = (data: JsonObject & { readonly type: string }): string => sseEvent(data, data.type)

function itemEvents({ begun, events, done }: Item, output_index: number): string[] {
  return [
    event({ type: 'response.output_item.added', output_index, item: begun }),
    ...events.map((one) => event({ ...one, output_index })),
    event({ type: 'response.output_item.done', output_index, item: done }),
  ]
}

function reasoned(text: string, encrypted_content: string): Item {
  const begun = { id: 'rs_1', type: 'reasoning', summary: [] }
  return {
    begun,
    events: piecesOf(text).map((delta) => ({
      type: 'response.reasoning_summary_text.delta',
      summary_index: 0,
      delta,
    })),
    done: { ...begun, summary: [{ type: 'summary_text', text }], encrypted_content },
  }
}

function said(text: string): Item {
  const begun = { id: 'msg_1', type: 'message', role: 'assistant', content: [] }
  return {
    begun: { ...begun, status: 'in_progress' },
    events: piecesOf(text).map((delta) => ({
      type: 'response.output_text.delta',
      content_index: 0,
      delta,
    })),
    done: {
      ...begun,
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    },
  }
}

function called({ id, tool, args }: ScriptedCall): Item {
  const begun = { id: `fc_${id}`, type: 'function_call', call_id: id, name: tool }
  const text = JSON.stringify(args)
  return {
    begun: { ...begun, arguments: '', status: 'in_progress' },
    events: piecesOf(text).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      delta,
    })),
    done: { ...begun, arguments: text, status: 'completed' },
  }
}

function last({ stop = 'stop', stopWord }: WireScript, output: readonly JsonObject[]): string {
  const reason = stopWord ?? words[stop]
  if (reason === undefined)
    return event({
      type: 'response.completed',
      response: { ...response('completed', output), usage },
    })
  const cut = { ...response('incomplete', output), incomplete_details: { reason }, usage }
  return event({ type: 'response.incomplete', response: cut })
}

function response(status: string, output: readonly JsonObject[]): JsonObject {
  return { id: 'resp_1', object: 'response', model: 'testkit', status, output, error: null }
}

const { input, cached, output: outputCount, reasoning } = scriptedTokens
const usage = {
  input_tokens: input + cached,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: outputCount,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + cached + outputCount,
}

const words = { stop: undefined, length: 'max_output_tokens', refused: 'content_filter' } as const
