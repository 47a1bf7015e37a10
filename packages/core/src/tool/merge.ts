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
    if (closed) return item.dropped?.(new Error('The run was closed.'))
    queue.push(item)
    wake()
  }

  function close(items: readonly Item[]): void {
    closed = true
    for (const item of [...items, ...queue.splice(0)])
      item.dropped?.(new Error('The run was closed.'))
  }

  return {
    emit: (event) => new Promise((taken, dropped) => push({ event, taken, dropped })),
    emitLatest(event) {
      const waiting = queue.find(
        (item) => item.event.type === 'tool_progress' && item.event.id === event.id,
      )
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
      let done = false
      try {
        while (tasks.size || queue.length) {
          items = queue.splice(0)
          if (items.length) {
            yield items.map(({ event }) => event)
            for (const item of items.splice(0)) item.taken?.()
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
        done = true
      } finally {
        if (!done) onLeave()
        close(items)
        await Promise.all(tasks)
      }
    },
  }
}
