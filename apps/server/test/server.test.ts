import { connect } from 'node:net'
import { ConfigError } from '@harnext/core'
import { expect, test } from 'vitest'
import { startServer } from '../src/index.ts'
import { raw } from './raw.ts'
import { all, each, running } from './running.ts'

const BODY_LIMIT = 10 * 1024 * 1024

test('health needs no token, and no other host', async () => {
  const { url } = await running()
  const response = await fetch(`${url}/health`)
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('the token counts letter by letter, in its header alone', async () => {
  const { url, token } = await running()
  const status = async (where: string, headers: { [name: string]: string }) => {
    const response = await fetch(url + where, { headers })
    if (response.status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer')
    return response.status
  }
  const where = '/v1/sessions'
  expect(await status(where, { authorization: `Bearer ${token}` })).toBe(200)
  expect(await status(where, { authorization: `bearer ${token}` })).toBe(200)
  const wrong = [
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    'Bearer ',
    'Bearer',
  ]
  const sent = await each(wrong, (authorization) => status(where, { authorization }))
  expect(sent).toEqual(all(wrong, 401))
  expect(await status(`${where}?token=${token}&access_token=${token}`, {})).toBe(401)
  expect(await status(where, { cookie: `token=${token}`, 'x-token': token })).toBe(401)
  expect(await status('/health/', {})).toBe(401)
  expect(await status('/nothing', {})).toBe(401)
})

test('Host and Origin are this server exactly', async () => {
  const { url, token } = await running()
  const { port } = new URL(url)
  const send = async (...headers: readonly string[]) =>
    (
      await raw(
        url,
        `GET /v1/sessions HTTP/1.1\r\n${[...headers, `Authorization: Bearer ${token}`, 'Connection: close'].join('\r\n')}\r\n\r\n`,
      )
    ).status
  const own = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]
  expect(await each(own, (host) => send(`Host: ${host}`))).toEqual(all(own, 200))
  expect(await each(own, (host) => send(`Host: ${host}`, `Origin: http://${host}`))).toEqual(
    all(own, 200),
  )

  const here = `localhost:${port}`
  const origins = [
    'null',
    `https://${here}`,
    `http://${here}.evil.test`,
    `http://${here}/`,
    `HTTP://${here}`,
    `http://x@${here}`,
    'http://localhost',
    `http://127.0.0.1:${port}`,
    '',
  ]
  const fromOrigin = await each(origins, (origin) => send(`Host: ${here}`, `Origin: ${origin}`))
  expect(fromOrigin).toEqual(all(origins, 403))

  const others = [
    'evil.test',
    `evil.test:${port}`,
    '127.0.0.1',
    'localhost',
    `127.0.0.1:${Number(port) + 1}`,
    `localhost.evil.test:${port}`,
    `127.0.0.1:${port}.evil.test`,
    `x@127.0.0.1:${port}`,
    `127.1:${port}`,
    `0.0.0.0:${port}`,
    `LOCALHOST:${port}`,
    '',
    `${here}\r\nHost: evil.test`,
    `evil.test\r\nHost: ${here}`,
  ]
  const refused = await each(others, async (host) =>
    [400, 403].includes(await send(`Host: ${host}`)),
  )
  expect(refused).toEqual(all(others, true))
  expect([400, 403]).toContain(await send('X: y'))
})

test('an absolute address in the request line does not stand in for Host', async () => {
  const { url, token } = await running()
  const rest = `Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`
  expect(
    (await raw(url, `GET ${url}/v1/sessions HTTP/1.1\r\nHost: evil.test\r\n${rest}`)).status,
  ).toBe(403)
  expect([400, 403]).toContain(
    (await raw(url, `GET ${url}/v1/sessions HTTP/1.0\r\n${rest}`)).status,
  )
})

test('a request that could be read in two ways is refused', async () => {
  const { url, token } = await running()
  const head = `POST /v1/sessions HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
  const hidden = `GET /v1/sessions HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const framings = [
    `Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `Content-Length: 2\r\nContent-Length: ${hidden.length}\r\n\r\n{}${hidden}`,
    `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    `Content-Length: +2\r\n\r\n{}${hidden}`,
    `Content-Length : 2\r\n\r\n{}${hidden}`,
    `X: a\r\n\tb\0c\r\n\r\n${hidden}`,
  ]
  const told = await each(framings, async (framing) => {
    const { status, body } = await raw(url, head + framing)
    return [status, body.includes('HTTP/1.1')]
  })
  expect(told).toEqual(all(framings, [400, false]))
})

test('what a request holds does not become a header of the answer', async () => {
  const { url, token } = await running()
  const response = await fetch(`${url}/v1/sessions/a%0d%0aSet-Cookie:%20x=1/events`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(response.status).toBe(404)
  expect(response.headers.get('set-cookie')).toBeNull()
})

test('a body that is too large is refused, whether it says its length or not', async () => {
  const { url, token, call } = await running()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = (size: number) => `{"metadata":{"x":"${'x'.repeat(size - 22)}"}}`.padEnd(size)
  const fits = await fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers,
    body: body(BODY_LIMIT),
  })
  expect(fits.status).toBe(201)
  const head = `POST /v1/sessions HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
  const large = body(BODY_LIMIT + 1)
  const chunk = `${large.length.toString(16)}\r\n${large}\r\n`
  for (const sent of [
    `${head}Content-Length: ${large.length}\r\nConnection: close\r\n\r\n${large}`,
    // It says more than it ever sends.
    `${head}Content-Length: ${large.length * 100}\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}0\r\n\r\n`,
  ]) {
    const { status, body: told } = await raw(url, sent)
    expect(status).toBe(413)
    expect(JSON.parse(told).error.code).toBe('body_too_large')
  }
  expect((await call('GET', '/v1/sessions')).status).toBe(200)
})

test('a body must be JSON and say so', async () => {
  const { url, token } = await running()
  const status = async (type: string | undefined, body: string) => {
    const response = await fetch(`${url}/v1/sessions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(type !== undefined && { 'content-type': type }),
      },
      // As bytes, for which no type is filled in.
      body: new TextEncoder().encode(body),
    })
    return response.status
  }
  expect(await status('application/json', '{}')).toBe(201)
  expect(await status('application/json; charset=utf-8', '{}')).toBe(201)
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    'text/plain, application/json',
  ]
  expect(await each(types, (type) => status(type, '{}'))).toEqual(all(types, 415))
  expect(await status(undefined, '{}')).toBe(415)
  const deep = ['['.repeat(100_000), `{"metadata":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`]
  const bodies = ['{bad', '[]', 'null', '"x"', ...deep]
  expect(await each(bodies, (body) => status('application/json', body))).toEqual(all(bodies, 400))
  expect(await status('application/json', '{"__proto__":{"mode":"bypass"}}')).toBe(400)
})

