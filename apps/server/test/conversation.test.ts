import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { call } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { gate, running, temporary, textOf } from './running.ts'

const hello = call('1', 'write', { path: 'a.txt', content: 'hello' })
const manual = { settings: { permissionMode: 'manual' } } as const

test('a conversation: begin a session, read its events, say something, say more', async () => {
  const api = await running([[{ type: 'text', text: 'I write.' }, hello], 'Written.', 'Bye.'])
  const created = await api.call('POST', '/v1/sessions', { metadata: { ticket: 7 } })
  expect(created).toEqual({
    status: 201,
    json: {
      id: expect.stringMatching(/^sess_[0-9a-f]{12}$/),
      cwd: api.cwd,
      createdAt: expect.stringMatching(/^\d{4}-/),
      metadata: { ticket: 7 },
    },
  })
  const { id } = created.json
  const reader = await api.events(id)

  const said = await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'Write a file' })
  expect(said).toEqual({
    status: 202,
    json: { sessionId: id, runId: expect.stringMatching(/^run_/) },
  })
  const events = await reader.toRunEnd()
  expect(events[0]).toMatchObject({ id: 1, type: 'run_start', data: said.json })
  expect(textOf(events)).toBe('I write.Written.')
  expect(events.find(({ type }) => type === 'tool_call')?.data).toMatchObject({ tool: 'write' })
  expect(events.find(({ type }) => type === 'tool_result')?.data).toMatchObject({
    id: '1',
    status: 'ok',
    output: expect.any(String),
  })
  expect(events.at(-1)?.data).toEqual({
    type: 'run_end',
    stopReason: 'complete',
    durationMs: expect.any(Number),
  })
  expect(await readFile(path.join(api.cwd, 'a.txt'), 'utf8')).toBe('hello')

  // Whoever has read the end may speak at once.
  const more = await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'And now?' })
  expect(more.status).toBe(202)
  await reader.next('run_end')
  expect(textOf(reader.seen)).toBe('I write.Written.Bye.')
  expect(api.adapter.requests.at(-1)?.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'assistant',
    'user',
  ])
  const { json: list } = await api.call('GET', '/v1/sessions')
  expect(list).toEqual({
    sessions: [
      expect.objectContaining({
        id,
        title: 'Write a file',
        metadata: { ticket: 7 },
        running: false,
      }),
    ],
  })
})

test('one run at a time in a session; as many as one likes in others', async () => {
  const { opened, open } = gate()
  const slow = async () => (await opened, 'done')
  const api = await running([slow, slow])
  const [a, b] = [await api.session(), await api.session()]
  for (const id of [a, b])
    expect((await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })).status).toBe(202)
  const refused = await api.call('POST', `/v1/sessions/${a}/messages`, { text: 'more' })
  expect(refused).toMatchObject({
    status: 409,
    json: { error: { name: 'HarnextError', code: 'run_under_way' } },
  })
  expect(refused.json.error.message).toContain(`/v1/sessions/${a}/steer`)
  const { json } = await api.call('GET', '/v1/sessions')
  expect(json.sessions.map((one: { running: boolean }) => one.running)).toEqual([true, true])
  open()
  for (const id of [a, b]) await (await api.events(id)).toRunEnd()
})

test('of two messages at once, one begins a run', async () => {
  const { opened, open } = gate()
  const api = await running([async () => (await opened, 'done')])
  const id = await api.session()
  const say = () => api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  const both = await Promise.all([say(), say()])
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409])
  open()
  await (await api.events(id)).toRunEnd()
})

