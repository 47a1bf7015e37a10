import { isJsonObject, type Json } from '@harnext/core/provider'

/** What a server says about a model. What it does not say is taken to be possible. */
export interface ModelFacts {
  /** Tokens, of the model or as its maker set them. */
  readonly contextLength?: number
  readonly images: boolean
  readonly tools: boolean
  readonly thinking: boolean
}

export const unknownFacts: ModelFacts = { images: true, tools: true, thinking: true }

/** What the machine's memory is asked for at most when nobody said how much it shall be. */
const LONGEST_CONTEXT = 65_536

/** Reads the answer of `/api/show`. */
export function toModelFacts(answer: Json): ModelFacts {
  if (!isJsonObject(answer)) return unknownFacts
  const { capabilities, parameters, model_info: info } = answer
  const list: readonly Json[] | undefined = Array.isArray(capabilities) ? capabilities : undefined
  const has = (capability: string): boolean => list?.includes(capability) ?? true
  const contextLength = lengthSet(parameters) ?? lengthOf(info)
  return {
    ...(contextLength !== undefined && { contextLength }),
    images: has('vision'),
    tools: has('tools'),
    thinking: has('thinking'),
  }
}

/** The maker of a model may have set it, in lines of a name and a value. */
function lengthSet(parameters: Json | undefined): number | undefined {
  const found = typeof parameters === 'string' ? /^num_ctx\s+(\d+)\s*$/m.exec(parameters) : null
  return found ? Number(found[1]) : undefined
}

/** It stands under the name of the model's architecture: `qwen3.context_length`. */
function lengthOf(info: Json | undefined): number | undefined {
  if (!isJsonObject(info)) return undefined
  const architecture = info['general.architecture']
  const length =
    (typeof architecture === 'string' ? info[`${architecture}.context_length`] : undefined) ??
    Object.entries(info).find(([name]) => name.endsWith('.context_length'))?.[1]
  return typeof length === 'number' && length > 0 ? Math.min(length, LONGEST_CONTEXT) : undefined
}
