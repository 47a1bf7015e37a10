import {
  frozenPart,
  isJsonObject,
  warning,
  type AssistantPart,
  type Json,
  type ModelEvent,
  type Opaque,
} from '@harnext/core/provider'
import { textIn } from '../json-text.ts'
import { eventError } from '../map-error.ts'
import { sourceCollector } from '../sources.ts'
import type { AnswerFold } from '../stream-answer.ts'
import { openItem, type OpenItem } from './from-responses-item.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { mapUsage } from './map-usage.ts'
import { api, type WireEvent, type WireItem, type WireResponse } from './responses-api.ts'

/**
 * Folds the events of one answer. Pure but for its own state; an unknown event says nothing.
 *
 * All parts come with the last event: only then it is certain that nothing was cut, and some servers complete an item there.
 */
export class ResponsesFold implements AnswerFold {
  isFinished = false
  text = ''
  private readonly name: string
  private model: string
  /** By `output_index`. */
  private readonly items = new Map<number, OpenItem>()
  private partCount = 0

  constructor(name: string, requestedModel: string) {
    this.name = name
    this.model = requestedModel
  }

  take(json: Json, out: ModelEvent[]): void {
    if (!isJsonObject(json)) throw new TypeError('expected an object')
    const event = json as unknown as WireEvent
    switch (event.type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.say(this.item(event).addText(event.content_index ?? 0, deltaOf(event)), out)
      case 'response.reasoning_summary_text.delta':
        return this.say(this.item(event).addThinking(event.summary_index, deltaOf(event)), out)
      case 'response.reasoning_text.delta':
        return this.say(this.item(event).addThinking(event.content_index, deltaOf(event)), out)
      case 'response.function_call_arguments.delta':
        return this.say(this.item(event).addArguments(deltaOf(event)), out)
      case 'response.output_item.added':
        return this.item(event).begin(event.item)
      case 'response.output_item.done':
        return this.item(event).complete(event.item)
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return this.finish(event.response ?? {}, out)
      case 'error':
        throw eventError(this.name, event.error ?? withoutType(json), this.text)
      default:
        return
    }
  }

  /** Nothing but the vendor's own event completes an answer. */
  end(): void {}

  takeWhole(json: Json, out: ModelEvent[]): void {
    const answer = json as WireResponse | null
    if (isJsonObject(answer?.error) || typeof answer?.error === 'string')
      throw eventError(this.name, answer.error, '')
    if (!Array.isArray(answer?.output)) throw new TypeError('expected a response with its output')
    this.finish(answer, out)
  }

  private item({ output_index: index = 0 }: WireEvent): OpenItem {
    let item = this.items.get(index)
    if (!item) {
      item = openItem(() => this.partCount++)
      this.items.set(index, item)
    }
    return item
  }

  private say(event: ModelEvent | undefined, out: ModelEvent[]): void {
    if (!event) return
    if (event.type === 'text') this.text += event.text
    out.push(event)
  }

  private finish(response: WireResponse, out: ModelEvent[]): void {
    if (isJsonObject(response.error)) throw eventError(this.name, response.error, this.text)
    if (response.status === 'failed')
      throw eventError(this.name, { code: 'server_error' }, this.text)
    this.isFinished = true
    this.model = response.model ?? this.model
    const raw = textIn(response.incomplete_details?.reason) || textIn(response.status) || undefined
    this.completeFrom(response.output ?? [])
    const items = [...this.items].toSorted(([a], [b]) => a - b).map(([, item]) => item)
    const facts = { hasCalls: false, isRefused: false }
    const sourcesOf = sourceCollector()
    for (const item of items) {
      const isCut = raw === 'max_output_tokens' && item === items.at(-1)
      const { events, parts, isRefused } = item.close(isCut, (data) => this.opaque(data))
      for (const event of events) this.say(event, out)
      for (const part of parts) {
        if (part.type === 'tool_call') facts.hasCalls = true
        this.give(part, out)
        for (const source of sourcesOf(annotationsOf(part))) this.give(source, out)
      }
      facts.isRefused ||= isRefused
    }
    if (raw === 'content_filter')
      out.push(warning('refused', `${this.name} stopped the answer by its content filter.`))
    out.push({
      type: 'finish',
      stopReason: mapStopReason(raw, facts),
      ...(raw !== undefined && { rawStopReason: raw }),
      usage: mapUsage(response.usage),
    })
  }

  private give(part: AssistantPart, out: ModelEvent[]): void {
    out.push({ type: 'part', part: frozenPart(part) })
  }

  /** What the last event says of the items: all of them where nothing was streamed, else what the stream left open. */
  private completeFrom(output: readonly WireItem[]): void {
    const isStreamed = this.items.size > 0
    for (const [index, item] of output.entries())
      if (!isStreamed || this.items.has(index))
        this.item({ type: '', output_index: index }).completeLate(item)
  }

  private opaque(data: Json): Opaque {
    return { by: api, model: this.model, data }
  }
}

function deltaOf({ delta }: WireEvent): string {
  return textIn(delta)
}

function withoutType({ type: _type, ...error }: { readonly [key: string]: Json }): Json {
  return error
}

function annotationsOf(part: AssistantPart): Json | undefined {
  const data = part.type === 'text' ? part.opaque?.data : undefined
  const wire = isJsonObject(data) ? data['part'] : undefined
  return isJsonObject(wire) ? wire['annotations'] : undefined
}
