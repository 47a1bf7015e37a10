import {
  frozenPart,
  tokenCount,
  toolCallPart,
  warning,
  type ModelEvent,
  type Usage,
} from '@harnext/core/provider'
import { mapStopReason } from './map-stop-reason.ts'
import type { WireCall, WireLine, WireMessage } from './ollama-api.ts'

export interface FoldOptions {
  /** Tokens of context that were asked for. */
  readonly contextLength: number | undefined
  readonly newId: () => string
}

/** Folds the lines of one answer. Pure but for its own state and `newId`. A line that is an error is the caller's. */
export class OllamaFold {
  /** The vendor's last line came, and `finish` was given. */
  isFinished = false
  private readonly options: FoldOptions
  private index = 0
  private open: { readonly type: 'text' | 'thinking'; text: string } | null = null
  private hasCalls = false
  private closedText = ''

  constructor(options: FoldOptions) {
    this.options = options
  }

  /** The text so far. */
  get text(): string {
    return this.open?.type === 'text' ? this.closedText + this.open.text : this.closedText
  }

  /** Puts what follows from one line of the vendor behind `out`. */
  take(line: WireLine, out: ModelEvent[]): void {
    if (this.isFinished) return
    if (line.message) this.takeMessage(line.message, out)
    if (line.done === true) this.finish(line, out)
  }

  private takeMessage({ thinking, content, tool_calls: calls }: WireMessage, out: ModelEvent[]) {
    if (isText(thinking)) this.say('thinking', thinking, out)
    if (isText(content)) this.say('text', content, out)
    for (const call of calls ?? []) this.takeCall(call, out)
  }

  private say(type: 'text' | 'thinking', text: string, out: ModelEvent[]): void {
    if (this.open?.type !== type) this.close(out)
    this.open ??= { type, text: '' }
    this.open.text += text
    out.push({ type, text, index: this.index })
  }

  private takeCall({ id, function: call }: WireCall, out: ModelEvent[]): void {
    this.close(out)
    const { name: tool, arguments: args = {} } = call
    const name = isText(tool) ? tool : ''
    const text = typeof args === 'string' ? args : JSON.stringify(args)
    const part = toolCallPart({ id: isText(id) ? id : this.options.newId(), tool: name, text })
    if (text !== '{}' && text !== '')
      out.push({ type: 'tool_input', id: part.id, tool: name, delta: text })
    out.push({ type: 'part', part })
    this.index += 1
    this.hasCalls = true
  }

  /** Closes the text that is open. */
  private close(out: ModelEvent[]): void {
    if (!this.open) return
    this.closedText = this.text
    out.push({ type: 'part', part: frozenPart(this.open) })
    this.open = null
    this.index += 1
  }

  private finish(line: WireLine, out: ModelEvent[]): void {
    this.isFinished = true
    this.close(out)
    const { done_reason: reason } = line
    const { contextLength } = this.options
    const promptTokens = line.prompt_eval_count ?? 0
    if (contextLength !== undefined && promptTokens >= contextLength * NEARLY_FULL)
      out.push(
        warning(
          'context_nearly_full',
          `The prompt took ${promptTokens} of the ${contextLength} tokens of the context. Older servers cut off what does not fit, without a word.`,
        ),
      )
    out.push({
      type: 'finish',
      stopReason: mapStopReason(reason, this.hasCalls),
      ...(isText(reason) && { rawStopReason: reason }),
      usage: toUsage(line),
    })
  }
}

const NEARLY_FULL = 0.9

/** Odd servers fill a field with something else. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** `null` when the server counted nothing. Thinking is counted as output, and how much of it there was is not said. */
function toUsage({ prompt_eval_count: input, eval_count: output }: WireLine): Usage | null {
  if (input === undefined && output === undefined) return null
  return {
    inputTokens: tokenCount(input),
    outputTokens: tokenCount(output),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    costUsd: null,
  }
}
