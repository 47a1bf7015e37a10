import type { FileInfo, ToolContext, Workspace } from '@harnext/core'

/** Of the files that were read last; older ones are forgotten. */
const maxSeen = 2000

/** What each file was like when the model last saw all there is to know of it: for each workspace, by session and path. */
const seen = new WeakMap<Workspace, Map<string, string>>()

/** The model knows the file as it is now. */
export function remember(target: string, info: FileInfo | null, context: ToolContext): void {
  const files = seen.get(context.workspace) ?? new Map<string, string>()
  seen.set(context.workspace, files)
  const key = keyOf(target, context)
  files.delete(key)
  if (info) files.set(key, stateOf(info))
  const [oldest] = files.keys()
  if (files.size > maxSeen && oldest !== undefined) files.delete(oldest)
}

/** A sentence when somebody else changed the file since the model saw it. Nothing is known of one that it never saw. */
export function changedSince(
  target: string,
  info: FileInfo,
  shown: string,
  context: ToolContext,
): string | null {
  const before = seen.get(context.workspace)?.get(keyOf(target, context))
  if (before === undefined || before === stateOf(info)) return null
  return `${shown} was changed since you read it, by somebody else or by a command. Read it again first.`
}

function keyOf(target: string, { sessionId, agentPath }: ToolContext): string {
  return [sessionId, ...agentPath, target].join('\0')
}

function stateOf({ size, modified }: FileInfo): string {
  return `${size} ${modified}`
}
