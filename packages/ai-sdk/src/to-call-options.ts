import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ProviderTool,
  LanguageModelV4ToolChoice,
} from '@ai-sdk/provider'
import type {
  CallContext,
  Effort,
  Json,
  JsonObject,
  ModelRequest,
  ToolChoice,
  ToolSpec,
} from '@harnext/core/provider'
import { toPrompt } from './to-prompt.ts'
import { warning, type Warning } from './warning.ts'

export interface WrittenCall {
  readonly options: LanguageModelV4CallOptions
  readonly warnings: readonly Warning[]
}

/** A request in the options of `doStream`. What the model itself does not support, it says in its stream. */
export async function toCallOptions(
  model: LanguageModelV4,
  api: string,
  request: ModelRequest,
  context: CallContext,
): Promise<WrittenCall> {
  const { maxOutputTokens, effort, output, params = {} } = request
  const warnings: Warning[] = []
  const takesUrl = urlMatcher(await model.supportedUrls)
  const tools = [...(request.tools ?? []).map(toTool), ...providerTools(params['tools'])]
  if (request.model !== model.modelId)
    warnings.push(
      warning(
        'model_fixed',
        `The model is ${model.modelId}; ${request.model} was asked for: an adapter of fromAiSdk serves the one that it was made of.`,
      ),
    )
  if (context.fetch)
    warnings.push(
      warning(
        'fetch_unsupported',
        'A model of the AI SDK has the transport that it was made with.',
      ),
    )
  const options: LanguageModelV4CallOptions = {
    prompt: toPrompt(request.messages, request.system, { api, takesUrl, warnings }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(effort && { reasoning: toReasoning(effort) }),
    ...(tools.length && { tools }),
    ...toToolChoice(request.toolChoice, tools.length > 0, warnings),
    ...(output && { responseFormat: toResponseFormat(output) }),
    ...ownOptions(params, warnings),
  }
  return { options, warnings }
}

function toTool({ name, description, parameters }: ToolSpec): LanguageModelV4FunctionTool {
  const inputSchema = structuredClone(parameters) as LanguageModelV4FunctionTool['inputSchema']
  return { type: 'function', name, ...(description && { description }), inputSchema }
}

function providerTools(tools: Json | undefined): readonly LanguageModelV4ProviderTool[] {
  return Array.isArray(tools) ? structuredClone(tools as LanguageModelV4ProviderTool[]) : []
}

function toToolChoice(
  choice: ToolChoice | undefined,
  hasTools: boolean,
  warnings: Warning[],
): { readonly toolChoice?: LanguageModelV4ToolChoice } {
  if (choice === undefined || (choice === 'auto' && !hasTools)) return {}
  if (!hasTools) {
    warnings.push(
      warning('tool_choice_unsupported', 'toolChoice was left out: no tools are given.'),
    )
    return {}
  }
  if (typeof choice === 'object') return { toolChoice: { type: 'tool', toolName: choice.tool } }
  return { toolChoice: { type: choice } }
}

function toReasoning(effort: Effort): NonNullable<LanguageModelV4CallOptions['reasoning']> {
  return effort === 'off' ? 'none' : effort
}

function toResponseFormat({
  schema,
  name,
}: NonNullable<ModelRequest['output']>): NonNullable<LanguageModelV4CallOptions['responseFormat']> {
  const copy = structuredClone(schema) as LanguageModelV4FunctionTool['inputSchema']
  return { type: 'json', schema: copy, ...(name !== undefined && { name }) }
}

const callOptions: ReadonlySet<string> = new Set([
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'stopSequences',
  'seed',
  'headers',
  'providerOptions',
] satisfies (keyof LanguageModelV4CallOptions)[])

/** Of `params`, what the AI SDK has a name for. */
function ownOptions(params: JsonObject, warnings: Warning[]): Partial<LanguageModelV4CallOptions> {
  const options: Record<string, Json> = {}
  for (const [name, value] of Object.entries(params)) {
    if (name === 'tools') continue
    if (callOptions.has(name)) options[name] = structuredClone(value)
    else
      warnings.push(
        warning(
          'param_unsupported',
          `params.${name} was left out: the AI SDK has no such option. Options of one provider go into params.providerOptions.`,
        ),
      )
  }
  return options
}

type SupportedUrls = Awaited<LanguageModelV4['supportedUrls']>

function urlMatcher(supported: SupportedUrls): (mediaType: string, url: string) => boolean {
  return (mediaType, url) => {
    const kind = mediaType.split('/')[0] ?? ''
    return Object.entries(supported).some(
      ([pattern, urls]) =>
        ['*', '*/*', kind, `${kind}/*`, mediaType].includes(pattern) &&
        urls.some((regex) => regex.test(url.toLowerCase())),
    )
  }
}
