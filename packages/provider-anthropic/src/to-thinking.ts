import {
  warning,
  type Effort,
  type JsonObject,
  type ModelRequest,
  type Warning,
} from '@harnext/core/provider'
import { findModel, type AnthropicModel } from './models.ts'

export interface Thinking {
  readonly thinking?: JsonObject
  /** For `output_config`. */
  readonly effort?: string
  readonly warnings: readonly Warning[]
}

/**
 * How an effort is asked for. A model that is not known here is taken for a new one. Without an effort nothing is said, and the
 * model does what it does.
 */
export function toThinking(
  { model: id, effort, toolChoice }: ModelRequest,
  maxTokens: number,
): Thinking {
  if (effort === undefined) return { warnings: [] }
  const model = findModel(id)
  if (model?.thinking !== 'budget') return adaptive(id, effort, model)
  const forced = toolChoice === 'required' || typeof toolChoice === 'object'
  if (effort === 'off') return { warnings: [] }
  if (forced) return refused(`${id} cannot think when a tool is forced`, effort)
  // An answer must fit behind the thinking.
  const budget = Math.min(budgets[effort], maxTokens - SHORTEST_BUDGET)
  if (budget < SHORTEST_BUDGET)
    return refused(`${id} needs more than ${maxTokens} output tokens to think`, effort)
  return { thinking: { type: 'enabled', budget_tokens: budget }, warnings: [] }
}

const SHORTEST_BUDGET = 1024
const budgets: Readonly<Record<Exclude<Effort, 'off'>, number>> = {
  minimal: 1024,
  low: 4096,
  medium: 10_240,
  high: 20_480,
  max: 32_768,
}

function adaptive(id: string, effort: Effort, model: AnthropicModel | undefined): Thinking {
  if (effort === 'off' && !model?.alwaysThinks)
    return { thinking: { type: 'disabled' }, warnings: [] }
  return {
    // Newer models leave the text of their thinking out unless it is asked for.
    thinking: { type: 'adaptive', display: 'summarized' },
    effort: effort === 'minimal' || effort === 'off' ? 'low' : effort,
    warnings:
      effort === 'off'
        ? [warning('effort_unsupported', `${id} cannot stop thinking: effort "off" became "low".`)]
        : [],
  }
}

function refused(why: string, effort: Effort): Thinking {
  return { warnings: [warning('effort_unsupported', `${why}: effort "${effort}" was left out.`)] }
}
