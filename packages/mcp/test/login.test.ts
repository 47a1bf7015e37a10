import { execFile, spawn } from 'node:child_process'
import { readdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { noWorkspace, type JsonObject, type ToolContext } from '@harnext/core'
import { expect, onTestFinished, test } from 'vitest'
import {
  fileLogin,
  loopbackReceiver,
  oauthLogin,
  type LoginOptions,
  type StoredLogin,
} from '../src/index.ts'
import { checkAnswer, checkRedirectUrl, safeAuthorizationUrl } from '../src/login.ts'
import { folder, serversOf, stepsOf } from './support/world.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('support/authorization-server.mjs', import.meta.url))
const sharing = fileURLToPath(new URL('support/logged-in.ts', import.meta.url))

/** A server that wants a login, and the paths that it was asked for. */
async function guarded(changed: JsonObject = {}, tokens: JsonObject = {}) {
  const args = [program, JSON.stringify(changed), JSON.stringify(tokens)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const paths: string[] = []
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve) => lines.once('line', resolve))
  lines.on('line', (asked) => paths.push(asked))
  return { url, paths }
}

/** A person who agrees to everything in their browser. */
async function person(change: Partial<LoginOptions> = {}) {
  const { redirectUrl, receive, close } = await loopbackReceiver()
  onTestFinished(close)
  const opened: string[] = []
  const open = async (url: URL): Promise<void> => {
    opened.push(url.href)
    await fetch(url)
  }
  return { login: () => oauthLogin({ redirectUrl, receive, open, ...change }), opened }
}

test('a person logs in once, and the tokens are kept', async () => {
  const { url } = await guarded()
  let kept: StoredLogin = {}
  const store = { get: async () => kept, set: async (login: StoredLogin) => void (kept = login) }
  const { login, opened } = await person({ store })
  const mcp = await serversOf({ s: { url } }, { login })
  expect(await stepsOf(mcp, [['mcp__s__secret']])).toMatchObject([{ output: 'open sesame' }])
  expect(opened).toHaveLength(1)
  const { searchParams } = new URL(opened[0] ?? '')
  expect(searchParams.get('code_challenge_method')).toBe('S256')
  expect(searchParams.get('state')?.length).toBeGreaterThan(20)
  expect(kept).toMatchObject({ tokens: { access_token: 'token' }, client: { client_id: 'client' } })
  // Somebody else with the same store, and nobody there to agree.
  const later = await serversOf(
    { s: { url } },
    { login: () => oauthLogin({ redirectUrl: 'http://127.0.0.1:1/callback', store }) },
  )
  expect(await stepsOf(later, [['mcp__s__secret']])).toMatchObject([{ output: 'open sesame' }])
})

test('without anybody who could agree the server cannot be used', async () => {
  const { url, paths } = await guarded()
  const mcp = await serversOf(
    { s: { url } },
    { login: () => oauthLogin({ redirectUrl: 'http://127.0.0.1:1/callback' }) },
  )
  await expect(mcp.tools('s')).rejects.toThrow('It wants a login, and nobody is here')
  expect(paths).not.toContain('/token')
  const plain = await serversOf({ s: { url } })
  await expect(plain.tools('s')).rejects.toThrow('cannot be used')
})

