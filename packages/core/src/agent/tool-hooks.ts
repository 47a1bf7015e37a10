import { HarnextError, messageOf } from '../errors.ts'
import type { Json } from '../json.ts'
import type { Hooks } from '../run/hooks.ts'
import {
  ToolResult,
  toToolResult,
  type Tool,
  type ToolContext,
  type ToolResultLike,
} from '../tool/tool.ts'

/**
 * The same tool with `afterTool` around it, so that the loop knows nothing of it. The hook sees every result before it becomes an event:
 * also what was thrown, as an error result, and what a recovery found out. `around`: what the tool gets in the place of its context.
 */
export function withAfterTool(
  tool: Tool,
  afterTool: NonNullable<Hooks['afterTool']>,
  around: (context: ToolContext) => ToolContext = (context) => context,
): Tool {
  async function after(
    args: unknown,
    context: ToolContext,
    result: ToolResultLike,
  ): Promise<ToolResultLike | undefined> {
    const { callId, sessionId, signal, agentPath } = context
    const about = { sessionId, signal, agentPath }
    const call = { id: callId, tool: tool.name, args: args as Json, ...about }
    const replaced = await afterTool(call, result)
    return replaced ? toToolResult(replaced, context) : undefined
  }
  async function execute(args: unknown, context: ToolContext): Promise<ToolResultLike> {
    let result: ToolResultLike
    try {
      result = await tool.execute(args, around(context))
    } catch (error) {
      // It has no result yet.
      if (HarnextError.is(error) && error.code === 'paused') throw error
      const replaced = await after(args, context, ToolResult.error(messageOf(error)))
      if (replaced) return replaced
      throw error
    }
    return (await after(args, context, result)) ?? result
  }
  const { recovery } = tool
  return {
    name: tool.name,
    description: tool.description,
    get parameters() {
      return tool.parameters
    },
    ...(tool.loadable && { loadable: tool.loadable }),
    ...(tool.target && {
      target(args) {
        const meant = tool.target?.(args)
        return meant ? withAfterTool(meant, afterTool, around) : null
      },
    }),
    recovery:
      typeof recovery !== 'function'
        ? recovery
        : async (args, context) => {
            const found = await recovery(args, around(context))
            return found === 'rerun' ? found : ((await after(args, context, found)) ?? found)
          },
    validate: (args) => tool.validate(args),
    effects: (args, context) => tool.effects(args, context),
    execute,
  }
}
