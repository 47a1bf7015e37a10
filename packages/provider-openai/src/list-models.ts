import { isJsonObject, type Json, type JsonObject, type ModelInfo } from '@harnext/core/provider'
import { listIn } from './json-text.ts'

/** The answer of `GET /models`: a list of ids, to which each vendor adds what it knows under a name of its own. */
export function toModels(answer: Json): ModelInfo[] {
  const data = isJsonObject(answer) ? answer['data'] : undefined
  if (!Array.isArray(data)) throw new TypeError('expected a list of models in data')
  return listIn(data).filter(isJsonObject).flatMap(toModel)
}

function toModel(model: JsonObject): ModelInfo[] {
  const { id, name, top_provider: provider } = model
  if (typeof id !== 'string') return []
  const contextWindow = firstCount(model, ['context_length', 'context_window', 'max_model_len'])
  const maxOutputTokens =
    firstCount(model, ['max_completion_tokens']) ??
    (isJsonObject(provider) ? firstCount(provider, ['max_completion_tokens']) : undefined)
  return [
    {
      id,
      ...(typeof name === 'string' && { name }),
      ...(contextWindow !== undefined && { contextWindow }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
  ]
}

function firstCount(from: JsonObject, names: readonly string[]): number | undefined {
  return names.map((name) => from[name]).find((value) => typeof value === 'number')
}
