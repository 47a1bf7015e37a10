import { toolCallPart, type Json, type Opaque, type ToolCallPart } from '@harnext/core/provider'
import type { WireFunctionCall, WirePart } from './google-api.ts'
import { partialArgs } from './partial-args.ts'

interface OpenCall {
  readonly tool: string
  readonly vendorId: string | undefined
  readonly fields: WirePart
  readonly args: ReturnType<typeof partialArgs>
}

/**
 * Makes the parts of calls. Most come whole; with streamed arguments one begins with its name, goes on in parts without one, and
 * ends with a part that does not announce another.
 *
 * A call without an id gets one of ours, which is never sent: that there is none in its opaque data says so.
 */
export function callCollector(
  newId: () => string,
  opaque: (data: Json) => Opaque,
): {
  /** What is complete now: none or one, or two where a call was not ended before the next. */
  take(call: WireFunctionCall, wire: WirePart): ToolCallPart[]
  /** A call that never ended. */
  rest(): ToolCallPart[]
} {
  let open: OpenCall | undefined

  function begin({ name, id }: WireFunctionCall, wire: WirePart): OpenCall {
    const { functionCall: _call, ...fields } = wire
    return { tool: textIn(name) ?? '', vendorId: textIn(id), fields, args: partialArgs() }
  }

  function part(call: OpenCall, args: Json, cut: boolean): ToolCallPart {
    const { tool, vendorId, fields } = call
    const data = { ...(vendorId !== undefined && { id: vendorId }), ...fields }
    return toolCallPart({
      id: vendorId ?? newId(),
      tool,
      text: JSON.stringify(args),
      cut,
      ...(Object.keys(data).length > 0 && { opaque: opaque(data) }),
    })
  }

  function rest(): ToolCallPart[] {
    const left = open ? [part(open, open.args.value(), true)] : []
    open = undefined
    return left
  }

  return {
    take(call, wire) {
      const done = call.name !== undefined && open ? rest() : []
      const current = open ?? begin(call, wire)
      for (const piece of call.partialArgs ?? []) current.args.add(piece)
      open = call.willContinue ? current : undefined
      if (!open) done.push(part(current, call.args ?? current.args.value(), false))
      return done
    },
    rest,
  }
}

/** `undefined` for what says nothing, in whatever way. */
function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
