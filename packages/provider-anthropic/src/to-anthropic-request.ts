import {
  isJsonObject,
  warning,
  type Json,
  type JsonObject,
  type ModelRequest,
  type ToolChoice,
  type ToolSpec,
  type Warning,
} from '@harnext/core/provider'
import { findModel } from './models.ts'
import { messagesWriter } from './to-anthropic-messages.ts'
import { toThinking } from './to-thinking.ts'

export interface WrittenRequest {
  /** JSON in UTF-8: a view that is good until `release`. */
  readonly body: Uint8Array
  readonly warnings: readonly Warning[]
  /** The call is over, and went well. */
  readonly release: () => void
}

export interface RequestWriter {
  /** For `POST /v1/messages`, streaming. */
  write(request: ModelRequest): WrittenRequest
  /** For `POST /v1/messages/count_tokens`. */
  writeForCount(request: ModelRequest): WrittenRequest
}

const DEFAULT_MAX_TOKENS = 32_000

/**
 * Makes requests. It keeps the JSON of tools and messages, so that a turn costs what is new in it.
 *
 * `params` go into the body as they are and win over the neutral options, with these exceptions: `tools` come after the request's
 * own, the fields of `output_config` are merged, and `messages` is refused. With a `cache_control` of their own no breakpoint is
 * set here.
 */
export function requestWriter(): RequestWriter {
  const writeMessages = messagesWriter()
  const writeTool = toolWriter()

  function write(request: ModelRequest, isCount: boolean): WrittenRequest {
    const maxTokens = request.maxOutputTokens ?? defaultMaxTokens(request.model)
    const { params = {} } = request
    const thinking = toThinking(request, maxTokens)
    const isCached = !('cache_control' in params)
    const messages = writeMessages(request.messages, isCached)
    const tools = toTools(request, isCached, writeTool)
    const { tools: _tools, messages: ownMessages, output_config: _output, ...rest } = params
    const outputConfig = toOutputConfig(request, thinking.effort)
    const head = {
      model: request.model,
      ...(!isCount && { max_tokens: maxTokens, stream: true }),
      ...toSystem(request.system, isCached),
      ...(tools && toToolChoice(request.toolChoice)),
      ...(thinking.thinking && { thinking: thinking.thinking }),
      ...(outputConfig && { output_config: outputConfig }),
      ...(isCount ? forCount(rest) : rest),
    }
    const toolsText = tools && `,"tools":[${tools.join(',')}]`
    const before = `${JSON.stringify(head).slice(0, -1)}${toolsText ?? ''},"messages":[`
    const warnings = [...thinking.warnings, ...messages.warnings]
    if (ownMessages !== undefined)
      warnings.push(warning('param_unsupported', 'params.messages was left out.'))
    if (!tools && request.toolChoice && request.toolChoice !== 'auto')
      warnings.push(
        warning('tool_choice_unsupported', 'toolChoice was left out: no tools are given.'),
      )
    return { body: messages.body(before, ']}'), warnings, release: messages.release }
  }
  return {
    write: (request) => write(request, false),
    writeForCount: (request) => write(request, true),
  }
}

/** Counting takes what shapes the prompt and refuses the rest. */
function forCount({ thinking, tool_choice, cache_control }: JsonObject): JsonObject {
  return {
    ...(thinking !== undefined && { thinking }),
    ...(tool_choice !== undefined && { tool_choice }),
    ...(cache_control !== undefined && { cache_control }),
  }
}

function defaultMaxTokens(model: string): number {
  return Math.min(findModel(model)?.maxOutputTokens ?? DEFAULT_MAX_TOKENS, DEFAULT_MAX_TOKENS)
}

const cacheControl = { cache_control: { type: 'ephemeral' } }

function toSystem(system: string | undefined, isCached: boolean): JsonObject {
  if (!system?.trim()) return {}
  return { system: [{ type: 'text', text: system.toWellFormed(), ...(isCached && cacheControl) }] }
}

/** The JSON of each tool; `undefined` when there is none. The last of ours closes the part of the prefix that is cached first. */
function toTools(
  { tools = [], params }: ModelRequest,
  isCached: boolean,
  writeTool: (tool: ToolSpec) => string,
): string[] | undefined {
  const written = tools.map(writeTool)
  const last = written.pop()
  if (last !== undefined)
    written.push(isCached ? `${last.slice(0, -1)},${JSON.stringify(cacheControl).slice(1)}` : last)
  const vendorTools = params?.['tools']
  if (Array.isArray(vendorTools)) for (const tool of vendorTools) written.push(JSON.stringify(tool))
  return written.length > 0 ? written : undefined
}

function toolWriter(): (tool: ToolSpec) => string {
  const known = new WeakMap<ToolSpec, string>()
  return (tool) => {
    let text = known.get(tool)
    if (text === undefined) {
      const { name, description, parameters } = tool
      text = JSON.stringify({ name, ...(description && { description }), input_schema: parameters })
      known.set(tool, text)
    }
    return text
  }
}

function toToolChoice(choice: ToolChoice | undefined): JsonObject {
  if (choice === undefined) return {}
  if (typeof choice === 'object') return { tool_choice: { type: 'tool', name: choice.tool } }
  return { tool_choice: { type: choice === 'required' ? 'any' : choice } }
}

function toOutputConfig(
  { output, params }: ModelRequest,
  effort: string | undefined,
): JsonObject | undefined {
  const own = params?.['output_config']
  const config: JsonObject = {
    ...(effort !== undefined && { effort }),
    ...(output && { format: { type: 'json_schema', schema: closed(output.schema) } }),
    ...(isJsonObject(own) && own),
  }
  return Object.keys(config).length > 0 ? config : undefined
}

/** The API wants every object of a schema to say that it has no other properties. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isJsonObject(schema)) return schema
  const isOpen = schema['type'] === 'object' && !('additionalProperties' in schema)
  const result: Record<string, Json> = isOpen ? { additionalProperties: false } : {}
  for (const [key, value] of Object.entries(schema))
    if (schemaMaps.has(key) && isJsonObject(value))
      result[key] = Object.fromEntries(
        Object.entries(value).map(([name, entry]) => [name, closed(entry)]),
      )
    else result[key] = schemaKeywords.has(key) ? closed(value) : value
  return result
}

const schemaMaps: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const schemaKeywords: ReadonlySet<string> = new Set(['items', 'anyOf', 'allOf', 'oneOf'])
