import type { Json } from '../json.ts'
import type { Hooks } from '../run/hooks.ts'
import type { Tool } from '../tool/tool.ts'

/** The same tool with `afterTool` around it, so that the loop knows nothing of it. */
export function withAfterTool(tool: Tool, afterTool: NonNullable<Hooks['afterTool']>): Tool {
  return {
    name: tool.name,
    description: tool.description,
    get parameters() {
      return tool.parameters
    },
    ...(tool.loadable && { loadable: true }),
    recovery: tool.recovery,
    validate: (args) => tool.validate(args),
    effects: (args, context) => tool.effects(args, context),
    async execute(args, context) {
      const result = await tool.execute(args, context)
      const call = {
        id: context.callId,
        tool: tool.name,
        args: args as Json,
        signal: context.signal,
      }
      return (await afterTool(call, result)) ?? result
    },
  }
}
