import type { RunEvent } from '@harnext/core'

/**
 * Turns the events of a run into those of another system, one after the other. This is the contract of every projection here:
 *
 * - What comes out depends on the events and the options alone: there is no clock and no random source, and ids come from events.
 * - `push` gives what this event adds to the stream, in order; often that is nothing. It never throws, whatever the order of events.
 * - `end` says that no more events come, and gives what is owed after a stream that was cut. After `run_end` nothing is owed.
 * - What comes out is JSON: `JSON.stringify` of it is what the other side reads.
 * - Facts are enough: a run that is read from a log, which holds no deltas, gives the same text and the same calls.
 * - One projector serves all runs of a conversation, one after the other.
 */
export interface Projector<Out> {
  readonly push: (event: RunEvent) => readonly Out[]
  readonly end: () => readonly Out[]
}

export interface ProjectorOptions {
  /**
   * Whose events are read: those of the subagent at this path. The others are left out.
   * @default the run's own
   */
  readonly agentPath?: readonly string[]
}

/** All events of a run through a projector. A reader that leaves ends the source, and so cancels a live run. */
export async function* project<Out>(
  events: AsyncIterable<RunEvent> | Iterable<RunEvent>,
  projector: Projector<Out>,
): AsyncGenerator<Out, void, undefined> {
  for await (const event of events) yield* projector.push(event)
  yield* projector.end()
}

export type EventType = RunEvent['type']
export type EventOf<Type extends EventType> = RunEvent & { readonly type: Type }

/**
 * What a projection does with each type of event. A type that it has no use for is named in `LeftOut`, so that a new one breaks the
 * build until somebody has decided.
 */
export type Handlers<State, Out, LeftOut extends EventType> = {
  readonly [Type in Exclude<EventType, LeftOut>]: (
    state: State,
    event: EventOf<Type>,
  ) => readonly Out[]
}

/** `state` is changed by the handlers alone. */
export function projectorOf<State, Out, LeftOut extends EventType>(
  state: State,
  handlers: Handlers<State, Out, LeftOut>,
  { agentPath = [] }: ProjectorOptions,
  end: (state: State) => readonly Out[],
): Projector<Out> {
  const path = pathKey(agentPath)
  return {
    push: (event) => (pathKey(event.agentPath) === path ? handle(state, handlers, event) : []),
    end: () => end(state),
  }
}

export function handle<State, Out, LeftOut extends EventType>(
  state: State,
  handlers: Handlers<State, Out, LeftOut>,
  event: RunEvent,
): readonly Out[] {
  if (!Object.hasOwn(handlers, event.type)) return []
  const handler = handlers[event.type as Exclude<EventType, LeftOut>] as (
    state: State,
    event: RunEvent,
  ) => readonly Out[]
  return handler(state, event)
}

/** The same for equal paths only; ids may hold any character. */
export function pathKey(agentPath: readonly string[] = []): string {
  return agentPath.length ? JSON.stringify(agentPath) : ''
}