test('a permission request is answered over HTTP, once, and in its own session', async () => {
  const api = await running(
    [[hello], 'done', [call('2', 'write', { path: 'b.txt', content: 'b' })], 'no'],
    manual,
  )
  const [id, other] = [await api.session(), await api.session()]
  const reader = await api.events(id)
  const approve = (session: string, callId: string, body?: unknown) =>
    api.call('POST', `/v1/sessions/${session}/approvals/${callId}`, body)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  expect((await reader.next('permission_request'))?.data).toMatchObject({ id: '1', tool: 'write' })

  const allow = { decision: 'allow' }
  const notOpen = { status: 404, json: { error: { code: 'no_open_request' } } }
  expect(await approve(other, '1', allow)).toMatchObject(notOpen)
  expect(await approve(id, 'another', allow)).toMatchObject(notOpen)
  for (const bad of [undefined, {}, { decision: 'maybe' }, { ...allow, extra: 1 }, true])
    expect(await approve(id, '1', bad)).toMatchObject({
      status: 400,
      json: { error: { code: 'invalid_request' } },
    })
  const answers = await Promise.all([approve(id, '1', allow), approve(id, '1', allow)])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 404])
  await reader.toRunEnd()
  expect(await approve(id, '1', allow)).toMatchObject(notOpen)
  expect(await readFile(path.join(api.cwd, 'a.txt'), 'utf8')).toBe('hello')

  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'again' })
  await reader.next('permission_request')
  await approve(id, '2', { decision: 'deny', message: 'Not that one.' })
  expect((await reader.next('tool_result'))?.data).toMatchObject({ status: 'denied' })
  await reader.next('run_end')
  expect(JSON.stringify(api.adapter.requests.at(-1)?.messages)).toContain('Not that one.')
})

test('a deferred answer pauses the run; resume asks again', async () => {
  const api = await running([[hello], 'done'], manual)
  const id = await api.session()
  const reader = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  await reader.next('permission_request')
  await api.call('POST', `/v1/sessions/${id}/approvals/1`, { decision: 'defer' })
  expect((await reader.next('run_end'))?.data).toMatchObject({ stopReason: 'paused' })

  const resumed = await api.call('POST', `/v1/sessions/${id}/resume`)
  expect(resumed.status).toBe(202)
  expect((await reader.next('run_resumed'))?.data).toMatchObject({ runId: resumed.json.runId })
  await reader.next('permission_request')
  await api.call('POST', `/v1/sessions/${id}/approvals/1`, { decision: 'allow' })
  expect((await reader.next('run_end'))?.data).toMatchObject({ stopReason: 'complete' })
})

test('nobody reads: the question waits, and is read later', async () => {
  const api = await running([[hello], 'done'], manual)
  const id = await api.session()
  const early = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  await early.next('permission_request')
  early.leave()
  const late = await api.events(id)
  expect((await late.next('permission_request'))?.data.id).toBe('1')
  await api.call('POST', `/v1/sessions/${id}/approvals/1`, { decision: 'allow' })
  expect((await late.next('run_end'))?.data).toMatchObject({ stopReason: 'complete' })
})

test('steering is said in the run that is under way', async () => {
  const { opened, open } = gate()
  const api = await running([async () => (await opened, [hello]), 'done'])
  const id = await api.session()
  expect((await api.call('POST', `/v1/sessions/${id}/steer`, { text: 'x' })).json.error.code).toBe(
    'no_run',
  )
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  expect((await api.call('POST', `/v1/sessions/${id}/steer`, { text: 'In English.' })).status).toBe(
    202,
  )
  open()
  await (await api.events(id)).toRunEnd()
  expect(api.adapter.requests.at(-1)?.messages.at(-1)).toMatchObject({
    role: 'user',
    origin: 'steer',
    content: [{ type: 'text', text: 'In English.' }],
  })
})

test('cancelling ends the run; when that is answered, the session goes on', async () => {
  const api = await running([() => new Promise(() => {}), 'here'])
  const id = await api.session()
  expect((await api.call('POST', `/v1/sessions/${id}/cancel`)).status).toBe(409)
  const reader = await api.events(id)
  const { json } = await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  await reader.next('turn_start')
  expect(await api.call('POST', `/v1/sessions/${id}/cancel`, { reason: 'Enough.' })).toEqual({
    status: 200,
    json,
  })
  const next = await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'still there?' })
  expect(next.status).toBe(202)
  expect((await reader.next('run_end'))?.data).toMatchObject({ stopReason: 'cancelled' })
  expect((await reader.next('run_end'))?.data).toMatchObject({ stopReason: 'complete' })
})

