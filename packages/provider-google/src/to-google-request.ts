import {
  isJsonObject,
  jsonText,
  warning,
  type Json,
  type JsonObject,
  type ModelRequest,
  type ToolChoice,
  type ToolSpec,
  type Warning,
} from '@harnext/core/provider'
import type { Connection } from './google-options.ts'
import { dialectOf } from './models.ts'
import { contentsWriter } from './to-google-contents.ts'
import { toOpenApiSchema } from './to-open-api-schema.ts'
import { toThinking } from './to-thinking.ts'

export interface WrittenRequest {
  /** JSON in UTF-8: a view that is good until `release`. */
  readonly body: Uint8Array
  readonly warnings: readonly Warning[]
  /** The call is over, and went well. */
  readonly release: () => void
}

export interface RequestWriter {
  /** For `streamGenerateContent`. */
  write(request: ModelRequest): WrittenRequest
  /** For `countTokens`. */
  writeForCount(request: ModelRequest): WrittenRequest
}

/**
 * Makes requests. It keeps the JSON of tools and messages, so that a turn costs what is new in it.
 *
 * `params` go into the body as they are and win over the neutral options, with these exceptions: `tools` come after the request's
 * own, the fields of `generationConfig` and `toolConfig` are merged, and `contents` is refused. With `cachedContent` the system
 * prompt and the tools are left out, as the API wants it: they are part of what was cached.
 */
export function requestWriter({
  schema,
  isVertex,
}: Pick<Connection, 'schema' | 'isVertex'>): RequestWriter {
  const writeContents = contentsWriter()
  const writeTool = toolWriter(schema)

  function write(request: ModelRequest, begin = '{', end = ']}'): WrittenRequest {
    const { params = {} } = request
    const contents = writeContents(request.messages, dialectOf(request.model))
    const warnings: Warning[] = [...contents.warnings]
    const { tools: _tools, toolConfig: _config, generationConfig: _generation, ...others } = params
    const { contents: ownContents, ...rest } = others
    const isCached = 'cachedContent' in params
    if (isCached && (request.system?.trim() || request.tools?.length))
      warnings.push(warning('param_conflict', 'With cachedContent, system and tools are left out.'))
    const tools = isCached ? undefined : toTools(request, writeTool)
    const toolConfig = isCached ? undefined : toToolConfig(request, tools !== undefined, warnings)
    const generationConfig = toGenerationConfig(request, schema, warnings)
    const { continuationToken } = contents
    const head = {
      ...(!isCached && toSystem(request.system)),
      ...(toolConfig && { toolConfig }),
      ...(generationConfig && { generationConfig }),
      ...(continuationToken !== undefined && { continuationToken }),
      ...rest,
    }
    if (ownContents !== undefined)
      warnings.push(warning('param_unsupported', 'params.contents was left out.'))
    const fields = [...(tools ? [`"tools":${tools}`] : []), jsonText(head).slice(1, -1)]
    const before = [...fields.filter((text) => text !== ''), '"contents":['].join(',')
    return { body: contents.body(begin + before, end), warnings, release: contents.release }
  }

  return {
    write: (request) => write(request),
    writeForCount(request) {
      if (isVertex) return write(request)
      const model = /^(models|tunedModels)\//.test(request.model)
        ? request.model
        : `models/${request.model}`
      const begin = `{"generateContentRequest":{"model":${JSON.stringify(model)},`
      return write(request, begin, ']}}')
    },
  }
}

function toSystem(system: string | undefined): JsonObject {
  return system?.trim() ? { systemInstruction: { parts: [{ text: system }] } } : {}
}

/** A JSON array; `undefined` when there is none. */
function toTools(
  { tools = [], params }: ModelRequest,
  writeTool: (tool: ToolSpec) => string,
): string | undefined {
  const written: string[] = []
  if (tools.length > 0) written.push(`{"functionDeclarations":[${tools.map(writeTool).join(',')}]}`)
  const vendorTools = params?.['tools']
  if (Array.isArray(vendorTools)) for (const tool of vendorTools) written.push(jsonText(tool))
  return written.length > 0 ? `[${written.join(',')}]` : undefined
}

function toolWriter(schema: Connection['schema']): (tool: ToolSpec) => string {
  const known = new WeakMap<ToolSpec, string>()
  return (tool) => {
    let text = known.get(tool)
    if (text === undefined) {
      const { name, description, parameters } = tool
      text = jsonText({
        name,
        ...(description && { description }),
        ...(schema === 'json'
          ? { parametersJsonSchema: parameters }
          : toParameters(toOpenApiSchema(parameters))),
      })
      known.set(tool, text)
    }
    return text
  }
}

/** The older language knows no object without properties: such a tool has no parameters. */
function toParameters(parameters: JsonObject): JsonObject {
  return isJsonObject(parameters['properties']) ? { parameters } : {}
}

function toToolConfig(
  { toolChoice, params }: ModelRequest,
  hasTools: boolean,
  warnings: Warning[],
): JsonObject | undefined {
  const own = params?.['toolConfig']
  const ownConfig = isJsonObject(own) ? own : {}
  if (!hasTools && toolChoice !== undefined && toolChoice !== 'auto')
    warnings.push(
      warning('tool_choice_unsupported', 'toolChoice was left out: no tools are given.'),
    )
  const choice = hasTools && toolChoice !== undefined ? toCallingConfig(toolChoice) : undefined
  const ownChoice = ownConfig['functionCallingConfig']
  const config: JsonObject = {
    ...ownConfig,
    ...(choice && {
      functionCallingConfig: { ...choice, ...(isJsonObject(ownChoice) && ownChoice) },
    }),
  }
  return Object.keys(config).length > 0 ? config : undefined
}

function toCallingConfig(choice: ToolChoice): JsonObject {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.tool] }
  return { mode: choice === 'required' ? 'ANY' : choice.toUpperCase() }
}

function toGenerationConfig(
  request: ModelRequest,
  schema: Connection['schema'],
  warnings: Warning[],
): JsonObject | undefined {
  const { maxOutputTokens, params } = request
  const own = params?.['generationConfig']
  const thinking = toThinking(request)
  warnings.push(...thinking.warnings)
  const config: JsonObject = {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(thinking.thinkingConfig && { thinkingConfig: thinking.thinkingConfig }),
    ...toOutput(request, schema, warnings),
    ...(isJsonObject(own) && own),
  }
  return Object.keys(config).length > 0 ? config : undefined
}

function toOutput(
  { output, model, tools = [] }: ModelRequest,
  schema: Connection['schema'],
  warnings: Warning[],
): JsonObject {
  if (!output) return {}
  if (tools.length > 0 && !dialectOf(model).outputBesideTools) {
    const message = `${model} takes no form for its answer beside tools: it was left out.`
    warnings.push(warning('output_unsupported', message))
    return {}
  }
  const form: Json = output.schema
  return {
    responseMimeType: 'application/json',
    ...(schema === 'json'
      ? { responseJsonSchema: form }
      : { responseSchema: toOpenApiSchema(output.schema) }),
  }
}
