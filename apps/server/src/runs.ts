import type { Run, RunEvent, SessionStore } from '@harnext/core'
import { Channel } from './channel.ts'
import { refuse } from './errors.ts'
import { eventStream } from './event-stream.ts'

/** The runs under way, at most one a session, and who reads them. */
export interface Runs {
  /**
   * Resolves when the run is on record. Throws what `start` throws, and what the run could not begin for. It goes on whether somebody
   * reads it or not.
   */
  begin(id: string, start: (store: SessionStore) => Run): Promise<Run>
  /** A session that somebody runs or reads. */
  at(id: string): Channel | undefined
  /** From behind the record of that number. */
  events(id: string, after: number): ReadableStream<Uint8Array>
  /** Cancels all runs, waits until they are on record, and ends all readers. */
  close(): Promise<void>
}

export function createRuns(store: SessionStore): Runs {
  const channels = new Map<string, Channel>()
  const driven = new Set<Promise<void>>()
  let isClosed = false

  function channelOf(id: string): Channel {
    const channel = channels.get(id) ?? new Channel()
    channels.set(id, channel)
    return channel
  }
  function forgetIdle(id: string): void {
    if (channels.get(id)?.isIdle) channels.delete(id)
  }

  return {
    async begin(id, start) {
      if (isClosed) throw refuse('stopping', 'The server is stopping: it begins no more runs.')
      const channel = channelOf(id)
      if (channel.run)
        throw refuse(
          'run_under_way',
          `A run is under way in session ${id}: wait for its end, or say it to that run with POST /v1/sessions/${id}/steer.`,
        )
      try {
        channel.run = start(channel.recording(store))
      } finally {
        forgetIdle(id)
      }
      const { run } = channel
      const { promise: first, resolve } = Promise.withResolvers<RunEvent>()
      const end = drive(channel, run, resolve).finally(() => forgetIdle(id))
      channel.ended = end
      driven.add(end)
      void end.finally(() => driven.delete(end))
      const event = await first
      if (event.type !== 'error') return run
      await end
      throw event.error
    },
    at: (id) => channels.get(id),
    events(id, after) {
      const channel = channelOf(id)
      return eventStream({ id, store, channel, after, onLeave: () => forgetIdle(id) })
    },
    async close() {
      isClosed = true
      for (const { run } of channels.values()) run?.cancel('The server is stopping.')
      await Promise.all(driven)
      for (const channel of channels.values()) channel.endReaders()
    },
  }
}

/** To its end, whoever reads. `onEvent` is told the first one before any other. */
async function drive(
  channel: Channel,
  run: Run,
  onEvent: (event: RunEvent) => void,
): Promise<void> {
  for await (const event of run) {
    channel.publish(event)
    onEvent(event)
  }
}
