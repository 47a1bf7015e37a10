import { warning, type Effort, type JsonObject, type Warning } from '@harnext/core/provider'

/** What a vendor calls it, from the least to the most. */
export type EffortLevel = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface WrittenEffort {
  readonly level?: EffortLevel
  readonly warnings: readonly Warning[]
}

/**
 * The level that comes nearest to an effort, from `levels`, which are in order. One that is missing becomes the next higher, else
 * the highest there is; only where thinking cannot be switched off, or there is none, the user is told.
 */
export function toEffortLevel(
  model: string,
  effort: Effort | undefined,
  levels: readonly EffortLevel[],
): WrittenEffort {
  if (effort === undefined) return { warnings: [] }
  const wanted = effort === 'off' ? 'none' : effort
  const level = levels.find((one) => order.indexOf(one) >= order.indexOf(wanted)) ?? levels.at(-1)
  if (level === undefined)
    return effort === 'off'
      ? { warnings: [] }
      : refused(`${model} does not think: effort "${effort}" was left out.`)
  if (effort === 'off' && level !== 'none')
    return { level, ...refused(`${model} cannot stop thinking: effort "off" became "${level}".`) }
  return { level, warnings: [] }
}

const order: readonly EffortLevel[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

function refused(message: string): { readonly warnings: readonly Warning[] } {
  return { warnings: [warning('effort_unsupported', message)] }
}

export function reasoningEffort(level: EffortLevel): JsonObject {
  return { reasoning_effort: level }
}
