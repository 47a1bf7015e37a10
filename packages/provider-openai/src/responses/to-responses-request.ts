import {
  warning,
  type Json,
  type JsonObject,
  type ModelRequest,
  type Warning,
} from '@harnext/core/provider'
import { toEffortLevel, type WrittenEffort } from '../effort.ts'
import { historyWriter } from '../history-writer.ts'
import { listIn } from '../json-text.ts'
import { effortsOf } from '../models.ts'
import { merged, toCacheKey, toOutputName, unusedChoice } from '../request-parts.ts'
import type { WrittenRequest } from '../stream-answer.ts'
import { toolWriter } from '../tool-writer.ts'
import { responsesDialect } from './to-responses-items.ts'

export interface ResponsesWriter {
  /** For `POST /responses`: streaming, and nothing is stored at the vendor. */
  write(request: ModelRequest): WrittenRequest
  /** For `POST /responses/input_tokens`. */
  writeForCount(request: ModelRequest): WrittenRequest
}

/**
 * Makes requests. It keeps the JSON of tools and messages, so that a turn costs what is new in it.
 *
 * `params` go into the body as they are and win over the neutral options, with these exceptions: `tools` and `include` come behind
 * the request's own, the fields of `reasoning` and `text` are merged, and `input` and `background` are refused.
 */
export function responsesWriter(name: string): ResponsesWriter {
  const writeHistory = historyWriter(responsesDialect(name))
  const writeTools = toolWriter(({ name: tool, description, parameters }) => ({
    type: 'function',
    name: tool,
    ...(description && { description }),
    parameters,
    // What a strict schema may say is a part of what a schema may say.
    strict: false,
  }))

  function write(request: ModelRequest, isCount: boolean): WrittenRequest {
    const { model, messages, params = {} } = request
    const effort = toEffortLevel(model, request.effort, effortsOf(model))
    const history = writeHistory(messages)
    const tools = writeTools(request)
    const { tools: _tools, include: _include, input, background, ...rest } = params
    const head = {
      model,
      ...(!isCount && toAnswerFields(request)),
      ...(request.system?.trim() && { instructions: request.system.toWellFormed() }),
      ...(tools && toToolChoice(request)),
      ...(isCount ? forCount(rest) : rest),
      ...toReasoning(effort, params['reasoning']),
      ...toText(request),
    }
    const before = `${JSON.stringify(head).slice(0, -1)}${tools ? `,"tools":${tools}` : ''},"input":[`
    const warnings = [...effort.warnings, ...history.warnings, ...unusedChoice(request, tools)]
    if (input !== undefined) warnings.push(refused('input', 'the messages are the input'))
    if (background) warnings.push(refused('background', 'nobody would fetch the answer'))
    return { body: history.body(before, ']}'), warnings, release: history.release }
  }
  return {
    write: (request) => write(request, false),
    writeForCount: (request) => write(request, true),
  }
}

function refused(param: string, why: string): Warning {
  return warning('param_unsupported', `params.${param} was left out: ${why}.`)
}

/** What is about the answer alone. The reasoning comes encrypted, so that it can come back though nothing is stored. */
function toAnswerFields({ model, maxOutputTokens, cacheKey, params }: ModelRequest): JsonObject {
  const reasoning = effortsOf(model).length > 0 ? ['reasoning.encrypted_content'] : []
  const include = new Set([...reasoning, ...listIn(params?.['include'])])
  return {
    stream: true,
    store: false,
    ...(include.size > 0 && { include: [...include] }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
    ...(cacheKey !== undefined && { prompt_cache_key: toCacheKey(cacheKey) }),
  }
}

/** Counting takes what shapes the prompt and refuses the rest. */
function forCount({ tool_choice, parallel_tool_calls, truncation }: JsonObject): JsonObject {
  return {
    ...(tool_choice !== undefined && { tool_choice }),
    ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
    ...(truncation !== undefined && { truncation }),
  }
}

function toToolChoice({ toolChoice }: ModelRequest): JsonObject {
  if (toolChoice === undefined) return {}
  if (typeof toolChoice !== 'object') return { tool_choice: toolChoice }
  return { tool_choice: { type: 'function', name: toolChoice.tool } }
}

/** A summary is all that can be seen of the reasoning, and comes only when it is asked for. */
function toReasoning({ level }: WrittenEffort, own: Json | undefined): JsonObject {
  const ours = level && { effort: level, ...(level !== 'none' && { summary: 'auto' }) }
  return merged('reasoning', ours, own)
}

function toText({ output, params }: ModelRequest): JsonObject {
  const format = output && {
    type: 'json_schema',
    name: toOutputName(output),
    schema: output.schema,
    strict: false,
  }
  return merged('text', format && { format }, params?.['text'])
}
