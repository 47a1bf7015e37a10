import type { Awaitable } from '@harnext/core'

/** A stream made of another one. Whoever leaves it ends the source. */
export type Operator<In, Out = In> = (
  source: AsyncIterable<In>,
) => AsyncGenerator<Out, void, undefined>

interface Event {
  readonly type: string
}

/** Looks at each event as it passes. */
export function tap<E>(look: (event: E) => Awaitable<void>): Operator<E> {
  return async function* (source) {
    for await (const event of source) {
      await look(event)
      yield event
    }
  }
}

/** Lets through what the function says, and `done` always: whoever waits for it would not end. */
export function filter<E extends Event>(keep: (event: E) => boolean): Operator<E> {
  return async function* (source) {
    for await (const event of source) if (event.type === 'done' || keep(event)) yield event
  }
}

export function map<In, Out>(change: (event: In) => Awaitable<Out>): Operator<In, Out> {
  return async function* (source) {
    for await (const event of source) yield await change(event)
  }
}

/** Up to the event that the function says, which is the last one. */
export function takeUntil<E>(isLast: (event: E) => boolean): Operator<E> {
  return async function* (source) {
    for await (const event of source) {
      yield event
      if (isLast(event)) return
    }
  }
}
