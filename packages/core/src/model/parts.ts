import { messageOf } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { AssistantPart, Opaque, ToolCallPart } from '../messages.ts'

export interface ToolCallText {
  readonly id: string
  readonly tool: string
  /** The arguments as the model wrote them; an empty text stands for `{}`. */
  readonly text: string
  /** The model's output limit came before the end of the call. */
  readonly cut?: boolean
  readonly opaque?: Opaque
}

/**
 * The part of a call whose arguments have arrived. What is not a JSON object is kept as it came, and `invalid` tells the model
 * what was wrong: such a call never runs.
 */
export function toolCallPart({ id, tool, text, cut, opaque }: ToolCallText): ToolCallPart {
  const invalid = cut ? cutMessage : undefined
  return frozenPart({
    type: 'tool_call',
    id,
    tool,
    ...parseArguments(text, invalid),
    ...(opaque && { opaque }),
  })
}

const cutMessage =
  'The call was cut by the output limit before its arguments were complete. Make it shorter or split it.'

function parseArguments(
  text: string,
  invalid: string | undefined,
): Pick<ToolCallPart, 'args' | 'invalid'> {
  let args: Json
  try {
    args = text.trim() === '' ? {} : JSON.parse(text)
  } catch (error) {
    return { args: text, invalid: invalid ?? `The arguments are not JSON: ${messageOf(error)}` }
  }
  if (invalid !== undefined) return { args, invalid }
  if (isJsonObject(args)) return { args }
  const got = args === null ? 'null' : Array.isArray(args) ? 'an array' : `a ${typeof args}`
  return { args, invalid: `The arguments must be a JSON object; got ${got}.` }
}

/** The same part, frozen to its leaves. */
export function frozenPart<Part extends AssistantPart>(part: Part): Part {
  freeze(part)
  return part
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const key in value) freeze(value[key as keyof typeof value])
}
