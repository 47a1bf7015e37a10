import type { Batch, RunEvent } from '../events.ts'

/** Joins what concurrent calls have to say into one stream that is pulled. */
export interface Merge {
  /** A rendezvous: resolves when the consumer has taken the event and come back for more. Rejects when it has left. */
  readonly emit: (event: RunEvent) => Promise<void>
  /** Fire and forget. An update of the same call that nobody has taken yet is replaced, so a noisy tool cannot fill memory. */
  readonly emitLatest: (event: Extract<RunEvent, { type: 'tool_progress' }>) => void
  /** A task whose events are awaited. It must not reject. */
  add(task: Promise<void>): void
  /** Ends when all tasks have. When the consumer leaves, pending emits reject, and it ends when the tasks have. */
  drain(): AsyncGenerator<Batch, void, undefined>
}

interface Item {
  event: RunEvent
  readonly taken?: () => void
  readonly dropped?: (error: Error) => void
}

export function merge(onLeave: () => void): Merge {
  const queue: Item[] = []
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

  return {
    emit(event) {
      const done = new Promise<void>((taken, dropped) => push({ event, taken, dropped }))
      // A caller that does not look must not bring the process down.
      done.catch(() => {})
      return done
    },
    emitLatest(event) {
      const waiting = queue.find((item) => !item.taken && isOfCall(item.event, event.id))
      if (waiting) waiting.event = event
      else push({ event })
    },
    add(task) {
      tasks.add(task)
      void task.finally(() => {
        tasks.delete(task)
        wake()
      })
    },
    async *drain() {
      let items: Item[] = []
      try {
        while (tasks.size || queue.length) {
          items = queue.splice(0)
          if (items.length) {
            yield items.map(({ event }) => event)
            for (const { taken } of items.splice(0)) taken?.()
          } else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        closed = true
        if (tasks.size) onLeave()
        drop([...items, ...queue.splice(0)])
        await Promise.all(tasks)
      }
    },
  }
}

function isOfCall(event: RunEvent, id: string): boolean {
  return event.type === 'tool_progress' && event.id === id
}
