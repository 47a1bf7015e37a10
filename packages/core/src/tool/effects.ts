/**
 * What a tool call would do to the world. Permissions, waves and plan mode look at effects, never at the name of a tool.
 *
 * - `read`, `write`: `target` is the real absolute path; with `tree`, everything below it too.
 * - `execute`: `target` names a program, and covers whatever that program does; a command line for a shell.
 * - `network`: `target` is a host; `spawn`: the name of an agent.
 * - `unknown`: it could not even be named.
 *
 * `part` is the piece of a compound command that the effect belongs to; `detail` is for the person who is asked.
 */
export type Effect =
  | {
      readonly kind: 'read' | 'write'
      readonly target: string
      readonly tree?: true
      readonly part?: string
    }
  | {
      readonly kind: 'execute' | 'network' | 'spawn'
      readonly target: string
      readonly part?: string
      readonly detail?: string
    }
  | { readonly kind: 'unknown'; readonly part?: string; readonly detail?: string }

export type EffectKind = Effect['kind']

/** Whether two calls of one turn must not run side by side. Symmetric. */
export function conflicts(a: readonly Effect[], b: readonly Effect[]): boolean {
  return a.some((x) => b.some((y) => clash(x, y) || clash(y, x)))
}

function clash(x: Effect, y: Effect): boolean {
  switch (x.kind) {
    case 'write':
      return y.kind === 'execute' || ((y.kind === 'write' || y.kind === 'read') && overlaps(x, y))
    case 'unknown':
      return y.kind !== 'spawn' && y.kind !== 'network'
    case 'read':
    case 'execute':
    case 'network':
    case 'spawn':
      return false
  }
}

type PathEffect = Extract<Effect, { kind: 'read' | 'write' }>

function overlaps(a: PathEffect, b: PathEffect): boolean {
  return (
    a.target === b.target ||
    (a.tree === true && isBelow(b.target, a.target)) ||
    (b.tree === true && isBelow(a.target, b.target)) ||
    // A write may create or remove the folder that the other path lies in.
    isBelow(a.target, b.target) ||
    isBelow(b.target, a.target)
  )
}

/** Whether `path` lies strictly below `folder`, by segments. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** One line for a person: `write src/a.ts`, `execute npm test`. */
export function describeEffect(effect: Effect): string {
  if (effect.kind === 'unknown') return effect.detail ? `unknown (${effect.detail})` : 'unknown'
  return `${effect.kind} ${effect.target}`
}
