import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { jsonlStore } from '@harnext/core/node'
import { call, scripted } from '@harnext/core/testing'
import { Harnext } from '@harnext/sdk'
import { startServer, type RunningServer } from '@harnext/server'
import { Skipped, type HttpCase, type Outcome } from './case.ts'
import { makePlace } from './place.ts'

const program = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url))

/** Sends the bytes of the case to a server of its own. */
export async function runHttp(template: HttpCase): Promise<Outcome> {
  const place = await makePlace(template)
  try {
    const { request, expect } = place.attack
    if (request.startArgs) return await refusesToStart(request.startArgs, place.workspace)
    const write = (id: string) => call(id, 'write', { path: id, content: '' })
    const store = jsonlStore({ home: place.harnextHome })
    const client = new Harnext({
      provider: scripted([[write('used')], 'done', [write('open')]]),
      model: 'm',
      cwd: place.workspace,
      home: place.harnextHome,
      env: {},
      permissionMode: 'manual',
    })
    const server = await startServer({ client, store, cwd: place.workspace, onFailure: fail })
    try {
      if (request.slowloris)
        return await isCutOff(server, expect.closedWithinMs ?? 0, request.slowloris)
      const names = request.path?.includes('{') ? await openApprovals(server) : {}
      return judge(place.attack, await send(server, textOf(server, place.attack, names)))
    } finally {
      await server.close()
    }
  } finally {
    await place.remove()
  }
}

function fail(error: Error): void {
  throw error
}

interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

function judge({ request, expect }: HttpCase, { status, head, body }: Answer): Outcome {
  if (expect.status && !expect.status.includes(status)) {
    const isMissing = status === 404 && body.includes('no_route')
    if (isMissing) throw new Skipped(`the server has no route ${request.path}`)
    return `expected status ${expect.status.join(' or ')}, got ${status}`
  }
  if (status === 0) return 'there was no answer'
  const headers = head.toLowerCase()
  const { absentHeader, headerNot = {}, bodyNot = [] } = expect
  if (absentHeader !== undefined && headers.includes(absentHeader)) return `it sent ${absentHeader}`
  for (const [name, value] of Object.entries(headerNot))
    if (headers.includes(`${name}: ${value}`)) return `it sent ${name}: ${value}`
  for (const text of bodyNot)
    if (body.includes(text)) return `its body holds ${JSON.stringify(text)}`
  if (expect.noPollution && Object.hasOwn(Object.prototype, 'mode'))
    return 'a prototype was changed'
  return null
}

async function refusesToStart(args: readonly string[], cwd: string): Promise<Outcome> {
  const child = spawn(process.execPath, ['--conditions=@harnext/source', program, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
    stdio: 'ignore',
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  return code !== null && code !== 0 ? null : 'it started'
}

/** One session has an answered request, another an open one. */
async function openApprovals(server: RunningServer): Promise<{ readonly [name: string]: string }> {
  const [a, b] = [await newSession(server), await newSession(server)]
  await ask(server, a, { decision: 'allow' })
  await ask(server, b)
  return { '/A/': `/${a}/`, '{APPROVAL_OF_B}': 'open', '{USED}': 'used' }
}

async function newSession(server: RunningServer): Promise<string> {
  const { id } = (await (await post(server, '/v1/sessions')).json()) as { readonly id: string }
  return id
}

/** Begins a run, waits for its question, and, with an answer, for its end. */
async function ask(server: RunningServer, session: string, answer?: object): Promise<void> {
  const left = new AbortController()
  const headers = { authorization: `Bearer ${server.token}` }
  const where = `/v1/sessions/${session}`
  const events = await fetch(`${server.url}${where}/events`, { headers, signal: left.signal })
  await post(server, `${where}/messages`, { text: 'go' })
  let text = ''
  for await (const chunk of events.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (!text.includes('permission_request')) continue
    if (!answer || text.includes('event: run_end')) break
    if (!text.includes('event: permission_decision'))
      await post(server, `${where}/approvals/used`, answer)
  }
  left.abort()
}

async function post(
  { url, token }: RunningServer,
  where: string,
  body?: object,
): Promise<Response> {
  return fetch(url + where, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** The request byte by byte as the case has it, where a client library would tidy it up. */
function textOf(
  { url, token }: RunningServer,
  { request }: HttpCase,
  names: { readonly [name: string]: string },
): string {
  const { method = 'GET', path = '/', headers = {}, body, bodyRaw } = request
  const content = bodyRaw ?? (body === undefined ? undefined : JSON.stringify(body))
  const fields = {
    host: new URL(url).host,
    ...(content !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(content)),
    }),
    ...headers,
    connection: [headers['connection'], 'close'].filter(Boolean).join(', '),
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const text =
    request.raw?.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') ??
    `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${content ?? ''}`
  const values = Object.entries({ ...names, '{TOKEN}': token })
  return values.reduce((whole, [name, value]) => whole.replaceAll(name, value), text)
}

function send({ url }: RunningServer, bytes: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
    // A server that refuses may close while we still write.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      const [head = '', ...body] = text.split('\r\n\r\n')
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0)
      resolve({ status, head, body: body.join('\r\n\r\n') })
    })
    socket.write(bytes, 'latin1')
  })
}

/** Headers that come one by one are not waited for for ever. */
function isCutOff(
  { url }: RunningServer,
  withinMs: number,
  { headersEveryMs, forMs }: NonNullable<HttpCase['request']['slowloris']>,
): Promise<Outcome> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const started = performance.now()
  socket.write('GET /health HTTP/1.1\r\n')
  const timer = setInterval(() => socket.write('X-Slow: a\r\n'), headersEveryMs)
  const patience = setTimeout(() => socket.destroy(), forMs)
  return new Promise((resolve) => {
    socket.resume().on('error', () => {})
    socket.on('close', () => {
      clearInterval(timer)
      clearTimeout(patience)
      const tookMs = Math.round(performance.now() - started)
      resolve(tookMs <= withinMs ? null : `it was open for ${tookMs} ms`)
    })
  })
}
