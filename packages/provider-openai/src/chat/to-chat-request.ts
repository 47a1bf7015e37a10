import {
  jsonText,
  warning,
  type JsonObject,
  type ModelRequest,
  type Warning,
} from '@harnext/core/provider'
import { reasoningEffort, toEffortLevel } from '../effort.ts'
import { historyWriter } from '../history-writer.ts'
import { merged, toCacheKey, toOutputName, unusedChoice } from '../request-parts.ts'
import type { WrittenRequest } from '../stream-answer.ts'
import { toolWriter } from '../tool-writer.ts'
import type { ChatFlags, EffortFlags } from './chat-flags.ts'
import { chatDialect } from './to-chat-messages.ts'

/**
 * Makes requests for `POST /chat/completions`, streaming. It keeps the JSON of tools and messages, so that a turn costs what is new
 * in it.
 *
 * `params` go into the body as they are and win over the neutral options, with these exceptions: `tools` come behind the request's
 * own, the fields of `stream_options` are merged, and `messages` is refused.
 */
export function chatWriter(
  name: string,
  api: string,
  flags: ChatFlags,
): (request: ModelRequest) => WrittenRequest {
  const writeHistory = historyWriter(chatDialect(name, api, flags))
  const writeTools = toolWriter(({ name: tool, description, parameters }) => ({
    type: 'function',
    function: {
      name: tool,
      ...(description && { description }),
      parameters,
      ...(flags.strict && { strict: false }),
    },
  }))
  return (request) => {
    const { model, messages, cacheKey, params = {} } = request
    const { levels, toFields } = flags.effort ?? plainEffort
    const effort = toEffortLevel(model, request.effort, levels(model))
    const history = writeHistory(messages)
    const tools = writeTools(request)
    const { tools: _tools, messages: ownMessages, stream_options: streaming, ...rest } = params
    const warnings = [...effort.warnings, ...history.warnings, ...unusedChoice(request, tools)]
    if (ownMessages !== undefined)
      warnings.push(warning('param_unsupported', 'params.messages was left out.'))
    const head = {
      model,
      stream: true,
      ...merged('stream_options', flags.streamUsage === false ? undefined : usage, streaming),
      ...toMaxTokens(request, flags),
      ...(tools && toToolChoice(name, request, flags, warnings)),
      ...(effort.level && toFields(effort.level)),
      ...toResponseFormat(request, flags),
      ...(flags.cacheKey && cacheKey && { prompt_cache_key: toCacheKey(cacheKey) }),
      ...(flags.cacheControl?.test(model) && { cache_control: { type: 'ephemeral' } }),
      ...rest,
    }
    const system = toSystem(request, flags)
    const list = `"messages":[${system}${system && !history.isEmpty ? ',' : ''}`
    const before = `${JSON.stringify(head).slice(0, -1)}${tools ? `,"tools":${tools}` : ''},${list}`
    return { body: history.body(before, ']}'), warnings, release: history.release }
  }
}

const usage = { include_usage: true }

const plainEffort: EffortFlags = {
  levels: () => ['low', 'medium', 'high'],
  toFields: reasoningEffort,
}

function toMaxTokens({ maxOutputTokens }: ModelRequest, flags: ChatFlags): JsonObject {
  if (maxOutputTokens === undefined) return {}
  return { [flags.maxTokensField ?? 'max_tokens']: maxOutputTokens }
}

function toToolChoice(
  name: string,
  { toolChoice }: ModelRequest,
  { namedToolChoice = true }: ChatFlags,
  warnings: Warning[],
): JsonObject {
  if (toolChoice === undefined) return {}
  if (typeof toolChoice !== 'object') return { tool_choice: toolChoice }
  const { tool } = toolChoice
  if (namedToolChoice) return { tool_choice: { type: 'function', function: { name: tool } } }
  const message = `${name} cannot be told to call ${tool}: it was told to call a tool.`
  warnings.push(warning('tool_choice_unsupported', message))
  return { tool_choice: 'required' }
}

function toResponseFormat({ output }: ModelRequest, flags: ChatFlags): JsonObject {
  if (!output) return {}
  if (flags.structuredOutput === 'json_object') return { response_format: { type: 'json_object' } }
  const schema = { name: toOutputName(output), schema: output.schema, strict: false }
  return { response_format: { type: 'json_schema', json_schema: schema } }
}

/** The message that begins the conversation; empty when there is none. */
function toSystem({ system, output }: ModelRequest, flags: ChatFlags): string {
  const texts = system?.trim() ? [system] : []
  if (output && flags.structuredOutput === 'json_object')
    texts.push(`Answer with JSON that fits this JSON Schema:\n${JSON.stringify(output.schema)}`)
  return texts.length > 0 ? jsonText({ role: 'system', content: texts.join('\n\n') }) : ''
}
