import type { PermissionAnswer, Run } from '@harnext/core'
import type { Harnext, HarnextRunOptions } from '@harnext/sdk'
import { Hono, type Context } from 'hono'
import { readBody } from './body.ts'
import { refuse } from './errors.ts'
import { checkSession, type Sessions } from './find-session.ts'
import type { Runs } from './runs.ts'

const text = { properties: { text: { type: 'string', pattern: '\\S' } }, required: ['text'] }
const reason = { properties: { reason: { type: 'string' } } }
const answer = {
  properties: {
    decision: { enum: ['allow', 'deny', 'defer'] },
    remember: { type: 'boolean' },
    args: {},
    message: { type: 'string' },
  },
  required: ['decision'],
}
interface Answer {
  readonly decision: 'allow' | 'deny' | 'defer'
}

/** Runs are begun, answered, steered and cancelled. */
export function runRoutes(client: Harnext, sessions: Sessions, runs: Runs): Hono {
  const app = new Hono()

  app.post('/:id/messages', async (context) => {
    const said = await readBody<{ readonly text: string }>(context.req, text)
    return begin(context, (options) => client.stream(said.text, options))
  })

  app.post('/:id/resume', async (context) => {
    await readBody(context.req, {})
    return begin(context, (options, id) => client.resume(id, options))
  })

  app.post('/:id/approvals/:callId', async (context) => {
    const { id, callId } = context.req.param()
    const channel = runs.at(id)
    const notOpen = refuse(
      'no_open_request',
      `No permission request ${JSON.stringify(callId)} is open in session ${JSON.stringify(id)}.`,
    )
    if (!channel?.asked.has(callId)) throw notOpen
    const { decision, ...rest } = await readBody<Answer>(context.req, answer)
    // Another answer may have come while this one was read.
    if (!channel.run || !channel.asked.delete(callId)) throw notOpen
    const given: PermissionAnswer = decision === 'defer' ? decision : { ...rest, decision }
    channel.run.respond(callId, given)
    return accepted(context, channel.run)
  })

  app.post('/:id/steer', async (context) => {
    const said = await readBody<{ readonly text: string }>(context.req, text)
    const { run } = await underWay(context)
    run.steer(said.text)
    return accepted(context, run)
  })

  app.post('/:id/cancel', async (context) => {
    const given = await readBody<{ readonly reason?: string }>(context.req, reason)
    const { run, ended } = await underWay(context)
    run.cancel(given.reason)
    await ended
    return accepted(context, run, 200)
  })

  return app

  async function begin(
    context: Context,
    start: (options: HarnextRunOptions, id: string) => Run,
  ): Promise<Response> {
    const id = context.req.param('id') ?? ''
    await checkSession(sessions, id)
    // Nothing that a request says can change these, or what the client was made with.
    const fixed = { cwd: sessions.cwd, onPermission: 'stream', subagents: true } as const
    const run = await runs.begin(id, (store) => start({ ...fixed, session: id, store }, id))
    return accepted(context, run)
  }

  async function underWay(context: Context): Promise<{ run: Run; ended: Promise<void> }> {
    const id = context.req.param('id') ?? ''
    const { run, ended } = runs.at(id) ?? {}
    if (run && ended) return { run, ended }
    await checkSession(sessions, id)
    throw refuse('no_run', `No run is under way in session ${id}.`)
  }
}

function accepted(context: Context, { sessionId, id }: Run, status: 200 | 202 = 202): Response {
  return context.json({ sessionId, runId: id }, status)
}
