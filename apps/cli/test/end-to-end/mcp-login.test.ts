import { spawn } from 'node:child_process'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { cli } from '../../src/cli.ts'
import { fakeIo } from '../fake-io.ts'
import { fixtureServer, says } from '../fixture-server.ts'
import { harnext, makePlace, type Place } from '../harnext-process.ts'
import { until } from '../processes.ts'

vi.setConfig({ testTimeout: 60_000 })

const program = fileURLToPath(
  new URL('../../../../packages/mcp/test/support/authorization-server.mjs', import.meta.url),
)

/** A place whose server `vault` wants a login. */
async function guardedPlace(): Promise<{ readonly place: Place; readonly url: string }> {
  const place = await makePlace()
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve) => lines.once('line', resolve))
  const servers = { vault: { url }, local: { command: 'no-such-program' } }
  await writeFile(join(place.cwd, 'servers.json'), JSON.stringify({ mcpServers: servers }))
  return { place, url }
}

/** `harnext mcp`, and a browser of somebody who agrees to what they are shown. */
function start({ cwd, home }: Place, ...args: string[]) {
  const env = { PATH: process.env['PATH'] }
  const io = fakeIo({ args: ['mcp', ...args, '--mcp-config', 'servers.json'], cwd, home, env })
  return { io, code: cli(io) }
}

async function agree({ io }: ReturnType<typeof start>): Promise<void> {
  const address = (): string | undefined => /^http\S+$/m.exec(io.written.stderr)?.[0]
  await until(() => address() !== undefined, 'the address is shown')
  await (await fetch(address() ?? '')).text()
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
