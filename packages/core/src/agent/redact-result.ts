import type { Hooks } from '../run/hooks.ts'
import { redactJson, type Redact } from '../session/redact.ts'
import { ToolResult, type Tool } from '../tool/tool.ts'
import { withAfterTool } from './tool-hooks.ts'

/** What a tool says while it works and when it is done, without secrets, wherever that goes. */
export function redacted(tool: Tool, redact: Redact): Tool {
  return withAfterTool(tool, redactResult(redact), (context) => ({
    ...context,
    progress: (update) => context.progress(redactJson(update, redact)),
  }))
}

/**
 * The last of the hooks after a tool: what it leaves is what the model, the reader and the log get, so that a run that is live and one that
 * goes on from its log hold the same bytes.
 */
function redactResult(redact: Redact): NonNullable<Hooks['afterTool']> {
  return (_call, result) => {
    const output = redactJson(result.output, redact)
    const content = result.content?.map((part) => {
      const text = part.type === 'text' ? redact(part.text) : ''
      return part.type === 'text' && text !== part.text ? { ...part, text } : part
    })
    const isSame =
      output === result.output && !content?.some((part, index) => part !== result.content?.[index])
    if (isSame) return undefined
    const { isError, changes } = result
    return new ToolResult(output, {
      isError,
      ...(content && { content }),
      ...(changes && { changes }),
    })
  }
}