test('a login in a file outlasts the process, is the person’s alone, and belongs to its address', async () => {
  const { url, paths } = await guarded()
  const home = path.join(await folder(), 'mcp-logins')
  const { login, opened } = await person({ store: fileLogin(home, url) })
  const mcp = await serversOf({ s: { url } }, { login })
  expect(await stepsOf(mcp, [['mcp__s__secret']])).toMatchObject([{ output: 'open sesame' }])
  const [name = ''] = await readdir(home)
  expect((await stat(path.join(home, name))).mode & 0o777).toBe(0o600)
  expect((await stat(home)).mode & 0o777).toBe(0o700)

  const nobody = (at: string) =>
    oauthLogin({
      store: fileLogin(home, at),
      redirectUrl: 'http://127.0.0.1/callback',
      hint: 'log in with "program login".',
    })
  const later = await serversOf({ other: { url } }, { login: (_name, at) => nobody(at) })
  expect(await stepsOf(later, [['mcp__other__secret']])).toMatchObject([{ output: 'open sesame' }])
  expect(opened).toHaveLength(1)

  const elsewhere = await guarded()
  const same = await serversOf({ s: { url: elsewhere.url } }, { login: (_name, at) => nobody(at) })
  await expect(same.tools('s')).rejects.toThrow('It wants a login, and nobody is here')
  await expect(same.tools('s')).rejects.toThrow('log in with "program login"')
  expect(elsewhere.paths).not.toContain('/register')
  expect(paths.filter((each) => each === '/register')).toHaveLength(1)

  await writeFile(path.join(home, name), '{"tokens": {"access_token": "s3cret"')
  const broken = await fileLogin(home, url).get().catch(String)
  expect(broken).toContain('must hold the login at')
  expect(broken).not.toContain('s3cret')
})

test('a login that has run out is renewed, and kept; one that cannot be renewed says what to do', async () => {
  const { url } = await guarded()
  const home = await folder()
  const store = fileLogin(home, url)
  const { login: agreed } = await person({ store })
  await stepsOf(await serversOf({ s: { url } }, { login: agreed }), [['mcp__s__secret']])
  const kept = await store.get()
  const { refresh_token, ...once } = { ...kept.tokens, access_token: 'old', token_type: 'Bearer' }
  await store.set({ ...kept, tokens: { ...once, ...(refresh_token && { refresh_token }) } })
  const login = () =>
    oauthLogin({ store, redirectUrl: 'http://127.0.0.1/callback', hint: 'do this' })
  const mcp = await serversOf({ s: { url } }, { login })
  expect(await stepsOf(mcp, [['mcp__s__secret']])).toMatchObject([{ output: 'open sesame' }])
  expect(await store.get()).toMatchObject({ tokens: { access_token: 'token' } })

  await store.set({ ...kept, tokens: once })
  const later = await serversOf({ s: { url } }, { login })
  await expect(later.tools('s')).rejects.toThrow('nobody is here who could agree to it: do this')
})

test('programs that share a login renew it one after another', async () => {
  // Both are refused before one of them is renewed, and that takes long enough for the other one to try it too.
  const { url, paths } = await guarded({}, { rotates: true, waitsFor: 2, lateMs: 500 })
  const home = await folder()
  const store = fileLogin(home, url)
  const { login } = await person({ store })
  await stepsOf(await serversOf({ s: { url } }, { login }), [['mcp__s__secret']])
  const before = await store.get()
  await fetch(new URL('/expire', url))
  const args = ['--conditions=@harnext/source', '--disable-warning=ExperimentalWarning', sharing]
  const said = await Promise.all(
    [1, 2].map(() => run(process.execPath, [...args, url, home], { timeout: 60_000 })),
  )
  expect(said.map(({ stdout }) => stdout)).toEqual(['mcp:s.secret\n', 'mcp:s.secret\n'])
  const after = await store.get()
  expect(after.tokens?.refresh_token).not.toBe(before.tokens?.refresh_token)
  expect(after).toMatchObject({ client: before.client, tokens: { issuer: before.tokens?.issuer } })
  expect(paths.filter((each) => each === '/reused' || each === '/renewed')).toEqual(['/renewed'])
  expect((await stat(path.join(home, lockIn(await readdir(home))))).mode & 0o777).toBe(0o600)
  expect(await store.remove()).toBe(true)
  expect(await readdir(home)).toEqual([])
})

function lockIn(names: readonly string[]): string {
  return names.find((name) => name.endsWith('.lock')) ?? ''
}

