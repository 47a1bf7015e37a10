import { ToolError, ToolResult, type Effect, type Tool, type ToolContext } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { loadText } from './edit/load.ts'
import { encodeText } from './file/encoding.ts'
import { attempt, explain } from './file/failure.ts'
import { changedSince, exclusively, rememberWritten } from './file/seen.ts'
import { displayPath, resolveTarget } from './file/target.ts'
import { applyHunks } from './patch/apply-hunks.ts'
import { parsePatch, type FileChange } from './patch/parse-patch.ts'

interface PatchArgs {
  readonly input: string
}

const name = 'apply_patch'

/**
 * Changes files by a patch in the form that models of OpenAI know. Everything is looked at before anything is written: when a part does
 * not fit, no file is changed.
 */
export const applyPatch: Tool = builtinTool<PatchArgs>({
  name,
  description: `Changes files by a patch:
*** Begin Patch
*** Update File: src/a.ts
@@ function name() {
 a line that stays
-a line that goes
+a line that comes
*** Add File: src/b.ts
+a line of the new file
*** Delete File: src/c.ts
*** End Patch
Below "*** Update File" a line "*** Move to: path" moves the file. Give three lines around each change, as they stand in the file; @@ with a line above it where that is not enough.`,
  parameters: {
    type: 'object',
    properties: { input: { type: 'string', minLength: 1, description: 'The whole patch' } },
    required: ['input'],
    additionalProperties: false,
  },
  async effects({ input }, context) {
    const effects: Effect[] = []
    for (const change of parsed(input)) {
      const target = await resolveTarget(name, change.path, context)
      if (change.kind !== 'add') effects.push({ kind: 'read', target })
      effects.push({ kind: 'write', target })
      if (change.kind === 'update' && change.moveTo !== undefined)
        effects.push({ kind: 'write', target: await resolveTarget(name, change.moveTo, context) })
    }
    return effects
  },
  recovery: 'report',
  async execute({ input }, context) {
    const targets = context.effects.flatMap((effect) =>
      effect.kind === 'write' ? [effect.target] : [],
    )
    const applyAll = async (): Promise<ToolResult> => {
      const planned: Planned[] = []
      for (const change of parsed(input)) {
        const plan = await planChange(change, context)
        if ('problem' in plan) return ToolResult.error(`Nothing was changed. ${plan.problem}`)
        planned.push(plan)
      }
      const touched = planned.flatMap(({ put, remove }) => [put?.target ?? [], remove ?? []].flat())
      const twice = touched.find((target, index) => touched.indexOf(target) !== index)
      if (twice !== undefined) {
        const shown = displayPath(twice, context.workspace)
        return ToolResult.error(
          `Nothing was changed. ${shown} is in the patch twice: put its changes together.`,
        )
      }
      return write(planned, context)
    }
    return attempt(context, { path: 'the files', doing: 'change' }, () =>
      exclusively(targets, context, applyAll),
    )
  },
})

function parsed(input: string): readonly FileChange[] {
  try {
    return parsePatch(input)
  } catch (error) {
    if (error instanceof SyntaxError) throw new ToolError(name, error.message, { cause: error })
    throw error
  }
}

/** What is to be written, and which file goes. */
interface Planned {
  readonly done: string
  readonly put?: { readonly target: string; readonly data: Uint8Array }
  readonly remove?: string
}

async function planChange(
  change: FileChange,
  context: ToolContext,
): Promise<Planned | { readonly problem: string }> {
  const { workspace } = context
  const target = await permitted(change.path, context)
  const shown = displayPath(target, workspace)
  if (change.kind === 'add') {
    if (await workspace.stat(target)) return { problem: `${shown} is there already: update it.` }
    return { done: `A ${shown}`, put: { target, data: new TextEncoder().encode(change.text) } }
  }
  const loaded = await loadText(target, context)
  if ('problem' in loaded) return loaded
  const stale = await changedSince(target, shown, context)
  if (stale) return { problem: stale }
  if (change.kind === 'delete') return { done: `D ${shown}`, remove: target }
  try {
    const data = encodeText(applyHunks(loaded.text, change.hunks), loaded.encoding)
    if (data === null)
      return {
        problem: `${shown} is stored as Latin-1, which does not have every character of the patch.`,
      }
    if (change.moveTo === undefined) return { done: `M ${shown}`, put: { target, data } }
    const moved = await permitted(change.moveTo, context)
    if (moved !== target && (await workspace.stat(moved)))
      return { problem: `${displayPath(moved, workspace)} is there already.` }
    const done = `R ${shown} -> ${displayPath(moved, workspace)}`
    return { done, put: { target: moved, data }, ...(moved !== target && { remove: target }) }
  } catch (error) {
    if (error instanceof RangeError) return { problem: `${shown}: ${error.message}` }
    throw error
  }
}

/** A path leads where it led when it was decided on. */
async function permitted(path: string, context: ToolContext): Promise<string> {
  const target = await resolveTarget(name, path, context)
  const isDecided = context.effects.some(
    (effect) => effect.kind === 'write' && effect.target === target,
  )
  if (isDecided) return target
  throw new ToolError(
    name,
    `${path} leads to ${target} now, which is not what was permitted. Try again.`,
  )
}

async function write(planned: readonly Planned[], context: ToolContext): Promise<ToolResult> {
  const { workspace, signal } = context
  const done: string[] = []
  const changes: string[] = []
  for (const { done: line, put, remove } of planned) {
    try {
      signal.throwIfAborted()
      if (put) {
        await workspace.writeFile(put.target, put.data)
        changes.push(put.target)
        await rememberWritten(put.target, put.data, context)
      }
      if (remove !== undefined) {
        await workspace.remove(remove)
        changes.push(remove)
        await rememberWritten(remove, null, context)
      }
      done.push(line)
    } catch (error) {
      const before = done.length ? ` Done before:\n${done.join('\n')}` : ' Nothing was changed.'
      return ToolResult.error(`${line} failed: ${explain(error, 'the file', 'change')}${before}`, {
        changes,
      })
    }
  }
  return ToolResult.ok(`Done.\n${done.join('\n')}`, { changes })
}
