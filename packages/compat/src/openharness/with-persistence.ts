import type { Awaitable, Message } from '@harnext/core'
import type { Middleware } from './runner.ts'

/** Where the messages of a session are kept. */
export interface SessionStore {
  /** `undefined` or `null` where nothing is kept. */
  load(sessionId: string): Awaitable<readonly Message[] | null | undefined>
  save(sessionId: string, messages: readonly Message[]): Awaitable<void>
  delete?(sessionId: string): Awaitable<void>
}

export interface PersistenceConfig {
  readonly store: SessionStore
  readonly sessionId: string
}

/** Saves the messages of each run before its `done` is seen. */
export function withPersistence({ store, sessionId }: PersistenceConfig): Middleware {
  return (next) =>
    async function* (history, input, options) {
      for await (const event of next(history, input, options)) {
        if (event.type === 'done') await store.save(sessionId, event.messages)
        yield event
      }
    }
}
