import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadSession } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import { expect, onTestFinished, test } from 'vitest'
import { harnextServer } from './program.ts'
import { temporary } from './running.ts'

test('--help and --version', async () => {
  const { code, stdout, stderr } = await harnextServer(['--help']).ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('Usage: harnext-server [options]')
  for (const name of ['--cwd', '--port', '--host', '--permission-mode', 'HARNEXT_SERVER_TOKEN'])
    expect(stdout).toContain(name)
  expect(await harnextServer(['-v']).ended).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
})

test.each([
  [['--prt', '1'], 'There is no option "--prt". Did you mean --port?'],
  [['--permission-mod=plan'], 'Did you mean --permission-mode?'],
  [['--xyzzy'], 'See harnext-server --help.'],
  [['-x'], '-x'],
  [['serve'], 'serve'],
  [['--port', '70000'], '--port must be a whole number from 0 to 65535; got "70000".'],
  [['--port='], '--port must be'],
  [['--host', '0.0.0.0'], 'host must be 127.0.0.1, localhost or ::1; got "0.0.0.0".'],
  [['--host', '::'], 'got "::"'],
  [['--host', '127.0.0.1.evil.test'], 'got "127.0.0.1.evil.test"'],
  [['--permission-mode', 'plann'], 'plann'],
  [['--provider', 'antropic'], 'anthropic'],
  [['--cwd', 'nowhere'], 'nowhere'],
])('%j is a usage error', async (args, message) => {
  const { code, stdout, stderr } = await harnextServer(args).ended
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^harnext-server: .*\n$/)
  expect(stderr).toContain(message)
})

test('a token that is too short or has a space is refused, and not printed', async () => {
  for (const token of ['short', 'a token of more than sixteen', '']) {
    const { code, stdout, stderr } = await harnextServer(['--port', '0'], {
      env: { HARNEXT_SERVER_TOKEN: token },
    }).ended
    expect([token, code, stdout]).toEqual([token, 2, ''])
    expect(stderr).toContain('HARNEXT_SERVER_TOKEN')
    if (token) expect(stderr).not.toContain(token)
  }
})

test('a port that is taken', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const { code, stderr } = await harnextServer(['--port', String(port)]).ended
  expect(code).toBe(1)
  expect(stderr).toContain(String(port))
})

/** The program with a vendor that never answers, and a client of it. */
async function program() {
  const cwd = await temporary()
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
  const vendor = createServer(() => onAsked())
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    vendor.closeAllConnections()
    vendor.close()
  })
  const { port } = vendor.address() as AddressInfo
  const headers = { authorization: 'Bearer token-of-the-test', 'content-type': 'application/json' }
  return {
    asked,
    home: `${cwd}/.home`,
    async start() {
      const server = harnextServer(['--port', '0', '--provider', 'anthropic'], {
        cwd,
        env: {
          HARNEXT_HOME: `${cwd}/.home`,
          ANTHROPIC_API_KEY: 'key-of-the-test',
          ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
          HARNEXT_SERVER_TOKEN: 'token-of-the-test',
        },
      })
      const url = await server.listening()
      return {
        ...server,
        url,
        get: (where: string) => fetch(url + where, { headers }),
        post: (where: string, body: object) =>
          fetch(url + where, { method: 'POST', headers, body: JSON.stringify(body) }),
      }
    },
  }
}

test('it prints address and token once, works, and SIGTERM keeps the session', async () => {
  const { start, asked, home } = await program()
  const { url, get, post, child, ended } = await start()
  const { id } = (await (await post('/v1/sessions', {})).json()) as { readonly id: string }
  const events = await get(`/v1/sessions/${id}/events`)
  await post(`/v1/sessions/${id}/messages`, { text: 'go' })
  await asked
  child.kill('SIGTERM')
  const { code, stdout, stderr } = await ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe(`harnext-server: ${url}\n`)
  // The reader is told to the end.
  expect(await events.text()).toMatch(/event: run_end\ndata: .*"stopReason":"cancelled".*\n\n$/)
  const { events: logged } = await loadSession(jsonlStore({ home }), id)
  expect(logged.at(-1)).toMatchObject({ type: 'run_end', stopReason: 'cancelled' })
})

test('after SIGKILL another server goes on with the run', async () => {
  const { start, asked, home } = await program()
  const killed = await start()
  const { id } = (await (await killed.post('/v1/sessions', {})).json()) as { readonly id: string }
  const begun = await (await killed.post(`/v1/sessions/${id}/messages`, { text: 'go' })).json()
  await asked
  killed.child.kill('SIGKILL')
  await killed.ended
  const next = await start()
  const resumed = await next.post(`/v1/sessions/${id}/resume`, {})
  expect([resumed.status, await resumed.json()]).toEqual([202, begun])
  await next.post(`/v1/sessions/${id}/cancel`, {})
  const { events } = await loadSession(jsonlStore({ home }), id)
  const types = events.map(({ type }) => type)
  expect(types.filter((type) => type.startsWith('run_'))).toEqual([
    'run_start',
    'run_resumed',
    'run_end',
  ])
})

test('without a token in the environment it makes one and prints it', async () => {
  const cwd = await temporary()
  const server = harnextServer(['--port', '0'], { cwd })
  const url = await server.listening()
  const get = async (token: string) =>
    (await fetch(`${url}/v1/sessions`, { headers: { authorization: `Bearer ${token}` } })).status
  server.child.kill('SIGINT')
  expect(await get('guess').catch(() => 401)).toBe(401)
  const { code, stdout } = await server.ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/^harnext-server: http:\/\/127\.0\.0\.1:\d+\ntoken: [\w-]{32}\n$/)
})
