import { asHarnextError, type SessionStore } from '@harnext/core'
import type { Channel, Reader } from './channel.ts'
import { frameOf, frameOfRecord, heartbeat, type Frame } from './frame.ts'

export interface EventStreamOptions {
  readonly id: string
  readonly store: SessionStore
  readonly channel: Channel
  /** The number of the last record that was read already. */
  readonly after: number
  readonly onLeave: () => void
}

/** Unread events from which on a reader is let go. It can come back with the number of what it read last. */
const MOST_UNREAD = 10_000
const HEARTBEAT_MS = 15_000

/** A session as server-sent events: what is on record, then what happens. It does not end with a run. */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  let reader: StreamReader | undefined
  return new ReadableStream({
    start(controller) {
      const opened = new StreamReader(options, controller)
      reader = opened
      return opened.catchUp().catch((error: unknown) => {
        opened.leave()
        throw error
      })
    },
    cancel: () => reader?.leave(),
  })
}

class StreamReader implements Reader {
  readonly #options: EventStreamOptions
  readonly #controller: ReadableStreamDefaultController<Uint8Array>
  readonly #encoder = new TextEncoder()
  readonly #unsubscribe: () => void
  readonly #timer: NodeJS.Timeout
  /** What happens while the log is read. */
  #held: Frame[] | null = []
  #left = false

  constructor(
    options: EventStreamOptions,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ) {
    this.#options = options
    this.#controller = controller
    this.#unsubscribe = options.channel.subscribe(this)
    this.#timer = setInterval(() => this.send(heartbeat), HEARTBEAT_MS).unref()
  }

  async catchUp(): Promise<void> {
    const { id, store, channel, after } = this.#options
    // Tells the client that it is connected, before there is anything else to tell.
    this.#write(heartbeat)
    const { records, damaged } = await store.read(id, { afterSeq: after })
    if (this.#left) return
    const held = this.#held ?? []
    const live = held.find(({ seq }) => seq)?.seq ?? channel.nextSeq ?? Infinity
    for (const record of records) {
      const frame = record.seq < live && frameOfRecord(record)
      if (frame) this.#write(frame)
    }
    if (damaged) this.#write(frameOf({ type: 'error', error: asHarnextError(damaged) }))
    this.#held = null
    for (const frame of held) this.#write(frame)
  }

  send(frame: Frame): void {
    if (this.#held) this.#held.push(frame)
    else if ((this.#controller.desiredSize ?? 0) < -MOST_UNREAD) this.end()
    else this.#write(frame)
  }

  end(): void {
    this.leave()
    this.#controller.close()
  }

  leave(): void {
    this.#left = true
    clearInterval(this.#timer)
    this.#unsubscribe()
    this.#options.onLeave()
  }

  #write({ text }: Frame): void {
    this.#controller.enqueue(this.#encoder.encode(text))
  }
}
