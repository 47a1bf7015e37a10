import { ToolResult, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { attempt, codeOf } from './file/failure.ts'
import { changedSince, exclusively, rememberWritten, writtenByOther } from './file/seen.ts'
import { decidedTarget, displayPath, resolveTarget } from './file/target.ts'

interface WriteArgs {
  readonly path: string
  readonly content: string
}

/** Creates a file or replaces all of it, atomically, as UTF-8. Missing folders are made; the mode of a file that is there stays. */
export const write: Tool = builtinTool<WriteArgs>({
  name: 'write',
  description:
    'Creates a file, or replaces all of its content. Makes missing folders. ' +
    'To change a part of a file use edit; read a file that is there before you replace it.',
  parameters: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description: 'Absolute, or relative to the working directory',
      },
      content: { type: 'string', description: 'The whole text of the file' },
    },
    required: ['path', 'content'],
    additionalProperties: false,
  },
  effects: async ({ path }, context) => [
    { kind: 'write', target: await resolveTarget('write', path, context) },
  ],
  // A whole file can be written twice.
  async recovery({ content }, context) {
    const target = await decidedTarget('write', 'write', context)
    const shown = displayPath(target, context.workspace)
    return (await holds(target, content, context))
      ? ToolResult.ok(`Wrote ${shown} (${lineCount(content)}).`, { changes: [target] })
      : 'rerun'
  },
  async execute({ content }, context) {
    const target = await decidedTarget('write', 'write', context)
    const { workspace } = context
    const shown = displayPath(target, workspace)
    const replace = async (): Promise<ToolResult> => {
      const old = await workspace.stat(target)
      const unseen = old && writtenByOther(target, shown, context)
      const stale = unseen ?? (old && (await changedSince(target, shown, context)))
      if (stale) return ToolResult.error(stale)
      context.signal.throwIfAborted()
      const data = new TextEncoder().encode(content)
      await workspace.writeFile(target, data)
      await rememberWritten(target, data, context)
      const did = old ? 'Replaced' : 'Created'
      return ToolResult.ok(`${did} ${shown} (${lineCount(content)}).`, { changes: [target] })
    }
    return attempt(context, { path: shown, doing: 'write' }, () =>
      exclusively([target], context, replace),
    )
  },
})

async function holds(
  target: string,
  content: string,
  { workspace, signal }: ToolContext,
): Promise<boolean> {
  const wanted = new TextEncoder().encode(content)
  try {
    if ((await workspace.stat(target))?.size !== wanted.length) return false
    const data = await workspace.readFile(target, { signal })
    return data.length === wanted.length && data.every((byte, index) => byte === wanted[index])
  } catch (error) {
    // Writing again will say what is wrong.
    if (['EISDIR', 'EINVAL', 'EACCES', 'ENOENT'].includes(codeOf(error))) return false
    throw error
  }
}

function lineCount(text: string): string {
  if (text === '') return 'empty'
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return lines === 1 ? '1 line' : `${lines} lines`
}
