import {
  isJsonObject,
  jsonText,
  warning,
  type Effort,
  type Json,
  type JsonObject,
  type ModelRequest,
  type ToolSpec,
  type Warning,
} from '@harnext/core/provider'
import type { ModelFacts } from './model-facts.ts'
import { messagesWriter } from './to-ollama-messages.ts'

export interface WrittenRequest {
  /** JSON in UTF-8: a view that is good until `release`. */
  readonly body: Uint8Array
  /** Tokens of context that are asked for. */
  readonly contextLength: number | undefined
  readonly warnings: readonly Warning[]
  /** The call is over, and went well. */
  readonly release: () => void
}

export type RequestWriter = (request: ModelRequest, facts: ModelFacts) => WrittenRequest

/**
 * Makes requests for `POST /api/chat`, streaming. It keeps the JSON of tools and messages, so that a turn costs what is new in it.
 *
 * A prompt that does not fit shall be an error, where the server would cut off its beginning without a word (`truncate`), and an
 * answer that does not fit shall end there, where it would forget what it answers (`shift`).
 *
 * `params` go into the body as they are and win over the neutral options, with these exceptions: `tools` come after the request's
 * own, the fields of `options` are merged, and `messages` is refused.
 */
export function requestWriter(): RequestWriter {
  const writeMessages = messagesWriter()
  const writeTool = toolWriter()

  return (request, facts) => {
    const { params = {} } = request
    const messages = writeMessages(request.messages, facts.images)
    const warnings: Warning[] = [...messages.warnings]
    const { tools: _tools, options: _options, messages: ownMessages, ...rest } = params
    const tools = toTools(request, writeTool, warnings)
    const options = toOptions(request, facts)
    const head: JsonObject = {
      model: request.model,
      stream: true,
      truncate: false,
      shift: false,
      ...toThink(request, facts, warnings),
      ...toFormat(request, tools !== undefined, warnings),
      ...(Object.keys(options).length > 0 && { options }),
      ...rest,
    }
    if (ownMessages !== undefined)
      warnings.push(warning('param_unsupported', 'params.messages was left out.'))
    const system = request.system?.trim()
      ? jsonText({ role: 'system', content: request.system })
      : ''
    const list = `"messages":[${system}${system && !messages.isEmpty ? ',' : ''}`
    const before = `${jsonText(head).slice(0, -1)}${tools ? `,"tools":${tools}` : ''},${list}`
    const contextLength = options['num_ctx']
    return {
      body: messages.body(before, ']}'),
      contextLength: typeof contextLength === 'number' ? contextLength : undefined,
      warnings,
      release: messages.release,
    }
  }
}

function toOptions(
  { maxOutputTokens, params }: ModelRequest,
  { contextLength }: ModelFacts,
): JsonObject {
  const own = params?.['options']
  return {
    ...(contextLength !== undefined && { num_ctx: contextLength }),
    ...(maxOutputTokens !== undefined && { num_predict: maxOutputTokens }),
    ...(isJsonObject(own) && own),
  }
}

/** A JSON array; `undefined` when there is none. That no tool shall be called is said by giving none. */
function toTools(
  { tools = [], toolChoice = 'auto', params }: ModelRequest,
  writeTool: (tool: ToolSpec) => string,
  warnings: Warning[],
): string | undefined {
  const written = toolChoice === 'none' ? [] : tools.map(writeTool)
  const vendorTools = params?.['tools']
  if (Array.isArray(vendorTools))
    for (const tool of vendorTools as Json[]) written.push(jsonText(tool))
  if (toolChoice !== 'auto' && toolChoice !== 'none')
    warnings.push(
      warning('tool_choice_unsupported', 'Ollama cannot force a call: toolChoice was left out.'),
    )
  return written.length > 0 ? `[${written.join(',')}]` : undefined
}

function toolWriter(): (tool: ToolSpec) => string {
  const known = new WeakMap<ToolSpec, string>()
  return (tool) => {
    let text = known.get(tool)
    if (text === undefined) {
      const { name, description, parameters } = tool
      text = jsonText({ type: 'function', function: { name, description, parameters } })
      known.set(tool, text)
    }
    return text
  }
}

/** A form for the answer keeps the model from calling tools. */
function toFormat(
  { output }: ModelRequest,
  hasTools: boolean,
  warnings: Warning[],
): { readonly format?: Json } {
  if (!output) return {}
  if (!hasTools) return { format: output.schema }
  const message = 'Ollama takes no form for an answer beside tools: it was left out.'
  warnings.push(warning('output_unsupported', message))
  return {}
}

/** Most models think or do not; those of gpt-oss always do, more or less. */
function toThink(
  { model, effort }: ModelRequest,
  { thinking }: ModelFacts,
  warnings: Warning[],
): { readonly think?: Json } {
  if (effort === undefined) return {}
  if (!thinking) {
    if (effort !== 'off')
      warnings.push(
        warning('effort_unsupported', `${model} does not think: effort "${effort}" was left out.`),
      )
    return {}
  }
  if (!/gpt-oss/.test(model)) return { think: effort !== 'off' }
  if (effort === 'off')
    warnings.push(
      warning('effort_unsupported', `${model} cannot stop thinking: effort "off" became "low".`),
    )
  return { think: levels[effort] }
}

const levels: { readonly [effort in Effort]: string } = {
  off: 'low',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  max: 'high',
}
