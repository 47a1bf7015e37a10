import { spawn } from 'node:child_process'
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@harnext/sdk'
import { expect, onTestFinished, test, vi } from 'vitest'
import { cli } from '../../src/cli.ts'
import { fakeIo, type FakeIoOptions } from '../fake-io.ts'
import { fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace, type Place } from '../harnext-process.ts'
import { until } from '../processes.ts'

vi.setConfig({ testTimeout: 60_000 })

const program = fileURLToPath(
  new URL('../../../../packages/mcp/test/support/authorization-server.mjs', import.meta.url),
)

interface Guarded {
  /** What the server says otherwise, and what it does with tokens otherwise. */
  readonly metadata?: JsonObject
  readonly tokens?: JsonObject
  readonly oauth?: JsonObject
}

/** A place whose server `vault` wants a login. */
async function guardedPlace({ metadata = {}, tokens = {}, oauth }: Guarded = {}): Promise<{
  readonly place: Place
  readonly url: string
}> {
  const place = await makePlace()
  const args = [program, JSON.stringify(metadata), JSON.stringify(tokens)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve) => lines.once('line', resolve))
  const servers = { vault: { url, ...(oauth && { oauth }) }, local: { command: 'no-such-program' } }
  await writeFile(join(place.cwd, 'servers.json'), JSON.stringify({ mcpServers: servers }))
  return { place, url }
}

/** `harnext mcp`, and a browser of somebody who agrees to what they are shown. */
function start(place: Place, ...args: string[]) {
  return startIn(place, {}, ...args)
}

function startIn({ cwd, home }: Place, given: Partial<FakeIoOptions>, ...words: string[]) {
  const env = { PATH: process.env['PATH'], ...given.env }
  const args = ['mcp', ...words, '--mcp-config', 'servers.json']
  const io = fakeIo({ ...given, args, cwd, home, env })
  return { io, code: cli(io) }
}

async function agree(login: ReturnType<typeof start>): Promise<void> {
  await until(() => addressIn(login) !== undefined, 'the address is shown')
  await (await fetch(addressIn(login) ?? '')).text()
}

function addressIn({ io }: ReturnType<typeof start>): string | undefined {
  return /^http\S+$/m.exec(io.written.stderr)?.[0]
}

test('mcp login keeps a login that runs use and logout forgets, and shows no token', async () => {
  const { place, url } = await guardedPlace()
  const before = start(place, 'list')
  expect(await before.code).toBe(1)
  expect(before.io.written.stdout).toContain('harnext mcp login vault')

  const login = start(place, 'login', 'vault')
  await agree(login)
  expect(await login.code).toBe(0)
  expect(login.io.written.stdout).toBe('Logged in to vault: it gives 1 tool.\n')
  const folder = join(place.home, '.harnext', 'mcp-logins')
  const [file = ''] = await readdir(folder)
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject({
    url,
    tokens: { access_token: 'token', refresh_token: 'again' },
  })
  expect(JSON.stringify(login.io.written)).not.toContain('access_token')

  const secret = { id: 'toolu_1', name: 'mcp__vault__secret', input: {} }
  const model = await fixtureServer([says('Asking.', secret), says('Done.')])
  const args = ['-p', '--mcp-config', 'servers.json', '--allow', 'mcp__vault', 'go']
  const run = await harnext(args, { place, url: model.url })
  expect([run.code, JSON.stringify(model.requests[1]?.body)]).toEqual([
    0,
    expect.stringContaining('open sesame'),
  ])

  const logout = start(place, 'logout', 'vault')
  expect([await logout.code, logout.io.written.stdout]).toEqual([0, 'Forgot the login to vault.\n'])
  expect(await readdir(folder)).toEqual([])
  const again = start(place, 'logout', 'vault')
  await again.code
  expect(again.io.written.stdout).toBe('No login to vault is kept.\n')
})

