import { mkdir, realpath, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { auditFile, verifyAudit } from '@harnext/core/node'
import { collect, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { discoverConfig, storedKey } from '../src/config.ts'
import { ConfigError, Harnext } from '../src/index.ts'
import { resolveSettings } from '../src/settings.ts'
import { temporary } from './temporary.ts'

async function folders(files: { readonly [file: string]: unknown } = {}) {
  const root = await realpath(await temporary())
  const where = { cwd: path.join(root, 'project'), home: path.join(root, 'home') }
  for (const folder of Object.values(where)) await mkdir(folder)
  for (const [file, content] of Object.entries(files))
    await writeFile(
      path.join(root, file),
      typeof content === 'string' ? content : JSON.stringify(content),
    )
  return { ...where, root }
}

test('constructor, then the project, then the user, then the environment, then defaults', async () => {
  const { cwd, home } = await folders({
    'project/harnext.config.json': { maxTurns: 11, timeout: 1000 },
    'home/harnext.config.json': { maxTurns: 12, maxRetries: 1, model: 'claude-haiku-4-5' },
  })
  const env = {
    HARNEXT_MAX_TURNS: '13',
    HARNEXT_MODEL: 'x',
    HARNEXT_PERMISSION_MODE: 'plan',
    ANTHROPIC_API_KEY: 'k',
  }
  const { agent } = resolveSettings({ cwd, home, env, trusted: true, timeout: 2000 })
  expect(agent).toMatchObject({
    maxTurns: 11,
    timeout: 2000,
    maxRetries: 1,
    model: 'claude-haiku-4-5',
    defaultPermissionMode: 'plan',
  })
  expect(resolveSettings({ cwd, home: `${home}/none`, env: {} }).agent.maxTurns).toBe(40)
})

test('a folder that is not trusted only tightens, with one line that says so', async () => {
  const { cwd, home, root } = await folders({
    'project/harnext.config.json': {
      baseUrl: 'http://127.0.0.1:1',
      provider: 'openai',
      permissionMode: 'auto',
      maxTurns: 5,
      permissions: { allow: ['bash'], deny: ['read(./secret)'], ask: ['edit(**)'] },
    },
  })
  const { config, notices } = discoverConfig({ cwd, home, env: {} })
  expect(config).toEqual({
    rules: [
      expect.objectContaining({ decision: 'ask' }),
      expect.objectContaining({ decision: 'deny' }),
    ],
  })
  expect(notices).toHaveLength(1)
  expect(notices[0]).toMatch(/provider, baseUrl, permissionMode.*allow rules.*not trusted/)
  await writeFile(path.join(root, 'home/trusted.json'), JSON.stringify([cwd]))
  expect(discoverConfig({ cwd, home, env: {} })).toMatchObject({
    notices: [],
    config: { provider: 'openai', maxTurns: 5 },
  })
})

test('what was ignored is a warning of the run', async () => {
  const { cwd, home } = await folders({ 'project/harnext.config.json': { model: 'other' } })
  const agent = new Harnext({ cwd, home, env: {}, provider: scripted(['hi']), model: 'm' })
  const events = await collect(agent.stream('hello'))
  expect(events.find(({ type }) => type === 'warning')).toMatchObject({
    code: 'settings',
    message: expect.stringContaining('ignored model'),
  })
})

test('a project never sets a key or bypass, trusted or not', async () => {
  const { cwd, home } = await folders({
    'project/harnext.config.json': { apiKey: 'stolen', permissionMode: 'yolo', maxTurns: 3 },
  })
  const { config, notices } = discoverConfig({ cwd, home, env: {}, trusted: true })
  expect(config).toEqual({ maxTurns: 3 })
  expect(notices[0]).toContain('ignored apiKey, permissionMode')
})

test.each([
  ['{', /cannot be read as JSON/],
  ['[]', /must hold a JSON object/],
  [{ maxTurn: 3 }, /there is no setting "maxTurn"; did you mean maxTurns\?/],
  [{ maxTurns: 'many' }, /maxTurns.*integer/],
  [{ permissionMode: 'careful' }, /careful/],
  [{ rules: ['allow nonsense('] }, /nonsense/],
])('what is wrong in a file is named: %j', async (content, message) => {
  const { cwd, home } = await folders({ 'project/harnext.config.json': content })
  expect(() => new Harnext({ cwd, home, env: {} })).toThrow(ConfigError)
  expect(() => new Harnext({ cwd, home, env: {} })).toThrow(message)
})

test('keys: explicit, environment, stored login', async () => {
  const { home } = await folders({ 'home/auth.json': { anthropic: { key: 'stored' } } })
  expect(storedKey(home, 'anthropic')).toBe('stored')
  expect(storedKey(home, 'openai')).toBeUndefined()
})

test('7 the provider is the one whose key is there, or the one that is named; a model names its provider', async () => {
  const { cwd, home } = await folders()
  const of = (env: { readonly [name: string]: string }, model?: string): string[] => {
    const { agent } = resolveSettings({ cwd, home, env, ...(model && { model }) })
    return [agent.adapter.id, agent.model]
  }
  expect(of({ ANTHROPIC_API_KEY: 'k' })).toEqual(['anthropic', 'claude-sonnet-5-5'])
  expect(of({ OPENAI_API_KEY: 'k' })[0]).toBe('openai')
  expect(of({ GEMINI_API_KEY: 'k' })[0]).toBe('google')
  expect(of({})[0]).toBe('ollama')
  expect(of({ ANTHROPIC_API_KEY: 'k' }, 'gpt-4o')).toEqual(['openai', 'gpt-4o'])
  expect(of({}, 'anthropic/claude-opus-5')).toEqual(['anthropic', 'claude-opus-5'])
  for (const provider of ['anthropic', 'openai', 'google', 'ollama'])
    expect(resolveSettings({ cwd, home, env: {}, provider, model: 'm' }).agent).toMatchObject({
      adapter: { id: provider },
      model: 'm',
    })
})

test('without any key and without Ollama the error says what to set', async () => {
  const { cwd, home } = await folders()
  const agent = new Harnext({
    cwd,
    home,
    env: { OLLAMA_HOST: 'http://127.0.0.1:9' },
    maxRetries: 0,
  })
  await expect(agent.run('hi')).rejects.toThrow(/ANTHROPIC_API_KEY.*Ollama/)
  const named = new Harnext({ cwd, home, env: {}, provider: 'anthropic' })
  await expect(named.run('hi')).rejects.toThrow(/set ANTHROPIC_API_KEY/)
})

test('names that do not exist are named with the nearest', async () => {
  const { cwd, home } = await folders()
  expect(() => new Harnext({ cwd, home, env: {}, provider: 'antropic' })).toThrow(
    /Did you mean anthropic/,
  )
  expect(() => new Harnext({ cwd, home, env: {}, tools: ['rad'] })).toThrow(/Did you mean read/)
  expect(() => new Harnext({ cwd: path.join(cwd, 'none'), home, env: {} })).toThrow(
    /cwd must be a folder/,
  )
})

test('limits, checks and the audit are settings; limits of two places add up; an untrusted folder sets none', async () => {
  const { cwd, home } = await folders({
    'project/harnext.config.json': {
      checks: ['true', { run: 'exit 3', expect: 3 }],
      maxCheckRounds: 1,
      audit: true,
      budget: { maxTokens: 50_000 },
    },
  })
  const options = {
    cwd,
    home,
    env: {},
    provider: scripted(['Done.']),
    model: 'm',
    instructions: false,
    maxOutputTokens: 1000,
    budget: { maxToolCalls: 3 },
  }
  const { agent } = resolveSettings({ ...options, trusted: true })
  expect(agent.budget).toEqual({ maxTokens: 50_000, maxToolCalls: 3 })
  const result = await new Harnext({ ...options, trusted: true }).run('go')
  expect(result.verification).toBe('passed')
  expect(result.checks?.map(({ exitCode }) => exitCode)).toEqual([0, 3])
  const report = await verifyAudit(auditFile(path.join(home, 'audit'), result.sessionId))
  expect(report.lines).toBeGreaterThan(3)
  expect(report.problem).toBeUndefined()
  const untrusted = resolveSettings(options)
  expect(untrusted.agent.budget).toEqual({ maxToolCalls: 3 })
  expect('checks' in untrusted.agent).toBe(false)
  expect(untrusted.agent.notices?.join()).toMatch(/ignored .*checks.*audit/)
})
