import {
  isJsonObject,
  toolCallPart,
  type AssistantPart,
  type Json,
  type JsonObject,
  type ModelDelta,
  type Opaque,
  type TextPart,
  type ThinkingPart,
} from '@harnext/core/provider'
import { isJson, listIn, textIn } from '../json-text.ts'
import type { WireItem } from './responses-api.ts'

/** An output item that is arriving. What an `add` gives is the delta to pass on. */
export interface OpenItem {
  begin(item: WireItem | undefined): void
  addText(contentIndex: number, delta: string): ModelDelta | undefined
  /** `section` counts the summaries or texts of one item. */
  addThinking(section: number | undefined, delta: string): ModelDelta | undefined
  addArguments(delta: string): ModelDelta | undefined
  /** The item as it goes back to the vendor. */
  complete(item: WireItem | undefined): void
  /** The same item in the last event of the answer, which fills in what is missing. */
  completeLate(item: WireItem): void
  /** `isCut`: the output limit may have come before its end. */
  close(isCut: boolean, opaque: MakeOpaque): ClosedItem
}

export interface ClosedItem {
  /** What was not passed on while it arrived. */
  readonly events: readonly ModelDelta[]
  readonly parts: readonly AssistantPart[]
  readonly isRefused: boolean
}

type MakeOpaque = (data: Json) => Opaque

interface Shown {
  readonly index: number
  text: string
}

/** `nextIndex` numbers the parts in the order in which they are first heard of. */
export function openItem(nextIndex: () => number): OpenItem {
  let item: WireItem | undefined
  let isComplete = false
  const texts = new Map<number, Shown>()
  let thinking: (Shown & { section: number }) | undefined
  const args = { text: '', isShown: false }

  const textAt = (contentIndex: number): Shown => {
    const shown = texts.get(contentIndex) ?? { index: nextIndex(), text: '' }
    texts.set(contentIndex, shown)
    return shown
  }
  const open: OpenItem = {
    begin(given) {
      item ??= given
    },
    addText(contentIndex, delta) {
      return show('text', textAt(contentIndex), delta)
    },
    addThinking(section = 0, delta) {
      thinking ??= { index: nextIndex(), text: '', section }
      const gap = section === thinking.section ? '' : SECTION_GAP
      thinking.section = section
      return show('thinking', thinking, delta && gap + delta)
    },
    addArguments(delta) {
      args.text += delta
      if (!delta || !item || (args.text !== delta && !args.isShown)) return undefined
      args.isShown = true
      return { type: 'tool_input', ...namesOf(item), delta }
    },
    complete(given) {
      item = given ?? item
      isComplete = given !== undefined
    },
    completeLate(final) {
      if (!isComplete) {
        if (item === undefined || item.type === final.type) open.complete(final)
      } else if (item?.type === 'reasoning' && final.type === 'reasoning')
        item = withEncrypted(item, final)
    },
    close: (isCut, opaque) => withStrays(closeAs(isCut, opaque), texts.values(), thinking),
  }
  const closeAs = (isCut: boolean, opaque: MakeOpaque): ClosedItem => {
    const whole = isComplete ? item : undefined
    if (item?.type === 'function_call') return closeCall(item, whole, args, isCut, opaque)
    if (item?.type === 'reasoning' || thinking) {
      thinking ??= { index: nextIndex(), text: '', section: 0 }
      return closeThinking(whole, thinking, opaque)
    }
    if (item?.type === 'message' || texts.size > 0)
      return closeMessage(whole, [...texts], textAt, opaque)
    return { ...nothing, parts: whole ? [{ type: 'provider', opaque: opaque(whole) }] : [] }
  }
  return open
}

/** What was shown and stands in none of the parts becomes one: an item may say less than its events did. */
function withStrays(
  closed: ClosedItem,
  texts: Iterable<Shown>,
  thinking: Shown | undefined,
): ClosedItem {
  const kept = closed.parts.map((part) => ('text' in part ? `${part.type}:${part.text}` : ''))
  const strays: (TextPart | ThinkingPart)[] = []
  const look = (type: 'text' | 'thinking', { text }: Shown): void => {
    const at = kept.indexOf(`${type}:${text}`)
    if (at !== -1) kept.splice(at, 1)
    else if (text !== '') strays.push({ type, text })
  }
  if (thinking) look('thinking', thinking)
  for (const shown of texts) look('text', shown)
  return strays.length > 0 ? { ...closed, parts: [...strays, ...closed.parts] } : closed
}

