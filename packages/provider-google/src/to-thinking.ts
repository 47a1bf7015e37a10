import {
  warning,
  type Effort,
  type JsonObject,
  type ModelRequest,
  type Warning,
} from '@harnext/core/provider'
import { dialectOf, findModel, type Thinking } from './models.ts'

export interface ThinkingConfig {
  /** For `generationConfig`. */
  readonly thinkingConfig?: JsonObject
  readonly warnings: readonly Warning[]
}

/** How an effort is asked for. Without one nothing is said, and the model does what it does. */
export function toThinking({ model: id, effort }: ModelRequest): ThinkingConfig {
  if (effort === undefined) return { warnings: [] }
  if (!dialectOf(id).thinking) {
    if (effort === 'off') return { warnings: [] }
    return { warnings: [unsupported(`${id} does not think: effort "${effort}" was left out.`)] }
  }
  const thinking = findModel(id)?.thinking ?? thinkingOf(id)
  return thinking.by === 'level'
    ? byLevel(id, effort, thinking.least)
    : byBudget(id, effort, thinking)
}

/** Of a model that is not in the list. */
function thinkingOf(id: string): Thinking {
  if (/gemini-2\.5/.test(id)) return { by: 'budget', least: 512, most: 24_576, canStop: true }
  return { by: 'level', least: 'LOW' }
}

function byLevel(id: string, effort: Effort, least: 'MINIMAL' | 'LOW'): ThinkingConfig {
  const isOff = effort === 'off'
  return {
    thinkingConfig: { thinkingLevel: levels[effort] ?? least, ...(!isOff && shown) },
    warnings: isOff
      ? [unsupported(`${id} cannot stop thinking: effort "off" became "${least.toLowerCase()}".`)]
      : [],
  }
}

const levels: { readonly [effort in Effort]: string | null } = {
  off: null,
  minimal: null,
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  max: 'HIGH',
}

const shown = { includeThoughts: true }

function byBudget(
  id: string,
  effort: Effort,
  { least, most, canStop }: Extract<Thinking, { by: 'budget' }>,
): ThinkingConfig {
  if (effort === 'off' && canStop) return { thinkingConfig: { thinkingBudget: 0 }, warnings: [] }
  const isOff = effort === 'off'
  const thinkingBudget = Math.min(Math.max(budgets[effort], least), most)
  return {
    thinkingConfig: { thinkingBudget, ...(!isOff && shown) },
    warnings: isOff
      ? [unsupported(`${id} cannot stop thinking: it got a budget of ${least} tokens.`)]
      : [],
  }
}

const budgets: { readonly [effort in Effort]: number } = {
  off: 0,
  minimal: 512,
  low: 2048,
  medium: 8192,
  high: 24_576,
  max: 32_768,
}

function unsupported(message: string): Warning {
  return warning('effort_unsupported', message)
}