/** A program of that name, first in PATH, that writes what it is given into a file, or ends with a code. */
async function fakeBrowser({ cwd }: Place, name: string, code = 0) {
  const folder = join(cwd, 'bin')
  const file = join(folder, 'opened')
  await mkdir(folder)
  const script = `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > '${file}.part' && mv '${file}.part' '${file}'\nexit ${code}\n`
  await writeFile(join(folder, name), script, { mode: 0o755 })
  const opened = async (): Promise<string> => readFile(file, 'utf8').catch(() => '')
  return { PATH: `${folder}:${process.env['PATH']}`, opened }
}

test.each([
  ['linux', 'xdg-open', { DISPLAY: ':0' }],
  ['darwin', 'open', {}],
] as const)('on %s the browser is opened by %s', async (platform, name, screen) => {
  const { place } = await guardedPlace()
  const { PATH, opened } = await fakeBrowser(place, name)
  const given = { platform, isTerminal: true, env: { PATH, ...screen } }
  const login = startIn(place, given, 'login', 'vault')
  await until(async () => (await opened()) !== '', 'the browser is opened')
  const address = /^http\S+$/m.exec(login.io.written.stderr)?.[0]
  expect(await opened()).toBe(`1\n${address}\n`)
  await agree(login)
  expect(await login.code).toBe(0)
  expect(login.io.written.stderr).not.toContain('could not be opened')
})

test.each([
  ['without a terminal', { isTerminal: false, env: { DISPLAY: ':0' } }, []],
  ['in CI', { isTerminal: true, env: { DISPLAY: ':0', CI: 'true' } }, []],
  ['without a screen', { isTerminal: true, env: {} }, []],
  ['with --no-browser', { isTerminal: true, env: { DISPLAY: ':0' } }, ['--no-browser']],
])('%s no browser is opened', async (_when, { isTerminal, env }, flags) => {
  const { place } = await guardedPlace()
  const { PATH, opened } = await fakeBrowser(place, 'xdg-open')
  const given = { platform: 'linux', isTerminal, env: { PATH, ...env } } as const
  const login = startIn(place, given, 'login', 'vault', ...flags)
  await agree(login)
  expect(await login.code).toBe(0)
  expect(await opened()).toBe('')
})

test('a browser that cannot be opened is said, and the login goes on', async () => {
  const { place } = await guardedPlace()
  const { PATH } = await fakeBrowser(place, 'xdg-open', 3)
  const given = { platform: 'linux', isTerminal: true, env: { PATH, DISPLAY: ':0' } } as const
  const login = startIn(place, given, 'login', 'vault')
  const said = 'The browser could not be opened: xdg-open ended with 3'
  await until(() => login.io.written.stderr.includes(said), 'it is said')
  await agree(login)
  expect(await login.code).toBe(0)
  const none = startIn(
    place,
    { ...given, env: { PATH: place.cwd, DISPLAY: ':0' } },
    'login',
    'vault',
  )
  await until(() => none.io.written.stderr.includes('spawn xdg-open ENOENT'), 'it is said')
  await agree(none)
  expect(await none.code).toBe(0)
})

test('a client that is registered already comes from the configuration, and its secret is not kept', async () => {
  const { place, url } = await guardedPlace({
    metadata: { token_endpoint_auth_methods_supported: ['client_secret_post'] },
    tokens: { client: { id: 'ours', secret: 'hush' }, rotates: true },
    oauth: { clientId: 'ours', clientSecret: '${VAULT_SECRET}' },
  })
  const env = { VAULT_SECRET: 'hush' }
  const login = startIn(place, { env }, 'login', 'vault')
  await agree(login)
  expect([await login.code, login.io.written.stderr]).toEqual([0, expect.anything()])
  expect(new URL(addressIn(login) ?? '').searchParams.get('client_id')).toBe('ours')
  const folder = join(place.home, '.harnext', 'mcp-logins')
  const kept = await readFile(
    join(folder, (await readdir(folder)).find((name) => name.endsWith('.json')) ?? ''),
    'utf8',
  )
  expect(JSON.parse(kept)).toMatchObject({ client: { client_id: 'ours' } })
  expect(kept).not.toContain('hush')
  // The next one renews it, as that client.
  await fetch(new URL('/expire', url))
  const list = startIn(place, { env }, 'tools', 'vault')
  expect([await list.code, list.io.written.stdout]).toEqual([0, expect.stringContaining('secret')])
})

