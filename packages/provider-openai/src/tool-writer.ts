import type { Json, ModelRequest, ToolSpec } from '@harnext/core/provider'
import { listIn } from './json-text.ts'

/** Makes a writer of tools that keeps the JSON of each. Those in `params` come behind; `undefined` when there is none. */
export function toolWriter(
  toWire: (tool: ToolSpec) => Json,
): (request: ModelRequest) => string | undefined {
  const known = new WeakMap<ToolSpec, string>()
  const write = (tool: ToolSpec): string => {
    let text = known.get(tool)
    if (text === undefined) {
      text = JSON.stringify(toWire(tool))
      known.set(tool, text)
    }
    return text
  }
  return ({ tools = [], params }) => {
    const vendorTools = listIn(params?.['tools']).map((tool) => JSON.stringify(tool))
    const all = [...tools.map(write), ...vendorTools]
    return all.length > 0 ? `[${all.join(',')}]` : undefined
  }
}
