import type { Hooks } from '../run/hooks.ts'
import { createPartRedactor, createRedactor, redactJson, type Redact } from '../session/redact.ts'
import { ToolResult, type Tool } from '../tool/tool.ts'
import { withAfterTool } from './tool-hooks.ts'

/** What tools say while they work and when they are done, without secrets, wherever that goes. */
export function redacted(
  tools: readonly Tool[],
  secrets: readonly string[] | undefined,
): readonly Tool[] {
  const after = redactResult(createRedactor(secrets))
  // More may come of what it says while it works.
  const redact = createPartRedactor(secrets)
  return tools.map((tool) =>
    withAfterTool(tool, after, (context) => ({
      ...context,
      progress: (update) => context.progress(redactJson(update, redact)),
    })),
  )
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
    const { isError, changes, changesComplete } = result
    return new ToolResult(output, {
      isError,
      ...(content && { content }),
      ...(changes && { changes }),
      ...(changesComplete && { changesComplete }),
    })
  }
}
