import { untilAborted } from '../abort.ts'
import type { Awaitable } from '../json.ts'
import type { Hook, HookEvent, Hooks } from '../run/hooks.ts'

/** The hooks of one run, in the form that the loop and the gate take. */
export interface RunHooks extends Hooks {
  readonly beforeModel: readonly Hook[]
}

/**
 * The hooks, but none of them holds up a run that was cancelled: one that goes on for longer than the grace period is left behind. In
 * its place the reason of the signal is thrown, so that nothing follows from a hook that has not spoken.
 */
export function runHooks(hooks: Hooks, signal: AbortSignal): RunHooks {
  const { beforeModel = [], beforeTool, afterTurn, beforeEnd, beforeAsk } = hooks
  const list = typeof beforeModel === 'function' ? [beforeModel] : beforeModel
  return {
    beforeModel: list.map((hook) => (view) => {
      const events = hook(view) as Awaitable<readonly HookEvent[] | undefined>
      if (isPromise(events)) return held(() => events, signal).then(orNothing)
      return orNothing(events)
    }),
    ...(beforeTool && {
      beforeTool: (call, messages) => held(() => beforeTool(call, messages), signal),
    }),
    ...(beforeEnd && { beforeEnd: (view) => held(() => beforeEnd(view), signal) }),
    ...(beforeAsk && {
      beforeAsk: (request, about) => held(() => beforeAsk(request, about), signal),
    }),
    ...(afterTurn && { afterTurn: (view) => held(() => afterTurn(view), signal) }),
  }
}

/** Whoever writes no types may return nothing. */
function orNothing(events: readonly HookEvent[] | undefined): readonly HookEvent[] {
  return events ?? []
}

function isPromise<Value>(value: Awaitable<Value>): value is PromiseLike<Value> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** What the function gives, or the signal's reason when it goes on for too long after an abort. */
export async function held<Result>(
  hook: () => Awaitable<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const result = await untilAborted(
    Promise.resolve().then(() => hook()),
    signal,
  )
  if (result === undefined) signal.throwIfAborted()
  // `undefined` is left only where it is what the hook gave.
  return result as Result
}
