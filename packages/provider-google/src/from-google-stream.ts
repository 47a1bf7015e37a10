import {
  frozenPart,
  isJsonObject,
  warning,
  type AssistantPart,
  type Json,
  type ModelEvent,
  type Opaque,
} from '@harnext/core/provider'
import { callCollector } from './from-google-call.ts'
import {
  api,
  type WireCandidate,
  type WireChunk,
  type WireFunctionCall,
  type WirePart,
  type WireUsage,
} from './google-api.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { mapUsage } from './map-usage.ts'
import { serverCallFilter } from './server-calls.ts'
import { sourcesOf } from './sources.ts'

export interface FoldOptions {
  /** As it was asked for; the answer may name it more exactly. */
  readonly model: string
  /** Names of the tools that are ours to run. */
  readonly tools: ReadonlySet<string>
  readonly newId: () => string
}

/**
 * Folds the events of one answer. Pure but for its own state and `newId`. An `error` in an event is the caller's.
 *
 * Texts that follow each other without a signature are one part; what carries a signature is a part of its own, an empty text
 * too, so that each signature goes back where it stood.
 */
export class GoogleFold {
  /** The vendor said why it stopped, and has sent nothing since. A server that runs tools itself may go on after that. */
  isEnded = false
  /** The text so far. */
  text = ''
  private readonly options: FoldOptions
  private model: string
  private index = 0
  private open: { readonly type: 'text' | 'thinking'; text: string } | null = null
  private readonly call: ReturnType<typeof callCollector>
  private readonly filter: ReturnType<typeof serverCallFilter>
  private readonly sources: AssistantPart[] = []
  private usage: WireUsage | undefined
  private hasCalls = false
  private reason: string | undefined
  private message: string | undefined
  private continuationToken: string | undefined

  constructor(options: FoldOptions) {
    this.options = options
    this.model = options.model
    this.call = callCollector(options.newId, (data) => this.opaque(data))
    this.filter = serverCallFilter(options.tools, (data) => this.opaque(data))
  }

  /** A tool of the server was called, and its result is still to come. */
  get isWaiting(): boolean {
    return this.filter.isWaiting
  }

  /** Puts what follows from one event of the vendor behind `out`. */
  take(chunk: WireChunk, out: ModelEvent[]): void {
    this.model = chunk.modelVersion ?? this.model
    if (chunk.usageMetadata) this.usage = { ...this.usage, ...chunk.usageMetadata }
    const { blockReason, blockReasonMessage } = chunk.promptFeedback ?? {}
    if (typeof blockReason === 'string') this.end(blockReason, blockReasonMessage)
    for (const candidate of chunk.candidates ?? [])
      if (!candidate.index) this.takeCandidate(candidate, out)
  }

  private takeCandidate(candidate: WireCandidate, out: ModelEvent[]): void {
    const parts = candidate.content?.parts ?? []
    if (parts.length > 0) this.isEnded = false
    for (const part of parts) this.takePart(part, out)
    this.sources.push(...sourcesOf(candidate))
    this.continuationToken = candidate.continuationToken ?? this.continuationToken
    if (typeof candidate.finishReason === 'string')
      this.end(candidate.finishReason, candidate.finishMessage)
  }

  private end(reason: string, message: string | undefined): void {
    this.isEnded = true
    this.reason = reason
    this.message = message
  }

  private takePart(part: WirePart, out: ModelEvent[]): void {
    const { text, functionCall } = part
    if (isJsonObject(functionCall)) return this.takeCall(functionCall, part, out)
    if (typeof text === 'string') return this.takeText(text, part, out)
    this.close(out)
    this.give(frozenPart({ type: 'provider', opaque: this.opaque(part) }), out)
  }

  private takeText(text: string, wire: WirePart, out: ModelEvent[]): void {
    const { text: _text, thought, ...rest } = wire
    const type = thought === true ? 'thinking' : 'text'
    const isSigned = Object.keys(rest).length > 0
    if (!text && !isSigned) return
    if (isSigned || this.open?.type !== type) this.close(out)
    this.say(type, text, out)
    if (!isSigned) {
      this.open ??= { type, text: '' }
      this.open.text += text
    } else this.give(frozenPart({ type, text, opaque: this.opaque(rest) }), out)
  }

  private say(type: 'text' | 'thinking', text: string, out: ModelEvent[]): void {
    if (!text) return
    if (type === 'text') this.text += text
    out.push({ type, text, index: this.index })
  }

  private takeCall(call: WireFunctionCall, wire: WirePart, out: ModelEvent[]): void {
    this.close(out)
    for (const part of this.call.take(call, wire)) this.give(part, out)
  }

  /** Closes the text that is open. */
  private close(out: ModelEvent[]): void {
    if (!this.open) return
    const { type, text } = this.open
    this.open = null
    this.give(frozenPart({ type, text }), out)
  }

  private give(part: AssistantPart, out: ModelEvent[]): void {
    this.index += 1
    for (const ready of this.filter.take(part)) this.pass(ready, out)
  }

  private pass(part: AssistantPart, out: ModelEvent[]): void {
    if (part.type === 'tool_call') {
      this.hasCalls = true
      const { id, tool, args } = part
      const delta = typeof args === 'string' ? args : JSON.stringify(args)
      if (delta !== '{}') out.push({ type: 'tool_input', id, tool, delta })
    }
    out.push({ type: 'part', part })
  }

  /** The answer is over: whatever is still held back, and the `finish`. */
  finish(out: ModelEvent[]): void {
    this.close(out)
    for (const part of this.call.rest()) this.give(part, out)
    for (const part of this.filter.rest()) this.pass(part, out)
    for (const part of this.uniqueSources()) out.push({ type: 'part', part })
    const { reason, message } = this
    const stopReason = mapStopReason(reason, this.hasCalls)
    if (stopReason === 'pause' && this.continuationToken !== undefined) {
      const opaque = this.opaque({ continuationToken: this.continuationToken })
      out.push({ type: 'part', part: frozenPart({ type: 'provider', opaque }) })
    }
    const why = message === undefined ? '.' : `: ${message}`
    if (stopReason === 'refused')
      out.push(warning('refused', `Google refused to answer (${reason})${why}`))
    if (stopReason === 'error')
      out.push(warning('answer_failed', `Gemini could not answer (${reason})${why}`))
    out.push({
      type: 'finish',
      stopReason,
      ...(reason !== undefined && { rawStopReason: reason }),
      usage: this.usage ? mapUsage(this.usage) : null,
    })
  }

  /** Each address once: later events repeat the sources of earlier ones. */
  private uniqueSources(): AssistantPart[] {
    const urls = new Set<string>()
    return this.sources.filter(
      (part) => part.type === 'source' && !urls.has(part.url) && urls.add(part.url),
    )
  }

  private opaque(data: Json): Opaque {
    return { by: api, model: this.model, data }
  }
}
