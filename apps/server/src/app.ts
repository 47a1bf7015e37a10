import { HarnextError } from '@harnext/core'
import type { Harnext } from '@harnext/sdk'
import { Hono } from 'hono'
import { bodyOf, refuse, statusOf } from './errors.ts'
import type { Sessions } from './find-session.ts'
import { guard, type GuardOptions } from './guard.ts'
import { runRoutes } from './run-routes.ts'
import { createRuns } from './runs.ts'
import { sessionRoutes } from './session-routes.ts'

export interface AppOptions extends GuardOptions, Sessions {
  readonly client: Harnext
  /** Told what nobody foresaw; the client only reads that it happened. @default prints it to standard error */
  readonly onFailure?: (error: Error) => void
}

export interface App {
  /** Answers requests, with any server that speaks `fetch`. */
  readonly hono: Hono
  /** Cancels the runs under way, waits until they are on record, and ends the event streams. It begins no more runs. */
  close(): Promise<void>
}

/** Sessions and runs over HTTP. It listens nowhere and reads no environment; `startServer` does the first. */
export function createApp(options: AppOptions): App {
  const { onFailure = console.error } = options
  const runs = createRuns(options.store)
  const app = new Hono()
  app.use(guard(options))
  app.get('/health', (context) => context.json({ status: 'ok' }))
  app.route('/v1/sessions', sessionRoutes(options, runs))
  app.route('/v1/sessions', runRoutes(options.client, options, runs))
  app.notFound(({ req }) => {
    throw refuse('not_found', `There is no ${req.method} ${req.path}.`)
  })
  app.onError((error, context) => {
    const isForeseen = HarnextError.is(error)
    if (!isForeseen) onFailure(error)
    const told = isForeseen
      ? error
      : new HarnextError('Something failed in the server; its standard error says more.')
    const status = statusOf(told)
    if (status === 401) context.header('WWW-Authenticate', 'Bearer')
    return context.json(bodyOf(told), status)
  })
  return { hono: app, close: runs.close }
}
