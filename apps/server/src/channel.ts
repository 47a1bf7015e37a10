import {
  fromRecord,
  isRecorded,
  sameJson,
  toRecord,
  type Json,
  type Run,
  type RunEvent,
  type SessionRecord,
  type SessionStore,
} from '@harnext/core'
import { frameOf, frameOfRecord, type Frame } from './frame.ts'

export interface Reader {
  send(frame: Frame): void
  end(): void
}

/** A session while somebody runs or reads it. */
export class Channel {
  /** The run under way. */
  run: Run | undefined
  /** When the last run that was under way has ended, and another one can begin. */
  ended: Promise<void> = Promise.resolve()
  /** The calls that wait for an answer. */
  readonly asked: Set<string> = new Set()
  /** Given to the store, and not seen among the run's events yet: the log is written before the run tells. */
  #announced: SessionRecord[] = []
  readonly #readers = new Set<Reader>()

  get isIdle(): boolean {
    return !this.run && !this.#readers.size
  }

  /** The lowest number that a reader who subscribed before is still going to be sent; absent: all that is recorded was sent. */
  get nextSeq(): number | undefined {
    return this.#announced[0]?.seq
  }

  /** The store for a run: it tells the channel what is recorded. */
  recording(store: SessionStore): SessionStore {
    this.#close()
    return {
      location: store.location,
      create: (header) => store.create(header),
      read: (id, options) => store.read(id, options),
      list: (options) => store.list(options),
      delete: (id) => store.delete(id),
      lease: (id, owner) => store.lease(id, owner),
      append: async (id, records, options) => {
        // Before it is written, so that no reader finds in the log what it will be told as well.
        this.#announced.push(...records)
        try {
          await store.append(id, records, options)
        } catch (error) {
          this.#announced = this.#announced.filter((record) => !records.includes(record))
          throw error
        }
      },
    }
  }

  publish(event: RunEvent): void {
    const frame = this.#frameOf(event)
    if (event.type === 'permission_request') this.asked.add(event.id)
    // Whoever reads the end may begin the next run.
    if (event.type === 'run_end') this.#close()
    for (const reader of this.#readers) reader.send(frame)
  }

  /** From now on; the function that it returns ends it. */
  subscribe(reader: Reader): () => void {
    this.#readers.add(reader)
    return () => void this.#readers.delete(reader)
  }

  endReaders(): void {
    for (const reader of this.#readers) reader.end()
  }

  #close(): void {
    this.run = undefined
    this.asked.clear()
    this.#announced = []
  }

  /** A run also tells what the log does not keep: deltas, that the log was torn, that it cannot be written. */
  #frameOf(event: RunEvent): Frame {
    if (!isRecorded(event)) return frameOf(event)
    const [record] = this.#announced
    if (record && sameJson(record as Json, toRecord(event, record.seq, record.time) as Json)) {
      this.#announced.shift()
      return frameOfRecord(record) ?? frameOf(event)
    }
    // In the form that the log would have given it.
    return frameOf(fromRecord(toRecord(event, 0, 0)) ?? event)
  }
}
