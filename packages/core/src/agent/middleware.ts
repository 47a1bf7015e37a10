import type { CompactionOptions } from '../context/compaction.ts'
import type { Message } from '../messages.ts'
import type { FallbackModel } from '../model/fallback.ts'
import { mergeHooks, type Hooks } from '../run/hooks.ts'
import type { Run } from '../run/run.ts'
import type { SessionStore } from '../session/store.ts'
import type { Agent } from './agent.ts'
import type { AgentRunOptions } from './options.ts'

/** What `Agent.run` is: a history and an input become a run. */
export type RunFunction = (
  history: readonly Message[],
  input: string | readonly Message[],
  options?: AgentRunOptions,
) => Run

/** A function over runs. It is made of the options that a run has, so that there is one mechanism for each thing. */
export type Middleware = (next: RunFunction) => RunFunction

/** The `run` of an agent, by itself. */
export function toRunFunction(agent: Pick<Agent, 'run'>): RunFunction {
  return (history, input, options) => agent.run(history, input, options)
}

/** Several as one; the first is the outermost. */
export function pipe(...middleware: readonly Middleware[]): Middleware {
  return (next) => middleware.reduceRight((inner, wrap) => wrap(inner), next)
}

export function apply(run: RunFunction, ...middleware: readonly Middleware[]): RunFunction {
  return pipe(...middleware)(run)
}

/** Repeats a failed model call up to `maxRetries` times, as the option does. */
export function withRetry({ maxRetries = 3 }: { readonly maxRetries?: number } = {}): Middleware {
  return withOptions(() => ({ maxRetries }))
}

/** Puts every run on record, in one session where one is named. */
export function withPersistence(options: {
  readonly store: SessionStore
  readonly session?: string
}): Middleware {
  return withOptions(() => options)
}

/** Keeps the context within the model's window. `smallModel` writes the summaries. @default the model of the run */
export function withCompaction({
  smallModel,
  ...compaction
}: CompactionOptions & { readonly smallModel?: FallbackModel } = {}): Middleware {
  return withOptions(() => ({ compaction, ...(smallModel && { smallModel }) }))
}

/** Hooks beside those that the run has; those of outer middleware come first. */
export function withHooks(hooks: Hooks): Middleware {
  return withOptions((options) => ({ hooks: mergeHooks(options.hooks, hooks) }))
}

/** Tells of each turn that it is over, by its number in the run. Children are not told of. */
export function withTurnTracking(onTurn: (turn: number) => void): Middleware {
  return withHooks({
    afterTurn({ turn, agentPath }) {
      if (!agentPath.length) onTurn(turn - 1)
    },
  })
}

/** Of an option that is given twice, the outer one counts; hooks add to each other. */
function withOptions(change: (options: AgentRunOptions) => AgentRunOptions): Middleware {
  return (next) =>
    (history, input, options = {}) => {
      const { hooks, ...changed } = change(options)
      return next(history, input, { ...changed, ...options, ...(hooks && { hooks }) })
    }
}
