import { ConfigError } from '../errors.ts'
import { nearest } from '../tool/nearest.ts'
import type { Decision, PermissionMode } from './permission.ts'

/** What an effect is to a mode. `outside`: a read or write beyond the roots. */
export type Situation = 'read' | 'write' | 'outside' | 'execute' | 'network' | 'unknown' | 'spawn'

const table: {
  readonly [mode in PermissionMode]: { readonly [situation in Situation]: Decision }
} = {
  plan: {
    read: 'allow',
    write: 'deny',
    outside: 'deny',
    execute: 'deny',
    network: 'deny',
    unknown: 'deny',
    // The child is in plan too.
    spawn: 'allow',
  },
  manual: {
    read: 'allow',
    write: 'ask',
    outside: 'ask',
    execute: 'ask',
    network: 'ask',
    unknown: 'ask',
    spawn: 'allow',
  },
  accept_edits: {
    read: 'allow',
    write: 'allow',
    outside: 'ask',
    execute: 'ask',
    network: 'ask',
    unknown: 'ask',
    spawn: 'allow',
  },
  auto: {
    read: 'allow',
    write: 'allow',
    outside: 'ask',
    execute: 'allow',
    network: 'ask',
    unknown: 'ask',
    spawn: 'allow',
  },
  bypass: {
    read: 'allow',
    write: 'allow',
    outside: 'allow',
    execute: 'allow',
    network: 'allow',
    unknown: 'allow',
    spawn: 'allow',
  },
}

const names: ReadonlyMap<string, PermissionMode> = new Map([
  ['plan', 'plan'],
  ['manual', 'manual'],
  ['default', 'manual'],
  ['accept_edits', 'accept_edits'],
  ['acceptEdits', 'accept_edits'],
  ['auto', 'auto'],
  ['bypass', 'bypass'],
  ['yolo', 'bypass'],
  ['bypassPermissions', 'bypass'],
])

/** The mode that a name or alias means. Throws `ConfigError` for an unknown one. */
export function normaliseMode(name: string): PermissionMode {
  const mode = findMode(name)
  if (mode) return mode
  const close = nearest(name, [...names.keys()])
  throw new ConfigError(
    `There is no permission mode ${JSON.stringify(name)}${close ? `; did you mean ${close}?` : '.'} Modes are plan, manual (default), accept_edits (acceptEdits), auto and bypass (yolo, bypassPermissions).`,
  )
}

/** The same, `undefined` for an unknown one. */
export function findMode(name: string): PermissionMode | undefined {
  return names.get(name)
}

export function modeDefault(mode: PermissionMode, situation: Situation): Decision {
  return table[mode][situation]
}

const order: readonly PermissionMode[] = ['plan', 'manual', 'accept_edits', 'auto', 'bypass']

/** Whether `mode` permits something that `than` does not. */
export function isLooser(mode: PermissionMode, than: PermissionMode): boolean {
  return order.indexOf(mode) > order.indexOf(than)
}
