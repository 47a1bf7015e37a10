import {
  isJsonObject,
  warning,
  type AssistantPart,
  type Json,
  type ModelEvent,
} from '@harnext/core/provider'
import type { WholeMessage, WireEvent, WireMessage, WireStop } from './anthropic-api.ts'
import { openBlock, type OpenBlock } from './from-anthropic-block.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { usageCounter } from './map-usage.ts'

/**
 * Folds the events of one answer. Pure but for its own state. An `error` event is the caller's; an unknown event says nothing.
 *
 * A part comes when its block is complete. Only a call waits for the stop reason where that decides whether it was cut.
 */
export class AnthropicFold {
  /** The vendor's last event came, and `finish` was given. */
  isFinished = false
  /** The text so far. */
  text = ''
  private model: string
  private readonly blocks = new Map<number, OpenBlock>()
  /** An answer that began again counts its blocks from 0; ours go on. */
  private firstIndex = 0
  private nextIndex = 0
  /** Blocks whose part waits, in order: a call that may have been cut, and whatever came behind it. */
  private held: OpenBlock[] = []
  private readonly urls = new Set<string>()
  private readonly usage = usageCounter()
  private hasCalls = false
  private stop: WireStop = {}

  constructor(requestedModel: string) {
    this.model = requestedModel
  }

  /** Puts what follows from one event of the vendor behind `out`. */
  take(event: WireEvent, out: ModelEvent[]): void {
    if (this.isFinished) return
    switch (event.type) {
      case 'content_block_delta': {
        const block = this.blocks.get(event.index)
        if (!block) throw new TypeError(`a delta for block ${event.index}, which was not begun`)
        return this.say(block.add(event.delta), out)
      }
      case 'content_block_start': {
        const index = this.firstIndex + event.index
        this.nextIndex = Math.max(this.nextIndex, index + 1)
        const block = openBlock(index, event.content_block, this.model)
        this.blocks.set(event.index, block)
        return this.say(block.first, out)
      }
      case 'content_block_stop':
        return this.close(event.index, out)
      case 'message_start':
        return this.start(event.message, out)
      case 'message_delta':
        this.stop = event.delta
        return this.usage.add(event.usage)
      case 'message_stop':
        return this.finish(out)
      case 'error':
      case 'ping':
      default:
        return
    }
  }

  private say(event: ModelEvent | undefined, out: ModelEvent[]): void {
    if (!event) return
    if (event.type === 'text') this.text += event.text
    out.push(event)
  }

  /** A second one means that a gateway began the answer again: what was under way is void, what was complete was passed on. */
  private start(message: WireMessage, out: ModelEvent[]): void {
    if (this.blocks.size + this.held.length > 0)
      out.push(warning('answer_restarted', 'The server began its answer again in the middle.'))
    this.blocks.clear()
    this.firstIndex = this.nextIndex
    this.held = []
    this.model = message.model ?? this.model
    this.stop = {}
    this.usage.add(message.usage)
  }

  private close(index: number, out: ModelEvent[]): void {
    const block = this.blocks.get(index)
    if (!block) return
    this.blocks.delete(index)
    block.isClosed = true
    if (this.held.length > 0 || block.mayBeCut) this.held.push(block)
    else this.give(block, false, out)
  }

  private finish(out: ModelEvent[]): void {
    this.isFinished = true
    const { stop_reason: reason } = this.stop
    const raw = typeof reason === 'string' ? reason : undefined
    const isCut = mapStopReason(raw, false) === 'length'
    const rest = [...this.held, ...this.blocks.values()]
    for (const block of rest)
      this.give(block, isCut && block === rest.at(-1) && (block.mayBeCut || !block.isClosed), out)
    if (raw === 'refusal') out.push(warning('refused', explain(this.stop)))
    out.push({
      type: 'finish',
      stopReason: mapStopReason(raw, this.hasCalls),
      ...(raw !== undefined && { rawStopReason: raw }),
      usage: this.usage.total(),
    })
  }

  private give(block: OpenBlock, isCut: boolean, out: ModelEvent[]): void {
    const part = block.part(isCut)
    if (!part) return
    if (part.type === 'tool_call') this.hasCalls = true
    out.push({ type: 'part', part })
    for (const source of this.sourcesOf(part)) out.push({ type: 'part', part: source })
  }

  /** Each address once: a long answer cites the same page many times. */
  private sourcesOf(part: AssistantPart): AssistantPart[] {
    const data = part.type === 'text' ? part.opaque?.data : undefined
    const citations = isJsonObject(data) ? data['citations'] : undefined
    const sources: AssistantPart[] = []
    for (const citation of Array.isArray(citations) ? (citations as Json[]) : []) {
      if (!isJsonObject(citation)) continue
      const { url, title } = citation
      if (typeof url !== 'string' || this.urls.has(url)) continue
      this.urls.add(url)
      sources.push(
        Object.freeze({ type: 'source', url, ...(typeof title === 'string' && { title }) }),
      )
    }
    return sources
  }
}

function explain({ stop_details: details }: WireStop): string {
  const said = [details?.['category'], details?.['explanation']].filter(
    (value) => typeof value === 'string',
  )
  return `Anthropic refused to answer${said.length > 0 ? ` (${said.join(': ')})` : ''}.`
}

/** A whole message, as a server sends it that does not stream, in the events of a stream. */
export function* eventsOfMessage(message: WholeMessage): Generator<WireEvent> {
  yield { type: 'message_start', message }
  for (const [index, block] of message.content.entries()) {
    yield { type: 'content_block_start', index, content_block: block }
    yield { type: 'content_block_stop', index }
  }
  yield { type: 'message_delta', delta: message }
  yield { type: 'message_stop' }
}
