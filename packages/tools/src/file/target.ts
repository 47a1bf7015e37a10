import { ToolError, isBelow, type Effect, type ToolContext, type Workspace } from '@harnext/core'
import { explain } from './failure.ts'

/** The real path that a call is about, for its effects. Throws a `ToolError` that says what is wrong with the path. */
export async function resolveTarget(
  tool: string,
  path: string,
  context: ToolContext,
): Promise<string> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path))
    throw new ToolError(tool, `${tool} takes a path of a file; got the URL ${path}.`)
  try {
    return (await context.workspace.resolve(path)).path
  } catch (error) {
    throw new ToolError(tool, explain(error, path, 'use'), { cause: error })
  }
}

/**
 * The path that was decided on. It must still lead to where it led then: a symbolic link that somebody put in its place since is
 * refused, because nobody permitted what it leads to.
 */
export async function decidedTarget(
  tool: string,
  kind: 'read' | 'write',
  context: ToolContext,
): Promise<string> {
  const effect = context.effects.find((candidate) => candidate.kind === kind)
  const target = pathOf(effect)
  if (target === undefined)
    throw new ToolError(tool, `Nothing was decided about what ${tool} may ${kind}.`)
  const now = await resolveTarget(tool, target, context)
  if (now === target) return target
  throw new ToolError(
    tool,
    `${target} leads to ${now} now, which is not what was permitted. Try again with the path as it is now.`,
  )
}

function pathOf(effect: Effect | undefined): string | undefined {
  return effect?.kind === 'read' || effect?.kind === 'write' ? effect.target : undefined
}

/** The path as the model gets it: relative to the working directory where it lies in it. */
export function displayPath(path: string, workspace: Workspace): string {
  const [cwd = '/'] = workspace.roots
  if (path === cwd) return '.'
  return isBelow(path, cwd) ? path.slice(cwd.endsWith('/') ? cwd.length : cwd.length + 1) : path
}