test('--client-id is kept with the login, which is renewed by it', async () => {
  const { place, url } = await guardedPlace({
    metadata: { token_endpoint_auth_methods_supported: ['none'] },
    tokens: { client: { id: 'ours' }, rotates: true },
  })
  const login = start(place, 'login', 'vault', '--client-id', 'ours')
  await agree(login)
  expect(await login.code).toBe(0)
  await fetch(new URL('/expire', url))
  const list = start(place, 'tools', 'vault')
  expect([await list.code, list.io.written.stdout]).toEqual([0, expect.stringContaining('secret')])
})

test('a server that takes registered clients alone: it says how to give the id of one', async () => {
  const { place } = await guardedPlace({ tokens: { client: { id: 'ours' } } })
  const login = start(place, 'login', 'vault')
  expect(await login.code).not.toBe(0)
  expect(login.io.written.stderr).toContain(
    'give its id with --client-id, or as oauth.clientId of its configuration',
  )
})

test('who comes back with another state is told so, and the login waits on', async () => {
  const { place } = await guardedPlace()
  const login = start(place, 'login', 'vault')
  await until(() => addressIn(login) !== undefined, 'the address is shown')
  const back = new URL(new URL(addressIn(login) ?? '').searchParams.get('redirect_uri') ?? '')
  for (const query of ['?code=code&state=other', '?code=code', '']) {
    const page = await fetch(`${back.href}${query}`)
    expect([page.status, await page.text()]).toEqual([
      400,
      expect.stringContaining('This was not the answer'),
    ])
  }
  await agree(login)
  expect([await login.code, login.io.written.stdout]).toEqual([
    0,
    'Logged in to vault: it gives 1 tool.\n',
  ])
})

test('the port to come back to is that of the configuration', async () => {
  const { place } = await guardedPlace({ oauth: { callbackPort: 0 } })
  const { port, close } = await takenPort()
  const file = join(place.cwd, 'servers.json')
  const { mcpServers } = JSON.parse(await readFile(file, 'utf8'))
  mcpServers.vault.oauth = { callbackPort: port }
  await writeFile(file, JSON.stringify({ mcpServers }))
  const refused = start(place, 'login', 'vault')
  expect([await refused.code, refused.io.written.stderr]).toEqual([
    2,
    expect.stringContaining(`at port ${port} of this machine`),
  ])
  await close()
  const login = start(place, 'login', 'vault')
  await agree(login)
  expect(await login.code).toBe(0)
  const { searchParams } = new URL(addressIn(login) ?? '')
  expect(searchParams.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/callback`)
})

async function takenPort() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(resolve)) }
}

test('a login that is interrupted leaves everything as it was', async () => {
  const { place } = await guardedPlace()
  const login = start(place, 'login', 'vault')
  await until(() => login.io.written.stderr.includes('http://'), 'the address is shown')
  login.io.signal('SIGINT')
  expect(await login.code).toBe(130)
  expect(login.io.written.stderr).toContain('The login was cancelled.')
  await expect(readdir(join(place.home, '.harnext'))).rejects.toThrow('ENOENT')
})

test.each([
  ['local', 2, 'local is a program on this machine'],
  ['valt', 2, 'Did you mean vault?'],
])('mcp login %s: exit %i, %s', async (name, code, message) => {
  const { place } = await guardedPlace()
  const login = start(place, 'login', name)
  expect([await login.code, login.io.written.stderr]).toEqual([
    code,
    expect.stringContaining(message),
  ])
})
