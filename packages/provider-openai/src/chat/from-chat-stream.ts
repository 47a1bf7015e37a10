import {
  frozenPart,
  isJsonObject,
  type AssistantPart,
  type Json,
  type JsonObject,
  type ModelEvent,
  type Opaque,
  type SourcePart,
  type ThinkingPart,
} from '@harnext/core/provider'
import { listIn, textIn } from '../json-text.ts'
import { eventError } from '../map-error.ts'
import { sourceCollector } from '../sources.ts'
import type { AnswerFold } from '../stream-answer.ts'
import type { WireChunk, WireMessage, WireUsage } from './chat-api.ts'
import { callCollector, type CallCollector } from './from-chat-call.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { mapUsage } from './map-usage.ts'
import { addDetails, textOfDetails } from './reasoning-details.ts'

export interface ChatFoldOptions {
  /** Of the vendor, as in a sentence. */
  readonly name: string
  /** Scope of opaque data. */
  readonly api: string
  readonly model: string
  readonly newId: () => string
}

const THINKING_INDEX = 0
const TEXT_INDEX = 1

/**
 * Folds the chunks of one answer. Pure but for its own state and `newId`. Of several choices the first counts.
 *
 * The API marks nothing as complete, so that all parts come at the end: what was thought, what was said, the calls.
 */
export class ChatFold implements AnswerFold {
  isFinished = false
  text = ''
  private readonly options: ChatFoldOptions
  private model: string
  private thinking = ''
  /** The field in which the thinking came, and in which it goes back. */
  private thinkingField: string | undefined
  private readonly details: JsonObject[] = []
  private readonly calls: CallCollector
  private readonly annotations: Json[] = []
  /** Repeated in every chunk by those who send them. */
  private pages: Json | undefined
  private citations: Json | undefined
  private isRefused = false
  private reason: string | undefined
  private usage: WireUsage | undefined

  constructor(options: ChatFoldOptions) {
    this.options = options
    this.model = options.model
    this.calls = callCollector(options.newId, (data) => this.opaque(data))
  }

  take(json: Json, out: ModelEvent[]): void {
    if (!isJsonObject(json)) throw new TypeError('expected an object')
    const chunk = json as unknown as WireChunk
    if (chunk.error) throw eventError(this.options.name, chunk.error, this.text)
    this.model = textIn(chunk.model) || this.model
    this.usage = chunk.usage ?? this.usage
    this.pages = chunk.search_results ?? this.pages
    this.citations = chunk.citations ?? this.citations
    for (const choice of chunk.choices ?? []) {
      if (choice.index) continue
      this.usage = choice.usage ?? this.usage
      this.takeMessage(choice.delta ?? choice.message ?? {}, out)
      this.reason = textIn(choice.finish_reason) || this.reason
    }
  }

  /** A reason to stop completes an answer, and so does the server's own mark, where there was an answer. */
  end(isMarked: boolean, out: ModelEvent[]): void {
    if (this.isFinished) return
    if (this.reason === undefined && !(isMarked && this.hasContent())) return
    this.finish(out)
  }

  takeWhole(json: Json, out: ModelEvent[]): void {
    const answer = json as WireChunk | null
    if (!answer?.error && !Array.isArray(answer?.choices))
      throw new TypeError('expected a completion with its choices')
    this.take(json, out)
    this.finish(out)
  }

  private takeMessage(message: WireMessage, out: ModelEvent[]): void {
    this.takeThinking(message, out)
    this.takeContent(message.content, out)
    const refusal = textIn(message.refusal)
    this.isRefused ||= refusal !== ''
    this.sayText(refusal, out)
    this.annotations.push(...listIn(message.annotations))
    const calls = message.tool_calls ?? []
    for (const call of message.function_call ? [{ function: message.function_call }] : calls) {
      const delta = this.calls.take(call as JsonObject)
      if (delta) out.push(delta)
    }
  }

  private takeThinking(message: WireMessage, out: ModelEvent[]): void {
    const details = listIn(message.reasoning_details)
    addDetails(this.details, details)
    for (const field of ['reasoning_content', 'reasoning'] as const) {
      const text = textIn(message[field])
      if (!text) continue
      this.thinkingField ??= field
      return this.sayThinking(text, out)
    }
    this.sayThinking(textOfDetails(details), out)
  }

  /** Mistral's content is a list, with the thinking in it. */
  private takeContent(content: Json | undefined, out: ModelEvent[]): void {
    this.sayText(textIn(content), out)
    for (const part of listIn(content)) {
      if (!isJsonObject(part)) continue
      for (const piece of listIn(part['thinking']))
        if (isJsonObject(piece)) this.sayThinking(textIn(piece['text']), out)
      this.sayThinking(textIn(part['thinking']), out)
      this.sayText(textIn(part['text']), out)
    }
  }

  private sayThinking(text: string, out: ModelEvent[]): void {
    this.thinking += text
    if (text) out.push({ type: 'thinking', text, index: THINKING_INDEX })
  }

  private sayText(text: string, out: ModelEvent[]): void {
    this.text += text
    if (text) out.push({ type: 'text', text, index: TEXT_INDEX })
  }

  private hasContent(): boolean {
    return this.text !== '' || this.thinking !== '' || this.calls.parts(false).length > 0
  }

  private finish(out: ModelEvent[]): void {
    this.isFinished = true
    const { reason: raw } = this
    const calls = this.calls.parts(mapStopReason(raw, noFacts) === 'length')
    const parts: AssistantPart[] = [
      ...this.thinkingParts(),
      ...(this.text ? [{ type: 'text', text: this.text } as const] : []),
      ...this.sources(),
      ...calls,
    ]
    for (const part of parts) out.push({ type: 'part', part: frozenPart(part) })
    const facts = { hasCalls: calls.length > 0, isRefused: this.isRefused }
    out.push({
      type: 'finish',
      stopReason: mapStopReason(raw, facts),
      ...(raw !== undefined && { rawStopReason: raw }),
      usage: mapUsage(this.usage),
    })
  }

  private sources(): SourcePart[] {
    const { annotations, pages, citations } = this
    return sourceCollector()([...annotations, ...listIn(pages), ...listIn(citations)])
  }

  private thinkingParts(): ThinkingPart[] {
    const { thinking: text, thinkingField, details } = this
    if (!text && details.length === 0) return []
    const data: JsonObject | undefined =
      details.length > 0
        ? { reasoning_details: details }
        : thinkingField
          ? { field: thinkingField }
          : undefined
    return [
      {
        type: 'thinking',
        text,
        ...(text === '' && { redacted: true as const }),
        ...(data && { opaque: this.opaque(data) }),
      },
    ]
  }

  private opaque(data: Json): Opaque {
    return { by: this.options.api, model: this.model, data }
  }
}

const noFacts = { hasCalls: false, isRefused: false }
