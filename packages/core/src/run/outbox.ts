import type { Batch, RunEvent } from '../events.ts'

/**
 * What was recorded and not read yet. The run goes on at full speed; a reader that is slow gets neighbouring deltas joined, and of the
 * progress of a call the newest.
 */
export interface Outbox {
  readonly push: (batch: Batch) => void
  readonly end: () => void
  readonly next: () => Promise<IteratorResult<RunEvent, undefined>>
}

/** From how many unread events on deltas are joined. */
const JOIN_FROM = 256
/** How far back an older progress of the same call is looked for: further than there are calls that run side by side. */
const LOOK_BACK = 256

export function createOutbox(): Outbox {
  let queue: RunEvent[] = []
  let read = 0
  let ended = false
  const readers: ((result: IteratorResult<RunEvent, undefined>) => void)[] = []

  function pushEvent(event: RunEvent): void {
    const reader = readers.shift()
    if (reader) return reader({ value: event, done: false })
    const from = Math.max(read, queue.length - LOOK_BACK)
    if (queue.length - read <= JOIN_FROM || !joinInto(queue, from, event)) queue.push(event)
  }

  return {
    push: (batch) => batch.forEach(pushEvent),
    end() {
      ended = true
      for (const reader of readers.splice(0)) reader({ value: undefined, done: true })
    },
    next() {
      const value = queue[read]
      if (value) {
        read += 1
        // What was read is let go, at a cost that does not grow with what was not.
        if (read * 2 >= queue.length) {
          queue = queue.slice(read)
          read = 0
        }
        return Promise.resolve({ value, done: false })
      }
      if (ended) return Promise.resolve({ value: undefined, done: true })
      return new Promise((resolve) => readers.push(resolve))
    },
  }
}

/** Makes the event one with an unread event from `from` on; `false` when there is none to join it with. */
function joinInto(queue: RunEvent[], from: number, event: RunEvent): boolean {
  const oldest = event.type === 'tool_progress' ? from : queue.length - 1
  for (let index = queue.length - 1; index >= oldest; index--) {
    const joined = join(queue[index], event)
    if (!joined) continue
    queue[index] = joined
    return true
  }
  return false
}

/** Two deltas of one part, or two updates of one call, as one; `undefined` when they are not that. */
function join(last: RunEvent | undefined, event: RunEvent): RunEvent | undefined {
  if (!last || last.agentPath?.join('/') !== event.agentPath?.join('/')) return undefined
  if (event.type === 'tool_progress')
    return last.type === event.type && last.id === event.id ? event : undefined
  if (event.type === 'tool_input')
    return last.type === event.type && last.id === event.id
      ? { ...last, delta: last.delta + event.delta }
      : undefined
  if (event.type !== 'text' && event.type !== 'thinking') return undefined
  if (last.type !== event.type || last.index !== event.index) return undefined
  return { ...last, text: last.text + event.text }
}
