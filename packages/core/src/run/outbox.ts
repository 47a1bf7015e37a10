import type { Batch, RunEvent } from '../events.ts'

/** What was recorded and not read yet. The run goes on at full speed; a reader that is slow gets neighbouring deltas joined. */
export interface Outbox {
  readonly push: (batch: Batch) => void
  readonly end: () => void
  readonly next: () => Promise<IteratorResult<RunEvent, undefined>>
}

/** From how many unread events on deltas are joined. */
const JOIN_FROM = 256

export function createOutbox(): Outbox {
  let queue: RunEvent[] = []
  let read = 0
  let ended = false
  const readers: ((result: IteratorResult<RunEvent, undefined>) => void)[] = []

  function pushEvent(event: RunEvent): void {
    const reader = readers.shift()
    if (reader) return reader({ value: event, done: false })
    const last = queue.length - read > JOIN_FROM ? queue.at(-1) : undefined
    const joined = last && join(last, event)
    if (joined) queue[queue.length - 1] = joined
    else queue.push(event)
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
        if (read === queue.length) {
          queue = []
          read = 0
        }
        return Promise.resolve({ value, done: false })
      }
      if (ended) return Promise.resolve({ value: undefined, done: true })
      return new Promise((resolve) => readers.push(resolve))
    },
  }
}

/** Two neighbouring deltas of one part as one; `undefined` when they are not that. */
function join(last: RunEvent, event: RunEvent): RunEvent | undefined {
  if (last.agentPath?.join('/') !== event.agentPath?.join('/')) return undefined
  if (event.type === 'tool_input' && last.type === 'tool_input' && event.id === last.id)
    return { ...last, delta: last.delta + event.delta }
  if (event.type !== 'text' && event.type !== 'thinking') return undefined
  if (last.type !== event.type || last.index !== event.index) return undefined
  return { ...last, text: last.text + event.text }
}
