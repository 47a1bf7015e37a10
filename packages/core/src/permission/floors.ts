import { isJsonObject, type Json } from '../json.ts'
import { isBelow } from '../tool/concurrency.ts'
import type { Effect } from '../tool/effects.ts'
import { canonicalToolName } from '../tool/names.ts'
import type { Anchors } from './glob.ts'
import { findMode, isLooser, modeDefault, type Situation } from './modes.ts'
import type { PermissionMode } from './permission.ts'
import { coversProtected, coversVital, isProtectedPath } from './protected-paths.ts'

/** What no rule, policy or mode loosens. `because` follows the words for the effect, or for the call, in a sentence. */
export interface Floor {
  readonly about: 'call' | 'effect'
  readonly decision: 'deny' | 'ask'
  readonly because: string
}

export interface FloorInput extends Anchors {
  readonly mode: PermissionMode
  readonly tool: string
  readonly args: Json
  /** The names of the tools that exist; absent: not known here. */
  readonly tools?: readonly string[]
  readonly effect: Effect | null
}

/** The floor under one effect, or under the call itself where it has none; the strictest one. */
export function floorOf(input: FloorInput): Floor | null {
  const { tool, tools, mode, effect } = input
  if (tools && !tools.includes(tool)) return deny(`there is no tool ${tool}`, 'call')
  // Also a look that only reads can run a program that the repository brought along.
  if (mode === 'plan' && canonicalToolName(tool) === 'bash')
    return deny('plan mode runs no commands', 'call')
  if (!effect) return null
  if (isPath(effect) && !isRealPath(effect.target)) return deny('it names no absolute real path')
  if (modeDefault(mode, situationOf(effect, input)) === 'deny' && mode === 'plan')
    return notIn(mode)
  switch (effect.kind) {
    case 'write':
      return floorOfWrite(effect.target, effect.tree === true, input)
    case 'spawn':
      return floorOfSpawn(mode, input.args)
    case 'unknown':
      return effect.changed && mode !== 'bypass'
        ? ask('the tool is not the same as when it was permitted')
        : null
    case 'execute':
    case 'read':
    case 'network':
      return null
  }
}

/** What the effect is to the table of modes. */
export function situationOf(effect: Effect, anchors: Anchors): Situation {
  if (!isPath(effect)) return effect.kind
  const { target } = effect
  // Nothing is in it.
  if (effect.kind === 'read' && target === '/dev/null') return 'read'
  const inside = anchors.roots.some((root) => target === root || isBelow(target, root))
  // Where a backslash separates names, such a path leads anywhere.
  return inside && !target.includes('\\') ? effect.kind : 'outside'
}

function floorOfWrite(path: string, tree: boolean, anchors: Anchors): Floor | null {
  if (isProtectedPath(path, anchors)) return ask('it can make something run later')
  // Writing to such a folder itself is to remove, move or replace it.
  if (coversVital(path, anchors))
    return ask('it is the root, the home or the workspace, or holds one')
  return tree && coversProtected(path, anchors) ? ask('protected files lie in it') : null
}

/**
 * A child never gets more than its parent. The mode that a call asks for is seen here; the definition of an agent (its mode, tools
 * and roots) is narrowed to the parent's where children are made, before the call of the tool has an effect.
 */
function floorOfSpawn(mode: PermissionMode, args: Json): Floor | null {
  if (!isJsonObject(args)) return null
  for (const key of ['mode', 'permissionMode', 'permission_mode']) {
    const value = Object.hasOwn(args, key) ? args[key] : undefined
    if (value === undefined || value === null) continue
    const asked = typeof value === 'string' ? findMode(value) : undefined
    if (!asked || isLooser(asked, mode))
      return deny(`it asks for mode ${JSON.stringify(value)}, and the parent is in ${mode}`)
  }
  return null
}

function isPath(effect: Effect): effect is Extract<Effect, { kind: 'read' | 'write' }> {
  return effect.kind === 'read' || effect.kind === 'write'
}

function isRealPath(path: string): boolean {
  return path.startsWith('/') && !path.includes('\0') && !/\/\.\.?(?:\/|$)/.test(path)
}

function notIn(mode: PermissionMode): Floor {
  return deny(`it is not allowed in ${mode} mode`)
}
function deny(because: string, about: Floor['about'] = 'effect'): Floor {
  return { decision: 'deny', about, because }
}
function ask(because: string): Floor {
  return { decision: 'ask', about: 'effect', because }
}
