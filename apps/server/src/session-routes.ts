import { newSessionId, type JsonObject } from '@harnext/core'
import { Hono } from 'hono'
import { readBody } from './body.ts'
import { refuse } from './errors.ts'
import { checkSession, type Sessions } from './find-session.ts'
import type { Runs } from './runs.ts'

/** Sessions are listed, begun and read. */
export function sessionRoutes(sessions: Sessions, runs: Runs): Hono {
  const { store, cwd } = sessions
  const app = new Hono()

  app.get('/', async (context) => {
    const found = await store.list({ cwd })
    const all = found.map((one) => ({ ...one, running: runs.at(one.id)?.run !== undefined }))
    return context.json({ sessions: all })
  })

  app.post('/', async (context) => {
    const given = await readBody<{ readonly metadata?: JsonObject }>(context.req, {
      properties: { metadata: { type: 'object' } },
    })
    const createdAt = new Date().toISOString()
    const header = { type: 'session', version: 1, id: newSessionId(), cwd, createdAt } as const
    await store.create({ ...header, ...given })
    return context.json({ id: header.id, cwd, createdAt, ...given }, 201)
  })

  app.get('/:id/events', async (context) => {
    const id = context.req.param('id')
    await checkSession(sessions, id)
    const given = context.req.header('last-event-id') ?? '0'
    if (!/^\d{1,15}$/.test(given))
      throw refuse(
        'invalid_request',
        `Last-Event-ID must be the number of an event; got ${JSON.stringify(given)}.`,
      )
    const events = runs.events(id, Number(given))
    // An event stream is the last thing on its connection, so that a stopping server need not wait for it.
    const headers = { 'Content-Type': 'text/event-stream', Connection: 'close' }
    return context.body(events, 200, headers)
  })

  return app
}
