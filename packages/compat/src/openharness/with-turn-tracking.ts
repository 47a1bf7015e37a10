import type { Middleware } from './runner.ts'

/** Puts `turn.start` and `turn.done` around each run, counted from 1. */
export function withTurnTracking(): Middleware {
  return (next) => {
    let turns = 0
    return async function* (history, input, options) {
      turns += 1
      const turnNumber = turns
      yield { type: 'turn.start', turnNumber }
      for await (const event of next(history, input, options)) {
        yield event
        if (event.type === 'done') yield { type: 'turn.done', turnNumber, usage: event.totalUsage }
      }
    }
  }
}
