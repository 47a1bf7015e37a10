import type { Awaitable, Message } from '@harnext/core'
import type { TokenUsage } from '@harnext/protocols/dotted-events'
import type { CompactionContext } from './compaction-strategy.ts'
import type { Middleware } from './runner.ts'

export interface TurnInfo {
  readonly turnNumber: number
  readonly messages: readonly Message[]
  readonly usage: TokenUsage
}

export interface SessionHooks {
  /** Before each run. What it returns takes the history's place. */
  readonly onBeforeSend?: (messages: readonly Message[]) => Awaitable<readonly Message[] | void>
  readonly onAfterResponse?: (turn: TurnInfo) => Awaitable<void>
  /** What to ask the model for in place of the usual summary. Called by `Session` alone. */
  readonly onCompaction?: (context: CompactionContext) => Awaitable<string | void>
  /** `true`: the error is not passed on; `done` still says that the run failed. */
  readonly onError?: (error: Error, attempt: number) => Awaitable<boolean | void>
}

export function withHooks(hooks: SessionHooks): Middleware {
  return (next) => {
    let turnNumber = 0
    return async function* (history, input, options) {
      turnNumber += 1
      let errors = 0
      const messages = (await hooks.onBeforeSend?.(history)) ?? history
      for await (const event of next(messages, input, options)) {
        if (event.type === 'error') {
          errors += 1
          if (await hooks.onError?.(event.error, errors)) continue
        }
        if (event.type === 'done') {
          const { messages: all, totalUsage: usage } = event
          await hooks.onAfterResponse?.({ turnNumber, messages: all, usage })
        }
        yield event
      }
    }
  }
}
