import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { ConfigError, Harnext, providers } from '../src/index.ts'
import { temporary } from './temporary.ts'

test('the providers are listed with whether their key is there; models with window and price', () => {
  const listed = providers.list({ OPENAI_API_KEY: 'k' })
  const of = (id: string) => listed.find((provider) => provider.id === id)?.key
  expect([of('openai'), of('anthropic'), of('ollama')]).toEqual(['found', 'missing', 'none'])
  expect(providers.default('anthropic')).toBe('claude-sonnet-5-5')
  const sonnet = providers.models('anthropic').find(({ id }) => id === 'claude-sonnet-5-5')
  expect(sonnet?.price?.input).toBeGreaterThan(0)
  expect(sonnet?.contextWindow).toBeGreaterThan(100_000)
  expect(() => providers.models('opnai')).toThrow(/Did you mean openai/)
})

test('a third party registers an adapter, or a package by its name', async () => {
  const cwd = await temporary()
  await providers.register(scripted(['from a third party'], { id: 'acme' }))
  const agent = new Harnext({ cwd, home: cwd, env: {}, provider: 'acme', model: 'm' })
  expect((await agent.run('hi')).text).toBe('from a third party')

  const folder = path.join(cwd, 'node_modules/harnext-provider-zeta')
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, 'index.mjs')
  await writeFile(
    file,
    `export const provider = { id: 'zeta', api: 'zeta.chat', keys: ['ZETA_API_KEY'], baseUrls: [], defaultModel: 'z1',
      load: async ({ apiKey }) => ({ id: 'zeta', api: 'zeta.chat', async *stream() {
        yield { type: 'part', part: { type: 'text', text: 'key ' + apiKey } }
        yield { type: 'finish', stopReason: 'stop', usage: null }
      } }) }`,
  )
  await providers.register(pathToFileURL(file).href)
  const zeta = new Harnext({ cwd, home: cwd, env: { ZETA_API_KEY: 'secret' } })
  expect(await zeta.run('hi')).toMatchObject({ text: 'key secret' })
})

test('what is no provider is refused', async () => {
  await expect(providers.register('harnext-provider-that-is-not-there')).rejects.toThrow(
    ConfigError,
  )
  await expect(providers.register({} as never)).rejects.toThrow(/adapter with id, api and stream/)
})
