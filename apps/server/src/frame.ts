import { fromRecord, type LoggedEvent, type RunEvent, type SessionRecord } from '@harnext/core'

/** An event as it is sent. `seq` is the number of its record in the log; what the log does not keep has none. */
export interface Frame {
  readonly seq?: number
  readonly text: string
}

/** A comment, which readers of event streams leave out. */
export const heartbeat: Frame = { text: ':\n\n' }

export function frameOf(event: RunEvent | LoggedEvent): Frame {
  // Errors become their records. No line break is left in JSON.
  return { text: `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n` }
}

/** The same whether it just happened or was read from the log. `null` for a type that this release does not know. */
export function frameOfRecord(record: SessionRecord): Frame | null {
  const { seq } = record
  const event = fromRecord(record)
  return event && { seq, text: `id: ${seq}\n${frameOf(event).text}` }
}