test('who sends headers slowly is cut off, and holds nobody up', async () => {
  const { url, call } = await running([], { headersTimeout: 300 })
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\nX-A: ')
    const timer = setInterval(() => socket.write('a'), 50)
    return new Promise<void>((resolve) =>
      socket
        .resume()
        .on('error', () => {})
        .on('close', () => {
          clearInterval(timer)
          resolve()
        }),
    )
  })
  expect((await call('GET', '/v1/sessions')).status).toBe(200)
  await Promise.all(sockets)
})

test('who sends a body slowly is cut off', async () => {
  const { url, token } = await running([], { headersTimeout: 300, requestTimeout: 300 })
  const { status } = await raw(
    url,
    `POST /v1/sessions HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
  )
  expect([0, 408]).toContain(status)
})

test('other machines cannot reach it', async () => {
  const { store, cwd, home } = await running()
  const { Harnext } = await import('@harnext/sdk')
  const client = new Harnext({ cwd, home, env: {} })
  const hosts = ['0.0.0.0', '::', '', 'example.com', '192.168.0.1', '127.0.0.1:80']
  const start = (host: string) =>
    startServer({ client, store, cwd, host }).catch(
      (error: unknown) => error instanceof ConfigError,
    )
  expect(await each(hosts, start)).toEqual(all(hosts, true))
})

test('a stopping server begins no more runs, and cancels those under way', async () => {
  const api = await running([() => new Promise(() => {})])
  const id = await api.session()
  const reader = await api.events(id)
  await api.call('POST', `/v1/sessions/${id}/messages`, { text: 'go' })
  await reader.next('turn_start')
  await api.close()
  expect((await reader.next('run_end'))?.data).toMatchObject({ stopReason: 'cancelled' })
  expect(await reader.next()).toBeUndefined()
  await expect(fetch(`${api.url}/health`)).rejects.toThrow('fetch failed')
})
