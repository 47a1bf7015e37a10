import type { Message } from '../messages.ts'
import { growingBytes, type GrowingBytes } from './growing-bytes.ts'
import type { Warning } from './warning.ts'

/** How one API says a history, message by message: functions that change `State` and nothing else. */
export interface HistoryFormat<State, Dialect> {
  begin(dialect: Dialect): State
  /** What cannot be said is told as a warning. It may look at the messages behind. */
  take(state: State, messages: readonly Message[], at: number, warnings: Warning[]): void
  /** Takes out the text that will be the same in each request from here on. */
  settle(state: State): string
  /** What follows it in this request alone: what may still change, marks for a cache, closing brackets. Changes nothing. */
  finish(state: State): string
}

/** A history as bytes, which belong to the caller until they are given back. */
export interface WrittenHistory {
  /** About what could not be said, from the messages that are new since the last call. */
  readonly warnings: readonly Warning[]
  /** Nothing was said yet. */
  readonly isEmpty: boolean
  /** The history between `before` and `after`: a view that is good until `release`, or the next call. */
  body(before: string, after: string): Uint8Array
  /**
   * The call is over, and with it the sending: the next one may go on with the same bytes. Who does not know that does not call it,
   * and the next one begins anew.
   */
  release(): void
}

/**
 * Makes a writer of histories that keeps what it wrote: while an array of messages only grows, nothing but the new ones is
 * translated, and nothing but their text is encoded. It knows a history by its array and forgets it with it; messages that are not
 * frozen are written again each time. Between a call and its `release` nobody else gets the same bytes.
 */
export function bodyWriter<State, Dialect>(
  format: HistoryFormat<State, Dialect>,
): (messages: readonly Message[], dialect: Dialect, count?: number) => WrittenHistory {
  const idle = new WeakMap<readonly Message[], History<State, Dialect>>()
  return (messages, dialect, count = messages.length) => {
    const known = idle.get(messages)
    const history =
      known && isContinued(known, messages, dialect, count) ? known : newHistory(format, dialect)
    // What is under way, or fails half-way, is not gone on with.
    idle.delete(messages)
    const warnings: Warning[] = []
    const { state, bytes } = history
    for (; history.count < count; history.count++) {
      format.take(state, messages, history.count, warnings)
      history.last = messages[history.count]
      history.isFrozen &&= Object.isFrozen(history.last)
    }
    const settled = format.settle(state)
    bytes.append(settled)
    history.isEmpty &&= settled === ''
    const rest = format.finish(state)
    return {
      warnings,
      isEmpty: history.isEmpty && rest === '',
      body: (before, after) => bytes.view(before, rest + after),
      release() {
        if (history.isFrozen) idle.set(messages, history)
      },
    }
  }
}

interface History<State, Dialect> {
  readonly state: State
  readonly dialect: Dialect
  readonly bytes: GrowingBytes
  count: number
  last: Message | undefined
  isFrozen: boolean
  isEmpty: boolean
}

function newHistory<State, Dialect>(
  format: HistoryFormat<State, Dialect>,
  dialect: Dialect,
): History<State, Dialect> {
  return {
    state: format.begin(dialect),
    dialect,
    bytes: growingBytes(),
    count: 0,
    last: undefined,
    isFrozen: true,
    isEmpty: true,
  }
}

/** An array only grows while it is the same one, so that a turn costs the same however many there were before. */
function isContinued<State, Dialect>(
  known: History<State, Dialect>,
  messages: readonly Message[],
  dialect: Dialect,
  count: number,
): boolean {
  if (known.dialect !== dialect || known.count > count) return false
  return known.count === 0 || messages[known.count - 1] === known.last
}
