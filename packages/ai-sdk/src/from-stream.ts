import type {
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider'
import {
  ProviderError,
  frozenPart,
  toolCallPart,
  type AssistantPart,
  type Json,
  type ModelEvent,
  type Opaque,
} from '@harnext/core/provider'
import { mapStopReason, mapUsage } from './map-finish.ts'
import { toOwnPart } from './own-part.ts'
import { warning } from './warning.ts'

type StreamPart<Type extends LanguageModelV4StreamPart['type']> = Extract<
  LanguageModelV4StreamPart,
  { type: Type }
>
type Finish = StreamPart<'finish'>

interface Block {
  readonly kind: 'text' | 'thinking'
  readonly index: number
  text: string
  metadata: SharedV4ProviderMetadata
}

interface ToolInput {
  readonly tool: string
  text: string
  readonly isShown: boolean
}

/**
 * Folds the parts of one answer. Pure but for its own state. A part comes when its block is complete; only a call whose arguments are
 * no JSON waits for the end, with all that follows it: the finish reason says whether it was cut.
 */
export class StreamFold {
  /** `finish` was given. */
  isFinished = false
  /** More than warnings came. */
  hasBegun = false
  /** The text so far. */
  text = ''
  private readonly api: string
  private model: string
  private blocks = 0
  private readonly open = new Map<string, Block>()
  private readonly inputs = new Map<string, ToolInput>()
  private held: (AssistantPart | LanguageModelV4ToolCall)[] = []
  private hasCalls = false

  constructor(api: string, model: string) {
    this.api = api
    this.model = model
  }

  /** Puts what follows from one part of the stream behind `out`. Throws what the stream says is an error. */
  take(part: LanguageModelV4StreamPart, out: ModelEvent[]): void {
    this.hasBegun ||= part.type !== 'stream-start' && part.type !== 'response-metadata'
    switch (part.type) {
      case 'text-start':
      case 'text-delta':
      case 'text-end':
        return this.speak('text', part, out)
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.speak('thinking', part, out)
      case 'tool-input-start':
      case 'tool-input-delta':
        return this.writeCall(part, out)
      case 'tool-call':
        return this.call(part, out)
      case 'source':
        return part.sourceType === 'url' ? this.give(sourcePart(part), out) : undefined
      case 'tool-result':
      case 'file':
      case 'reasoning-file':
      case 'custom':
        return this.keep(part, out)
      case 'tool-approval-request':
        out.push(warning('approval_unsupported', approvalMessage))
        return
      case 'stream-start':
        out.push(...part.warnings.map(toWarning))
        return
      case 'response-metadata':
        this.model = part.modelId ?? this.model
        return
      case 'finish':
        return this.finish(part, out)
      case 'error':
        throw part.error
      case 'tool-input-end':
      case 'ping':
      case 'raw':
    }
  }

  private speak(
    kind: Block['kind'],
    part: StreamPart<`${'text' | 'reasoning'}-${'start' | 'delta' | 'end'}`>,
    out: ModelEvent[],
  ): void {
    const key = `${kind} ${part.id}`
    let block = this.open.get(key)
    if (!block) {
      block = { kind, index: this.blocks++, text: '', metadata: {} }
      this.open.set(key, block)
    }
    block.metadata = merged(block.metadata, part.providerMetadata)
    if ('delta' in part && part.delta) {
      block.text += part.delta
      if (kind === 'text') this.text += part.delta
      out.push({ type: kind, text: part.delta, index: block.index })
    }
    if (part.type === `${kind === 'text' ? 'text' : 'reasoning'}-end`) this.close(key, block, out)
  }

  private close(key: string, block: Block, out: ModelEvent[]): void {
    this.open.delete(key)
    const { kind, text, metadata } = block
    const opaque = this.opaque(metadata)
    if (!text && !opaque.opaque) return
    if (kind === 'text') return this.give({ type: 'text', text, ...opaque }, out)
    this.give({ type: 'thinking', text, ...(!text && { redacted: true }), ...opaque }, out)
  }

  private writeCall(
    part: StreamPart<'tool-input-start' | 'tool-input-delta'>,
    out: ModelEvent[],
  ): void {
    const { id } = part
    if (part.type === 'tool-input-start') {
      // A tool that the provider runs, and an input that is text first, are shown when they are whole.
      const isShown = !part.providerExecuted && part.inputEncoding !== 'text'
      this.inputs.set(id, { tool: part.toolName, text: '', isShown })
      return
    }
    const input = this.inputs.get(id)
    if (!input?.isShown || !part.delta) return
    input.text += part.delta
    out.push({ type: 'tool_input', id, tool: input.tool, delta: part.delta })
  }

  private call(part: LanguageModelV4ToolCall, out: ModelEvent[]): void {
    this.inputs.delete(part.toolCallId)
    if (part.providerExecuted) return this.keep(part, out)
    this.hasCalls = true
    if (isJson(part.input)) this.give(this.callPart(part, false), out)
    else this.held.push(part)
  }

  private callPart(part: LanguageModelV4ToolCall, cut: boolean): AssistantPart {
    const { toolCallId: id, toolName: tool, input: text, providerMetadata = {} } = part
    return toolCallPart({ id, tool, text, cut, ...this.opaque(providerMetadata) })
  }

  private finish({ finishReason, usage, providerMetadata = {} }: Finish, out: ModelEvent[]): void {
    // Some providers end a stream that was cut with a reason that says nothing.
    const { unified, raw } = finishReason
    if (unified === 'interrupted' || (unified === 'other' && raw === undefined)) throw this.cut()
    this.isFinished = true
    for (const [key, block] of this.open) this.close(key, block, out)
    for (const [toolCallId, { tool, text, isShown }] of this.inputs)
      if (isShown) this.held.push({ type: 'tool-call', toolCallId, toolName: tool, input: text })
    const held = this.held.splice(0)
    for (const [index, part] of held.entries())
      if (part.type === 'tool-call') {
        this.hasCalls = true
        const isCut = unified === 'length' && index === held.length - 1
        this.give(this.callPart(part, isCut), out)
      } else this.give(part, out)
    out.push({
      type: 'finish',
      stopReason: mapStopReason(finishReason, this.hasCalls),
      ...(raw !== undefined && { rawStopReason: raw }),
      usage: mapUsage(usage),
      ...this.opaque(providerMetadata),
    })
  }

  private cut(): ProviderError {
    return new ProviderError('The stream ended before the model had finished.', {
      kind: 'stream_truncated',
      retryable: true,
      partial: this.text,
    })
  }

  /** What has no word of its own here is kept as it has to be sent back. */
  private keep(
    part: StreamPart<'tool-call' | 'tool-result' | 'file' | 'reasoning-file' | 'custom'>,
    out: ModelEvent[],
  ): void {
    const own = toOwnPart(part)
    if (!own) return
    const opaque = { by: this.api, model: this.model, data: plain(own) }
    this.give({ type: 'provider', opaque }, out)
  }

  private give(part: AssistantPart, out: ModelEvent[]): void {
    if (this.held.length) this.held.push(part)
    else out.push({ type: 'part', part: frozenPart(part) })
  }

  private opaque(metadata: SharedV4ProviderMetadata): { readonly opaque?: Opaque } {
    if (!Object.keys(metadata).length) return {}
    return { opaque: { by: this.api, model: this.model, data: plain(metadata) } }
  }
}

const approvalMessage =
  'The provider asked for the approval of a call that it runs itself; nobody is asked, and the call does not run.'

/** The metadata of a block may come in pieces: its signature with the last one. */
function merged(
  metadata: SharedV4ProviderMetadata,
  more: SharedV4ProviderMetadata = {},
): SharedV4ProviderMetadata {
  const result = { ...metadata }
  for (const [key, value] of Object.entries(more)) result[key] = { ...result[key], ...value }
  return result
}

function sourcePart({
  url,
  title,
}: Extract<StreamPart<'source'>, { sourceType: 'url' }>): AssistantPart {
  return { type: 'source', url, ...(title !== undefined && { title }) }
}

function toWarning(given: SharedV4Warning): ModelEvent {
  switch (given.type) {
    case 'unsupported':
    case 'compatibility': {
      const { type, feature, details } = given
      return warning(type, `${feature}${details ? `: ${details}` : ''}`)
    }
    case 'deprecated':
      return warning('deprecated', `${given.setting}: ${given.message}`)
    case 'other':
      return warning('other', given.message)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text || '{}')
    return true
  } catch {
    // The caller finds out why at the end.
    return false
  }
}

/** Only what JSON holds: members that are undefined are left out. */
function plain(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
