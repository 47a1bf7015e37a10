import { createHash } from 'node:crypto'
import type { ToolContext, Workspace } from '@harnext/core'

/** Of the files that were seen last; older ones are forgotten. */
const maxSeen = 2000
/** A larger file is told by its size and time. Bytes. */
const maxHashed = 1_000_000

/** What the agents of a workspace know of its files, each by session, agent and path. */
interface Known {
  readonly seen: Map<string, string>
  /** Who wrote a file last, by session and path. */
  readonly writers: Map<string, string>
  /** The last of those that wait to change a file, by path. */
  readonly queues: Map<string, Promise<unknown>>
}

const known = new WeakMap<Workspace, Known>()

/** This agent knows the file as it is now. */
export async function remember(target: string, context: ToolContext): Promise<void> {
  note(knownOf(context).seen, keyOf(target, context), await stateOf(target, context))
}

/** This agent made it what it is now; `null`: it removed it. */
export async function rememberWritten(
  target: string,
  content: Uint8Array | null,
  context: ToolContext,
): Promise<void> {
  const { seen, writers } = knownOf(context)
  const state = content && content.length <= maxHashed ? hashOf(content) : null
  note(seen, keyOf(target, context), state ?? (content && (await stateOf(target, context))))
  note(writers, sharedKeyOf(target, context), content && agentOf(context))
}

/** A sentence when somebody else changed the file since this agent saw it. Nothing is known of one that it never saw. */
export async function changedSince(
  target: string,
  shown: string,
  context: ToolContext,
): Promise<string | null> {
  const before = knownOf(context).seen.get(keyOf(target, context))
  if (before === undefined || before === (await stateOf(target, context))) return null
  return `${shown} was changed since you read it, by somebody else or by a command. Read it again first.`
}

/** A sentence when this agent never saw what another one wrote: to replace it would undo its work. */
export function writtenByOther(target: string, shown: string, context: ToolContext): string | null {
  const { seen, writers } = knownOf(context)
  const writer = writers.get(sharedKeyOf(target, context))
  if (writer === undefined || writer === agentOf(context)) return null
  if (seen.has(keyOf(target, context))) return null
  return `${shown} was written by another agent, and you have not read it. Read it first.`
}

/** Between looking at files and writing them nobody else of ours writes them: agents work side by side. */
export async function exclusively<T>(
  targets: readonly string[],
  context: ToolContext,
  work: () => Promise<T>,
): Promise<T> {
  const { queues } = knownOf(context)
  const before = targets.flatMap((target) => queues.get(target) ?? [])
  const done = Promise.all(before).then(work)
  const settled = done.then(
    () => {},
    () => {},
  )
  for (const target of targets) queues.set(target, settled)
  try {
    return await done
  } finally {
    for (const target of targets) if (queues.get(target) === settled) queues.delete(target)
  }
}

function knownOf({ workspace }: ToolContext): Known {
  const found = known.get(workspace) ?? { seen: new Map(), writers: new Map(), queues: new Map() }
  known.set(workspace, found)
  return found
}

function note(map: Map<string, string>, key: string, value: string | null): void {
  map.delete(key)
  if (value !== null) map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > maxSeen && oldest !== undefined) map.delete(oldest)
}

/** By its content, so that who only touches a file changes nothing. `null` where nothing is. */
async function stateOf(target: string, { workspace, signal }: ToolContext): Promise<string | null> {
  const info = await workspace.stat(target)
  if (info?.kind !== 'file') return null
  if (info.size > maxHashed) return `${info.size} ${info.modified}`
  return hashOf(await workspace.readFile(target, { signal }))
}

function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function keyOf(target: string, context: ToolContext): string {
  return [context.sessionId, agentOf(context), target].join('\0')
}

function sharedKeyOf(target: string, { sessionId }: ToolContext): string {
  return [sessionId, target].join('\0')
}

function agentOf({ agentPath }: ToolContext): string {
  return agentPath.join('/')
}
