import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { refuse } from './errors.ts'

export interface GuardOptions {
  readonly token: string
  readonly port: number
}

/**
 * Stands before every route. `Host` must be this server's, so that no name that was rebound to this machine leads here; `Origin` must
 * be absent or this server's own, so that no page of another site does; the token must be in `Authorization`, but for `/health`.
 */
export function guard({ token, port }: GuardOptions): MiddlewareHandler {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map(
    // Leaves out a port of 80, as clients do.
    (name) => new URL(`http://${name}:${port}`).host,
  )
  const expected = digest(`Bearer ${token}`)

  return async (context, next) => {
    context.header('Cache-Control', 'no-store')
    context.header('X-Content-Type-Options', 'nosniff')
    const host = context.req.header('host')
    if (host === undefined || !hosts.includes(host))
      throw refuse('host_not_allowed', `The header Host must be one of ${hosts.join(', ')}.`)
    const origin = context.req.header('origin')
    if (origin !== undefined && origin !== `http://${host}`)
      throw refuse('origin_not_allowed', `The header Origin must be absent or http://${host}.`)
    const given = context.req.header('authorization')?.replace(/^bearer +/i, 'Bearer ') ?? ''
    // Of digests, because what is compared in constant time must have one length.
    if (context.req.path !== '/health' && !timingSafeEqual(digest(given), expected))
      throw refuse('unauthorized', 'The header Authorization must be `Bearer <token>`.')
    await next()
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
