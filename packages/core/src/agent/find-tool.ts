import type { DispatchOptions } from '../tool/dispatch.ts'
import { findToolName, toWireName } from '../tool/names.ts'
import type { Tool } from '../tool/tool.ts'

/** Finds a tool by every name that a model may call it by; the sentence for one that is not there lists what the model was given. */
export function toolFinder(tools: readonly Tool[]): DispatchOptions['findTool'] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const names = [...byName.keys()]
  return ({ tool: name, args }) => {
    const tool = byName.get(findToolName(name, names) ?? '')
    if (tool) return tool.target?.(args) ?? tool
    const listed = tools.filter(({ loadable }) => !loadable).map((each) => toWireName(each.name))
    const failed = `There is no tool ${JSON.stringify(name)}. The tools are: ${listed.join(', ') || 'none'}.`
    return { failed, reason: 'invalid' }
  }
}