test('calls that find the login run out at the same time renew it once', async () => {
  const { url, paths } = await guarded({}, { rotates: true, waitsFor: 4 })
  const { login, opened } = await person()
  const mcp = await serversOf({ s: { url } }, { login })
  const { signal } = new AbortController()
  const held = await mcp.open({ signal, workspace: noWorkspace })
  const [tool] = held.tools
  await fetch(new URL('/expire', url))
  const context = { signal, progress() {} } as unknown as ToolContext
  const results = await Promise.all([1, 2, 3, 4].map(async () => tool?.execute({}, context)))
  expect(results).toMatchObject([1, 2, 3, 4].map(() => ({ output: 'open sesame' })))
  expect(paths.filter((each) => each === '/reused' || each === '/renewed')).toEqual(['/renewed'])
  expect(opened).toHaveLength(1)
})

test('a login that was forgotten meanwhile is not renewed', async () => {
  const { url, paths } = await guarded({}, { rotates: true })
  const store = fileLogin(await folder(), url)
  const { login } = await person({ store })
  await stepsOf(await serversOf({ s: { url } }, { login }), [['mcp__s__secret']])
  await store.remove()
  const { renewal } = oauthLogin({ store, redirectUrl: 'http://127.0.0.1/callback' })
  const asked = paths.length
  const answer = await renewal?.renew(() => fetch(new URL('/token', url)))
  expect([answer?.status, await answer?.json(), paths.length - asked]).toEqual([
    400,
    { error: 'invalid_grant' },
    0,
  ])
  expect(await store.get()).toEqual({})
})

test('a login that cannot be kept is an error that says where', async () => {
  const file = path.join(await folder(), 'file')
  await writeFile(file, '')
  const set = fileLogin(path.join(file, 'logins'), 'https://a.test/mcp').set({})
  await expect(set).rejects.toThrow(/^The login at https:\/\/a\.test\/mcp cannot be kept in .*: E/)
})

test('a login that is taken away is gone', async () => {
  const store = fileLogin(await folder(), 'https://a.test/mcp')
  await store.set({ tokens: { access_token: 'a', token_type: 'Bearer' } })
  expect([await store.remove(), await store.remove(), await store.get()]).toEqual([true, false, {}])
})

test.each([
  [{ authorization_endpoint: 'javascript:alert(1)' }],
  [{ authorization_endpoint: 'http://x.test/$(calc)' }],
  [{ code_challenge_methods_supported: ['plain'] }],
])('a server whose metadata says %j gets no login', async (changed) => {
  const { url, paths } = await guarded(changed)
  const { login, opened } = await person()
  const mcp = await serversOf({ s: { url } }, { login })
  await expect(mcp.tools('s')).rejects.toThrow('cannot be used')
  expect([opened, paths.includes('/token')]).toEqual([[], false])
})

test('an answer without the state of the login is refused', async () => {
  const { url, paths } = await guarded()
  const receive = async () => new URLSearchParams({ code: 'code' })
  const { login } = await person({ receive, open: async () => {} })
  const mcp = await serversOf({ s: { url } }, { login })
  await expect(mcp.tools('s')).rejects.toThrow('does not carry its state')
  expect(paths).not.toContain('/token')
})

test('where the person is sent to, and where they come back', () => {
  expect(safeAuthorizationUrl(new URL('https://a.test/x?a=1&b=$(c)`d`')).href).toBe(
    'https://a.test/x?a=1&b=%24%28c%29%60d%60',
  )
  for (const url of ['http://a.test/', 'file:///a', 'javascript:1', 'https://u:p@a.test/'])
    expect(() => safeAuthorizationUrl(new URL(url))).toThrow('refused')
  for (const url of [
    'http://evil.test/cb',
    'https://127.0.0.1/cb',
    'http://127.0.0.1.evil.test/',
    'x',
  ])
    expect(() => checkRedirectUrl(url)).toThrow('an http address of this machine')
  checkRedirectUrl('http://[::1]:3000/cb')
  checkAnswer(new URLSearchParams({ state: 'a' }), 'a')
  for (const state of [undefined, 'b', ''])
    expect(() => checkAnswer(new URLSearchParams({ state: 'a' }), state)).toThrow('refused')
})