test('what is not there, and what makes no sense, is said with a code', async () => {
  const api = await running()
  const id = await api.session()
  const elsewhere = await running([], { place: { cwd: await temporary(), home: api.home } })
  const cases: readonly (readonly [string, string, unknown, number, string])[] = [
    ['POST', '/v1/sessions/sess_0/messages', { text: 'x' }, 404, 'session_not_found'],
    ['POST', '/v1/sessions/sess_0/resume', {}, 404, 'session_not_found'],
    ['POST', '/v1/sessions/sess_0/cancel', {}, 404, 'session_not_found'],
    ['GET', '/v1/sessions/sess_0/events', undefined, 404, 'session_not_found'],
    ['GET', '/v1/sessions/..%2f..%2fx/events', undefined, 400, 'config'],
    ['GET', '/v1/nothing', undefined, 404, 'not_found'],
    ['DELETE', `/v1/sessions/${id}`, undefined, 404, 'not_found'],
    ['POST', `/v1/sessions/${id}/messages`, { text: '  ' }, 400, 'invalid_request'],
    ['POST', `/v1/sessions/${id}/messages`, { txt: 'x' }, 400, 'invalid_request'],
    [
      'POST',
      `/v1/sessions/${id}/messages`,
      { text: 'x', permissionMode: 'bypass' },
      400,
      'invalid_request',
    ],
    ['POST', `/v1/sessions/${id}/resume`, {}, 400, 'config'],
    ['POST', '/v1/sessions', { cwd: '/' }, 400, 'invalid_request'],
  ]
  for (const [method, where, body, status, code] of cases) {
    const answer = await api.call(method, where, body)
    expect([where, answer]).toMatchObject([
      where,
      { status, json: { error: { code, name: expect.any(String), message: expect.any(String) } } },
    ])
  }
  // The session of another folder is not there either, although its files are.
  expect((await elsewhere.call('GET', '/v1/sessions')).json).toEqual({ sessions: [] })
  expect(await elsewhere.call('POST', `/v1/sessions/${id}/messages`, { text: 'x' })).toMatchObject({
    status: 404,
  })
})

test('a session that somebody else writes is refused at once', async () => {
  const api = await running()
  const id = await api.session()
  const lease = await api.store.lease(id, 'somebody')
  expect(await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'x' })).toMatchObject({
    status: 409,
    json: { error: { name: 'SessionLocked', code: 'session_locked' } },
  })
  await lease.release()
})

test('a failed model call is an event, with its error as a record', async () => {
  const api = await running([new Error('no such model')], { settings: { maxRetries: 0 } })
  const id = await api.session()
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'x' })
  const events = await (await api.events(id)).toRunEnd()
  const failed = events.find(({ type }) => type === 'error')
  expect(failed?.data.error).toMatchObject({
    name: expect.any(String),
    code: expect.any(String),
    message: expect.stringContaining('no such model'),
  })
  expect(events.at(-1)?.data).toMatchObject({ stopReason: 'error', error: failed?.data.error })
})

test('what nobody foresaw is told to the operator alone', async () => {
  const failures: Error[] = []
  const api = await running([], { onFailure: (error) => failures.push(error) })
  const { list } = api.store
  api.store.list = () => Promise.reject(new TypeError('secret detail'))
  const { status, json } = await api.call('GET', '/v1/sessions')
  api.store.list = list
  expect([status, json.error.code]).toEqual([500, 'internal'])
  expect(JSON.stringify(json)).not.toContain('secret')
  expect(failures.map(({ message }) => message)).toEqual(['secret detail'])
})
