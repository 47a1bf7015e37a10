import {
  frozenPart,
  toolCallPart,
  type AssistantPart,
  type Json,
  type ModelDelta,
  type Opaque,
} from '@harnext/core/provider'
import { api, type WireBlock, type WireDelta } from './anthropic-api.ts'

/** A content block that is arriving. */
export interface OpenBlock {
  /** What its beginning already said. */
  readonly first?: ModelDelta | undefined
  add(delta: WireDelta): ModelDelta | undefined
  /** Set by the fold when the vendor closed it. */
  isClosed: boolean
  /** Whether the output limit may have cut it although it was closed. */
  readonly mayBeCut: boolean
  /** The complete part; `null` when there is nothing to keep. `isCut`: the output limit came first. */
  part(isCut: boolean): AssistantPart | null
}

export function openBlock(index: number, block: WireBlock, model: string): OpenBlock {
  const opaque = (data: Json): Opaque => ({ by: api, model, data })
  switch (block.type) {
    case 'text':
      return textBlock(index, block, opaque)
    case 'thinking':
      return thinkingBlock(index, block, opaque)
    case 'redacted_thinking':
      return redactedBlock(block, opaque)
    case 'tool_use':
      return toolBlock(index, block, opaque)
    default:
      return vendorBlock(block, opaque)
  }
}

type MakeOpaque = (data: Json) => Opaque

function textBlock(index: number, block: WireBlock, opaque: MakeOpaque): OpenBlock {
  let text = stringOf(block['text'])
  const citations: Json[] = Array.isArray(block['citations']) ? [...block['citations']] : []
  return {
    first: text ? { type: 'text', text, index } : undefined,
    isClosed: false,
    mayBeCut: false,
    add(delta) {
      if (delta.type === 'text_delta') {
        const more = stringOf(delta.text)
        text += more
        return more ? { type: 'text', text: more, index } : undefined
      }
      if (delta.type === 'citations_delta') citations.push(delta.citation)
      return undefined
    },
    part() {
      if (!text && citations.length === 0) return null
      return frozenPart({
        type: 'text',
        text,
        ...(citations.length > 0 && { opaque: opaque({ citations }) }),
      })
    },
  }
}

/** Without its signature the vendor does not take it back, so it gets no opaque data then. */
function thinkingBlock(index: number, block: WireBlock, opaque: MakeOpaque): OpenBlock {
  const { type: _type, thinking, signature: given, ...rest } = block
  let text = stringOf(thinking)
  let signature = stringOf(given)
  return {
    first: text ? { type: 'thinking', text, index } : undefined,
    isClosed: false,
    mayBeCut: false,
    add(delta) {
      if (delta.type === 'thinking_delta') {
        const more = stringOf(delta.thinking)
        text += more
        return more ? { type: 'thinking', text: more, index } : undefined
      }
      if (delta.type === 'signature_delta') signature += stringOf(delta.signature)
      return undefined
    },
    part() {
      if (!text && !signature) return null
      return frozenPart({
        type: 'thinking',
        text,
        ...(signature && { opaque: opaque({ signature, ...rest }) }),
      })
    },
  }
}

function redactedBlock(block: WireBlock, opaque: MakeOpaque): OpenBlock {
  const { type: _type, ...data } = block
  return {
    isClosed: false,
    mayBeCut: false,
    add: () => undefined,
    part: () => frozenPart({ type: 'thinking', text: '', redacted: true, opaque: opaque(data) }),
  }
}

function toolBlock(index: number, block: WireBlock, opaque: MakeOpaque): OpenBlock {
  const { type: _type, id: givenId, name, input, ...rest } = block
  // Only a gateway gives none.
  const id = stringOf(givenId) || `call_${index}`
  const tool = stringOf(name)
  let text = isEmpty(input) ? '' : JSON.stringify(input)
  const data = kept(rest)
  const say = (delta: string): ModelDelta | undefined =>
    delta ? { type: 'tool_input', id, tool, delta } : undefined
  return {
    first: say(text),
    isClosed: false,
    get mayBeCut() {
      return text === '' || !isJson(text)
    },
    add(delta) {
      if (delta.type !== 'input_json_delta') return undefined
      const more = stringOf(delta.partial_json)
      text += more
      return say(more)
    },
    part: (isCut) =>
      toolCallPart({ id, tool, text, cut: isCut, ...(data && { opaque: opaque(data) }) }),
  }
}

/** Whoever called directly is the rule and need not be said. */
function kept(rest: { readonly [key: string]: Json }): Json | null {
  const { caller, ...others } = rest
  const isDirect = JSON.stringify(caller) === '{"type":"direct"}'
  const data = { ...others, ...(caller !== undefined && !isDirect && { caller }) }
  return Object.keys(data).length > 0 ? data : null
}

/** Any other block is the vendor's own business: it goes back as it came, with its deltas put in. */
function vendorBlock(block: WireBlock, opaque: MakeOpaque): OpenBlock {
  const data: Record<string, Json> = { ...block }
  let input = ''
  return {
    isClosed: false,
    mayBeCut: false,
    add(delta) {
      if (delta.type === 'input_json_delta') input += stringOf(delta.partial_json)
      else putIn(data, delta)
      return undefined
    },
    part() {
      // Half of a call to the vendor's own tool cannot go back.
      if (input !== '' && !isJson(input)) return null
      if (input !== '') data['input'] = JSON.parse(input)
      return frozenPart({ type: 'provider', opaque: opaque(data) })
    },
  }
}

/** A delta of a kind that is not known here: text is appended to the field of its name, anything else replaces it. */
function putIn(data: Record<string, Json>, delta: WireDelta): void {
  const { type: _type, ...fields } = delta
  for (const [key, value] of Object.entries(fields) as [string, Json][])
    data[key] = typeof value === 'string' ? stringOf(data[key]) + value : value
}

function stringOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || JSON.stringify(value) === '{}'
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
