import type { Batch, RunEvent } from '../events.ts'
import type { Effect } from './effects.ts'

/** A call joins the first wave behind all calls that it conflicts with. Static: no start depends on which other call ends first. */
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
  if (x.kind === 'unknown') return y.kind !== 'spawn' && y.kind !== 'network'
  if (x.kind !== 'write') return false
  if (y.kind === 'write' || y.kind === 'read') return overlap(x.target, y.target)
  return y.kind === 'execute'
}

/** A write may create or remove the folder that the other path lies in, so a folder overlaps with all below it. */
function overlap(a: string, b: string): boolean {
  return a === b || isBelow(a, b) || isBelow(b, a)
}

/** Whether `path` lies strictly below `folder`, by segments. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** Joins what concurrent calls have to say into one stream that is pulled. */
export interface Merge {
  /** A rendezvous: resolves when the consumer has taken the event and come back for more. Rejects when it has left. */
  readonly emit: (event: RunEvent) => Promise<void>
  /** Fire and forget. An update of the same call that nobody has taken yet is replaced, so a noisy tool cannot fill memory. */
  readonly emitLatest: (event: Extract<RunEvent, { type: 'tool_progress' }>) => void
  /** A task whose events are awaited. It must not reject. */
  add(task: Promise<void>): void
  /** Ends when all tasks have. When the consumer leaves, pending emits reject, and it ends when the tasks have. */
  drain(): Drain
}

type Drain = AsyncIterableIterator<Batch, undefined, undefined>

interface Item {
  event: RunEvent
  readonly taken?: () => void
  readonly dropped?: (error: Error) => void
}

export function merge(onLeave: () => void): Merge {
  const queue: Item[] = []
  let given: Item[] = []
  const tasks = new Set<Promise<void>>()
  let closed = false
  let wake = (): void => {}

  function push(item: Item): void {
    if (closed) return drop([item])
    queue.push(item)
    wake()
  }

  function drop(items: readonly Item[]): void {
    for (const { dropped } of items) dropped?.(new Error('The run was closed.'))
  }

  async function next(): Promise<IteratorResult<Batch, undefined>> {
    for (const { taken } of given.splice(0)) taken?.()
    while (tasks.size && !queue.length) await new Promise<void>((resolve) => (wake = resolve))
    given = queue.splice(0)
    return given.length ? { value: given.map(({ event }) => event), done: false } : leave()
  }

  async function leave(): Promise<{ value: undefined; done: true }> {
    closed = true
    if (tasks.size) onLeave()
    drop([...given, ...queue.splice(0)])
    await Promise.all(tasks)
    return { value: undefined, done: true }
  }

  const drain: Drain = { next, return: leave, [Symbol.asyncIterator]: () => drain }
  return {
    emit(event) {
      const done = new Promise<void>((taken, dropped) => push({ event, taken, dropped }))
      // A caller that does not look must not bring the process down.
      done.catch(() => {})
      return done
    },
    emitLatest(event) {
      const waiting = queue.find(
        (item) => !item.taken && item.event.type === event.type && item.event.id === event.id,
      )
      if (waiting) waiting.event = event
      else push({ event })
    },
    add(task) {
      tasks.add(task)
      void task.then(() => {
        tasks.delete(task)
        wake()
      })
    },
    drain: () => drain,
  }
}
