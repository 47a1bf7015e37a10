import type { Message } from '@harnext/core'
import type { Agent, RunOptions } from './agent.ts'
import type { SessionEvent } from './events.ts'

/** What is said: a text, or messages. */
export type Input = string | readonly Message[]

/** Anything that makes events of a history and an input. `done` is the last event of an agent; middleware may put more behind it. */
export type Runner = (
  history: readonly Message[],
  input: Input,
  options?: RunOptions,
) => AsyncGenerator<SessionEvent, void, undefined>

export type Middleware = (next: Runner) => Runner

export function toRunner(agent: Agent): Runner {
  return (history, input, options) => agent.run(history, input, options)
}

/** Several as one: the first is the outermost. */
export function pipe(...middleware: readonly Middleware[]): Middleware {
  return (runner) => middleware.reduceRight((next, wrap) => wrap(next), runner)
}

export function apply(runner: Runner, ...middleware: readonly Middleware[]): Runner {
  return pipe(...middleware)(runner)
}
