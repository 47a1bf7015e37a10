import {
  isJsonObject,
  toolCallPart,
  type Json,
  type JsonObject,
  type ModelDelta,
  type Opaque,
  type ToolCallPart,
} from '@harnext/core/provider'
import { isJson, textIn } from '../json-text.ts'
import type { WireToolCall } from './chat-api.ts'

/** Puts the calls of one answer together. Servers say in many ways to which call a piece belongs. */
export interface CallCollector {
  /** What is to be passed on. */
  take(piece: WireToolCall): ModelDelta | undefined
  /** The complete calls, in order; `isCut`: the output limit may have come before the end of the last. */
  parts(isCut: boolean): ToolCallPart[]
}

interface OpenCall {
  readonly index: number | undefined
  /** As the server gave it; some give none. */
  vendorId: string
  id: string
  tool: string
  text: string
  /** How much of the text was passed on. */
  shown: number
  /** What a vendor puts beside a call, as a signature, comes back beside it. */
  rest: JsonObject
}

export function callCollector(newId: () => string, opaque: (data: Json) => Opaque): CallCollector {
  const calls: OpenCall[] = []

  return {
    take(piece) {
      let call = find(calls, piece)
      if (!call) {
        call = newCall(piece)
        calls.push(call)
      }
      add(call, piece)
      const delta = call.tool ? call.text.slice(call.shown) : ''
      if (!delta) return undefined
      call.shown = call.text.length
      call.id ||= call.vendorId || newId()
      return { type: 'tool_input', id: call.id, tool: call.tool, delta }
    },
    parts: (isCut) =>
      calls.map(({ id, vendorId, tool, text, rest }, at) =>
        toolCallPart({
          id: id || vendorId || newId(),
          tool,
          text,
          cut: isCut && at === calls.length - 1 && (text === '' || !isJson(text)),
          ...(Object.keys(rest).length > 0 && { opaque: opaque(rest) }),
        }),
      ),
  }
}

/** Another id at the same place is another call. Without a place the id counts, and without an id the name begins a call. */
function find(calls: readonly OpenCall[], piece: WireToolCall): OpenCall | undefined {
  const id = textIn(piece['id'])
  if (typeof piece['index'] === 'number') {
    const call = calls.findLast(({ index }) => index === piece['index'])
    return id && call?.vendorId && call.vendorId !== id ? undefined : call
  }
  if (id) return calls.find(({ vendorId }) => vendorId === id)
  return nameOf(piece) ? undefined : calls.at(-1)
}

function newCall({ index }: WireToolCall): OpenCall {
  return {
    index: typeof index === 'number' ? index : undefined,
    vendorId: '',
    id: '',
    tool: '',
    text: '',
    shown: 0,
    rest: {},
  }
}

function add(call: OpenCall, piece: WireToolCall): void {
  const { index: _index, id, type: _type, function: body, ...rest } = piece
  call.vendorId ||= textIn(id)
  call.tool ||= nameOf(piece)
  call.text += argumentsIn(body)
  const said = Object.entries(rest).filter(([, value]) => value !== null)
  call.rest = { ...call.rest, ...Object.fromEntries(said) }
}

function nameOf({ function: body }: WireToolCall): string {
  return isJsonObject(body) ? textIn(body['name']) : ''
}

function argumentsIn(body: Json | undefined): string {
  const args = isJsonObject(body) ? body['arguments'] : undefined
  return isJsonObject(args) ? JSON.stringify(args) : textIn(args)
}
