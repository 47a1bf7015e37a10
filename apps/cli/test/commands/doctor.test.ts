import { once } from 'node:events'
import { chmod, mkdir, realpath, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cli } from '../../src/cli.ts'
import type { Check } from '../../src/render/doctor.ts'
import { fakeIo } from '../fake-io.ts'
import { makePlace } from '../harnext-process.ts'

/** Anthropic's list of models, for whoever has the key. */
async function anthropic(key: string): Promise<string> {
  const server = createServer(({ headers }, response) => {
    const isKnown = headers.authorization === `Bearer ${key}`
    response
      .writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
      .end(isKnown ? '{"data":[{"id":"a"},{"id":"b"}]}' : '{"error":{"message":"invalid key"}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A port that nobody listens on. */
const nobody = 'http://127.0.0.1:1'

async function examined(
  env: { readonly [name: string]: string },
  place: { readonly cwd: string; readonly home: string },
  nodeVersion = '24.0.0',
) {
  const args = ['doctor', '--output-format', 'json']
  const all = { OLLAMA_HOST: nobody, PATH: place.home, ...env }
  const io = fakeIo({ args, env: all, ...place, nodeVersion })
  const code = await cli(io)
  const checks = JSON.parse(io.written.stdout) as Check[]
  return { code, checks, of: (id: string) => checks.find((check) => check.id === id) }
}

test('a key that a server takes is all that is needed; the rest is told with what to do', async () => {
  const place = await makePlace()
  const env = { ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: await anthropic('a-key') }
  const { code, of, checks } = await examined(env, place)
  expect(code).toBe(0)
  expect(of('anthropic')).toMatchObject({
    status: 'ok',
    found: 'key found; it answers, with 2 models',
  })
  expect(of('settings')?.found).toMatch(/^a run would ask anthropic\//)
  expect(of('ollama')).toMatchObject({ status: 'warning', todo: 'Start ollama to use it.' })
  expect(of('sandbox')).toMatchObject({
    status: 'warning',
    todo: expect.stringContaining('bubblewrap'),
  })
  expect(of('domains')).toMatchObject({
    status: 'skipped',
    found: expect.stringContaining('needs bwrap, socat, rg'),
  })
  expect(JSON.stringify(checks)).not.toContain('a-key')
})

test('a sandbox is tried: one that is there and does not work is none', async () => {
  const place = await makePlace()
  const folder = await realpath(place.home)
  const program = join(folder, 'bwrap')
  await writeFile(program, '#!/bin/sh\necho "no permission" >&2; exit 1\n')
  await chmod(program, 0o755)
  expect((await examined({ PATH: folder }, place)).of('sandbox')).toMatchObject({
    status: 'warning',
    found: 'commands cannot be held: bwrap does not work here: no permission',
    todo: expect.stringContaining('AppArmor'),
  })
  await writeFile(program, '#!/bin/sh\nexit 0\n')
  expect((await examined({ PATH: folder }, place)).of('sandbox')).toMatchObject({
    status: 'ok',
    found: expect.stringMatching(/^with --sandbox auto: only the roots can be written to; /),
  })
})

test('a key that the server does not know, and none at all, are problems', async () => {
  const place = await makePlace()
  const wrong = { ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: await anthropic('another') }
  const rejected = await examined(wrong, place)
  expect(rejected.code).toBe(1)
  expect(rejected.of('anthropic')).toMatchObject({
    status: 'problem',
    found: expect.stringContaining('401'),
  })
  const none = await examined({}, place)
  expect(none.code).toBe(1)
  expect(none.of('keys')?.todo).toContain('ANTHROPIC_API_KEY')
})

test('no server of another machine is asked without --online', async () => {
  const { of } = await examined({ OPENAI_API_KEY: 'k' }, await makePlace())
  expect(of('openai')).toMatchObject({
    status: 'skipped',
    found: 'key found; its own address was not asked: --online does',
  })
})

test('an old Node, a setting that makes no sense and a home that cannot be written are problems', async () => {
  const place = await makePlace()
  expect((await examined({}, place, '22.17.9')).of('node')?.status).toBe('problem')
  await mkdir(join(place.home, '.harnext'))
  await writeFile(join(place.home, '.harnext', 'harnext.config.json'), '{"maxTurns":"many"}')
  expect((await examined({}, place)).of('settings')).toMatchObject({
    status: 'problem',
    found: expect.stringContaining('maxTurns'),
  })
  const file = join(place.home, 'file')
  await writeFile(file, '')
  const { of } = await examined({ HARNEXT_HOME: join(file, 'below') }, place)
  expect(of('home')?.status).toBe('problem')
})

test('as text, each thing has its state, what was done and what to do', async () => {
  const place = await makePlace()
  const env = { OLLAMA_HOST: nobody, PATH: '' }
  const io = fakeIo({ args: ['doctor'], env, ...place, nodeVersion: '24.0.0' })
  expect(await cli(io)).toBe(1)
  expect(io.written.stdout).toMatch(/^ok {7}node {6}24\.0\.0\n {19}looked at the version of Node$/m)
  expect(io.written.stdout).toMatch(/^problem {2}keys /m)
})
