import type { Effect } from './effects.ts'

/**
 * A call joins the first wave after the last one that holds a call it conflicts with; inside a wave all run at once. Static, so that
 * the order in which effects start never depends on which one ends first.
 */
export function waves<Call extends { readonly start: { readonly effects: readonly Effect[] } }>(
  calls: readonly Call[],
): readonly (readonly Call[])[] {
  const result: Call[][] = []
  for (const call of calls) {
    const last = result.findLastIndex((wave) =>
      wave.some((other) => conflicts(other.start.effects, call.start.effects)),
    )
    ;(result[last + 1] ??= []).push(call)
  }
  return result
}

/** Whether two calls of one turn must not run side by side. Symmetric. */
export function conflicts(a: readonly Effect[], b: readonly Effect[]): boolean {
  return a.some((x) => b.some((y) => clash(x, y) || clash(y, x)))
}

function clash(x: Effect, y: Effect): boolean {
  switch (x.kind) {
    case 'write':
      return y.kind === 'execute' || ((y.kind === 'write' || y.kind === 'read') && overlap(x, y))
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

/** A write may create or remove the folder that the other path lies in, so a folder overlaps with all below it. */
function overlap({ target: a }: PathEffect, { target: b }: PathEffect): boolean {
  return a === b || isBelow(a, b) || isBelow(b, a)
}

/** Whether `path` lies strictly below `folder`, by segments. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
