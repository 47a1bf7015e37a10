import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli } from '../../src/cli.ts'
import { providerLines, type ProviderReport } from '../../src/render/providers.ts'
import { styleFor } from '../../src/render/style.ts'
import { fakeIo } from '../fake-io.ts'
import { makePlace } from '../harnext-process.ts'

test('the providers of a person: keys of the environment, a stored login, and the models', async () => {
  const { cwd, home } = await makePlace()
  await mkdir(join(home, '.harnext'))
  const logins = { openai: { key: 'a-stored-secret' } }
  await writeFile(join(home, '.harnext', 'auth.json'), JSON.stringify(logins))
  const env = { GOOGLE_API_KEY: 'an-environment-secret', ANTHROPIC_API_KEY: ' ' }
  const run = async (...args: string[]) => {
    const io = fakeIo({ args: ['providers', ...args], env, cwd, home })
    return { code: await cli(io), ...io.written }
  }

  const text = await run()
  expect(text).toMatchObject({ code: 0, stderr: '' })
  expect(text.stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '))).toEqual(
    expect.arrayContaining([
      'anthropic  no key: set ANTHROPIC_API_KEY',
      'openai  key found',
      'google  key found',
      'ollama  needs no key',
    ]),
  )
  expect(text.stdout).toMatch(
    /^ {2}claude-sonnet-5-5 +1,000,000 tokens {2}\$2 in, \$10 out per million, default$/m,
  )
  expect(text.stdout).toMatch(/^groq .*\n {2}passes (\d+) of \1 checks of the adapter contract$/m)
  expect(text.stdout.split('\n').filter((line) => line.length > 100)).toEqual([])

  const json = await run('--output-format', 'json')
  expect(json.stdout.trimEnd().split('\n')).toHaveLength(1)
  const reports = JSON.parse(json.stdout) as ProviderReport[]
  expect(reports.slice(0, 4).map(({ id, key }) => [id, key])).toEqual([
    ['anthropic', 'missing'],
    ['openai', 'found'],
    ['google', 'found'],
    ['ollama', 'none'],
  ])
  expect(reports[0]?.defaultModel).toBe('claude-sonnet-5-5')
  expect(reports[0]?.models).toContainEqual(
    expect.objectContaining({
      id: 'claude-sonnet-5-5',
      contextWindow: 1_000_000,
      price: expect.objectContaining({ input: 2, output: 10 }),
    }),
  )
  expect(text.stdout + json.stdout).not.toContain('secret')
})

test('what is not known of a model is said so, and is not 0', () => {
  const model = {
    provider: 'own',
    name: 'One',
    maxOutputTokens: null,
    images: null,
    files: null,
    tools: null,
    reasoning: null,
    structuredOutput: null,
    aliases: [],
  }
  const free = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  const report: ProviderReport = {
    id: 'own',
    key: 'missing',
    keys: ['OWN_KEY', 'OTHER_KEY'],
    scorecard: { passed: 9, of: 11, failed: ['law 3: joins', 'law 5: closes'] },
    defaultModel: 'a',
    models: [
      { ...model, id: 'a', contextWindow: null, price: null },
      { ...model, id: 'longer', contextWindow: 8000, price: free },
    ],
  }
  expect(providerLines([report], styleFor(fakeIo().stdout, {}))).toEqual([
    'own  no key: set OWN_KEY or OTHER_KEY',
    '  passes 9 of 11 checks of the adapter contract, not law 3: joins, law 5: closes',
    '  a       window unknown  price unknown, default',
    '  longer    8,000 tokens  free',
  ])
})
