import { HarnextError, ToolResult, messageOf, type ToolContext } from '@harnext/core'

const sentences: { readonly [code: string]: (path: string, doing: string) => string } = {
  ENOENT: (path) => `${path} does not exist.`,
  ENOTDIR: (path) => `${path} does not exist: a part of the path is a file, not a folder.`,
  EISDIR: (path, doing) => `${path} is a folder. There is no way to ${doing} it as a file.`,
  EACCES: (path, doing) => `The operating system gives no permission to ${doing} ${path}.`,
  EPERM: (path, doing) => `The operating system gives no permission to ${doing} ${path}.`,
  EROFS: (path, doing) => `No permission to ${doing} ${path}: the file system is read-only.`,
  ENOSPC: (path, doing) => `No space is left on the disk to ${doing} ${path}.`,
  EDQUOT: (path, doing) => `The disk quota leaves no space to ${doing} ${path}.`,
  ENAMETOOLONG: () => 'The path is longer than the operating system takes.',
  ELOOP: (path) => `${path} is a ring of symbolic links.`,
  EINVAL: (path, doing) =>
    `There is no way to ${doing} ${path}: it is not a regular file (a pipe, a socket or a device), or not a path.`,
}

/** A failure of the workspace as a sentence for the model. `doing` is a verb: `read`, `write`. */
export function explain(error: unknown, path: string, doing: string): string {
  const sentence = sentences[codeOf(error)]
  return sentence?.(path, doing) ?? `Failed to ${doing} ${path}: ${messageOf(error)}`
}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** Does it, and makes an error result of whatever goes wrong. What is thrown as ours has its sentence already. */
export async function attempt(
  context: ToolContext,
  what: { readonly path: string; readonly doing: string },
  work: () => Promise<ToolResult>,
): Promise<ToolResult> {
  try {
    return await work()
  } catch (error) {
    if (context.signal.aborted) return ToolResult.error('Cancelled before it was done.')
    if (HarnextError.is(error)) throw error
    return ToolResult.error(explain(error, what.path, what.doing))
  }
}
