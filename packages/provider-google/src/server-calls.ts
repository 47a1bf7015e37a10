import {
  frozenPart,
  isJsonObject,
  type AssistantPart,
  type JsonObject,
  type Opaque,
  type ToolCallPart,
} from '@harnext/core/provider'
import { toFunctionCall } from './to-google-parts.ts'

/**
 * Tells calls that the server answers itself, those of an MCP server that it was given, from ours: both look the same until the
 * result comes in the same answer. A call to a tool that we do not have waits for that, and whatever comes behind it as well.
 */
export function serverCallFilter(
  tools: ReadonlySet<string>,
  opaque: (data: JsonObject) => Opaque,
): {
  readonly isWaiting: boolean
  /** What can be passed on now. */
  take(part: AssistantPart): AssistantPart[]
  /** At the end of the answer nobody else answers the calls that wait: they are ours. */
  rest(): AssistantPart[]
} {
  let held: AssistantPart[] = []
  const mayBeServers = (part: AssistantPart): part is ToolCallPart =>
    part.type === 'tool_call' && !tools.has(part.tool)

  return {
    get isWaiting() {
      return held.length > 0
    },
    take(part) {
      if (held.length === 0 && !mayBeServers(part)) return [part]
      const answered = answeredTool(part)
      const at = held.findIndex((one) => mayBeServers(one) && one.tool === answered)
      const call = held[at]
      if (call?.type === 'tool_call')
        held[at] = frozenPart({ type: 'provider', opaque: opaque(toFunctionCall(call)) })
      held.push(part)
      const next = held.findIndex(mayBeServers)
      return held.splice(0, next === -1 ? held.length : next)
    },
    rest() {
      const parts = held
      held = []
      return parts
    },
  }
}

function answeredTool(part: AssistantPart): string | undefined {
  const data = part.type === 'provider' ? part.opaque.data : undefined
  const response = isJsonObject(data) ? data['functionResponse'] : undefined
  const name = isJsonObject(response) ? response['name'] : undefined
  return typeof name === 'string' ? name : undefined
}