const SECTION_GAP = '\n\n'

const nothing: ClosedItem = { events: [], parts: [], isRefused: false }

function show(type: 'text' | 'thinking', shown: Shown, delta: string): ModelDelta | undefined {
  shown.text += delta
  return delta ? { type, text: delta, index: shown.index } : undefined
}

function namesOf(item: WireItem): { readonly id: string; readonly tool: string } {
  return { id: textIn(item['call_id']) || textIn(item['id']) || 'call', tool: textIn(item['name']) }
}

function closeCall(
  item: WireItem,
  whole: WireItem | undefined,
  args: { readonly text: string; readonly isShown: boolean },
  isCut: boolean,
  opaque: MakeOpaque,
): ClosedItem {
  const text = textIn(whole?.['arguments']) || args.text
  const names = namesOf(item)
  const mayBeCut = !whole || whole['status'] === 'incomplete' || !isJson(text)
  const { type: _type, call_id: _id, name: _name, arguments: _arguments, ...rest } = item
  const part = toolCallPart({ ...names, text, cut: isCut && mayBeCut })
  // The model's own spelling comes back too, or the vendor's cache would not know it again.
  const isRespelled = part.invalid === undefined && text !== JSON.stringify(part.args)
  const data = { ...rest, ...(isRespelled && text && { arguments: text }) }
  return {
    events: args.isShown || !text ? [] : [{ type: 'tool_input', ...names, delta: text }],
    parts: [whole && Object.keys(data).length > 0 ? { ...part, opaque: opaque(data) } : part],
    isRefused: false,
  }
}

function closeThinking(whole: WireItem | undefined, shown: Shown, opaque: MakeOpaque): ClosedItem {
  const { text, event } = late('thinking', shown, whole ? thinkingIn(whole) : '')
  if (!whole && !text) return nothing
  const data = whole && { opaque: opaque(whole) }
  return {
    events: event,
    parts: [{ type: 'thinking', text, ...(text === '' && { redacted: true }), ...data }],
    isRefused: false,
  }
}

/** The item without its texts goes with the first of its parts. */
function closeMessage(
  whole: WireItem | undefined,
  texts: readonly (readonly [number, Shown])[],
  textAt: (contentIndex: number) => Shown,
  opaque: MakeOpaque,
): ClosedItem {
  const events: ModelDelta[] = []
  const parts: TextPart[] = []
  let isRefused = false
  const { content, ...envelope }: JsonObject = whole ?? {}
  if (!whole)
    for (const [, { text }] of texts.toSorted(([a], [b]) => a - b))
      if (text) parts.push({ type: 'text', text })
  for (const [index, wire] of listIn(content).entries()) {
    if (!isJsonObject(wire)) continue
    const { text: plain, refusal, ...part } = wire
    const { text, event } = late('text', textAt(index), textIn(plain) || textIn(refusal))
    events.push(...event)
    isRefused ||= wire['type'] === 'refusal'
    const data = { ...(parts.length === 0 && { item: envelope }), part }
    if (text) parts.push({ type: 'text', text, opaque: opaque(data) })
  }
  return { events, parts, isRefused }
}

/** What of a text did not stream is passed on in one piece. Where the item says something else, what was shown counts. */
function late(
  type: 'text' | 'thinking',
  shown: Shown,
  whole: string,
): { readonly text: string; readonly event: readonly ModelDelta[] } {
  const rest = whole.startsWith(shown.text) ? whole.slice(shown.text.length) : ''
  const event = show(type, shown, rest)
  return { text: shown.text, event: event ? [event] : [] }
}

function thinkingIn(item: WireItem): string {
  const sections = listIn(item['summary']).length > 0 ? item['summary'] : item['content']
  return listIn(sections)
    .map((section) => (isJsonObject(section) ? textIn(section['text']) : ''))
    .join(SECTION_GAP)
}

/** Some servers give the encrypted reasoning only in the last event. */
function withEncrypted(item: WireItem, final: WireItem): WireItem {
  const { encrypted_content: encrypted } = final
  return item['encrypted_content'] || !encrypted ? item : { ...item, encrypted_content: encrypted }
}
