import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, memoryStore, SessionNotFound, type ModelRequest } from '@harnext/core'
import { scripted, type ScriptedAnswer } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { Harnext, Session, type HarnextOptions } from '../src/index.ts'
import { resolveSettings } from '../src/settings.ts'
import { temporary } from './temporary.ts'

const talk: ScriptedAnswer = {
  content: [{ type: 'text', text: 'word '.repeat(3000) }],
  usage: null,
}

async function options(more: HarnextOptions = {}): Promise<HarnextOptions> {
  const cwd = await temporary()
  return { cwd, home: cwd, env: {}, instructions: false, maxRetries: 0, ...more }
}

test('the window is the one that the catalog knows, where the adapter does not say it', async () => {
  const adapter = scripted([], { id: 'anthropic' })
  const given = await options({ provider: adapter, model: 'claude-sonnet-5-5' })
  const { compaction } = resolveSettings(given).agent
  expect(compaction).toEqual({ contextWindow: expect.any(Number) })
  const own = resolveSettings({ ...given, compaction: { contextWindow: 5000, keepTokens: 10 } })
  expect(own.agent.compaction).toEqual({ contextWindow: 5000, keepTokens: 10 })
  expect(resolveSettings({ ...given, compaction: false }).agent.compaction).toBe(false)
  const capable = { ...adapter, capabilities: () => ({ contextWindow: 1234 }) }
  expect(resolveSettings({ ...given, provider: capable }).agent.compaction).toEqual({})
})

test('the small model is named with its provider, or is the same provider’s', async () => {
  const env = { ANTHROPIC_API_KEY: 'k', OLLAMA_HOST: 'http://127.0.0.1:1' }
  const given = await options({ env, model: 'anthropic/claude-sonnet-5-5' })
  const small = (smallModel: string) => {
    const { smallModel: found, notices } = resolveSettings({ ...given, smallModel }).agent
    return [found?.adapter.id, found?.model, ...(notices ?? [])]
  }
  expect(small('ollama/llama3.1')).toEqual(['ollama', 'llama3.1'])
  expect(small('haiku')).toEqual(['anthropic', 'claude-haiku-5-5'])
  expect(small('anthropic/of-my-own')).toEqual(['anthropic', 'of-my-own'])
  expect(small('of-my-own')).toEqual(['anthropic', 'of-my-own'])
  expect(small('openai/gpt-4o')).toEqual([
    'openai',
    'gpt-4o',
    expect.stringMatching(/^smallModel openai\/gpt-4o cannot be called. There is no key/),
  ])
  expect(() => small('antropic/x')).toThrow(ConfigError)
  expect(resolveSettings(given).agent.smallModel).toBeUndefined()
})

test('both can stand in a settings file; what makes no sense there is named', async () => {
  const given = await options({
    env: { ANTHROPIC_API_KEY: 'k' },
    provider: 'anthropic',
    trusted: true,
  })
  const file = path.join(given.cwd ?? '', 'harnext.config.json')
  await writeFile(file, '{ "smallModel": "haiku", "compaction": { "keepTokens": 7 } }')
  const { agent } = resolveSettings(given)
  expect([agent.smallModel?.model, agent.compaction]).toEqual([
    'claude-haiku-5-5',
    { keepTokens: 7 },
  ])
  await writeFile(file, '{ "compaction": false }')
  expect(resolveSettings(given).agent.compaction).toBe(false)
  await writeFile(file, '{ "compaction": { "contextWindow": 7 } }')
  expect(() => resolveSettings(given)).toThrow(/compaction/)
})

test('a client compacts a session, by itself when it is full and when it is asked to, with the small model', async () => {
  const asked: ModelRequest[] = []
  const small = scripted(
    Array.from({ length: 9 }, () => (request: ModelRequest) => {
      asked.push(request)
      return 'The summary.'
    }),
  )
  const store = memoryStore()
  const client = new Harnext(
    await options({
      provider: scripted(Array.from({ length: 9 }, () => talk)),
      model: 'm',
      smallModel: { adapter: small, model: 'small' },
      compaction: { contextWindow: 30_000, reserveTokens: 5000, keepTokens: 4000 },
      tools: [],
      store,
    }),
  )
  const { sessionId: session } = await client.run('The task.')
  for (let n = 0; n < 6; n++) await client.run(`Go on ${n}.`, { session })
  expect(asked.length).toBeGreaterThan(0)
  expect(asked[0]?.model).toBe('small')
  const before = (await Session.load(session, { store })).messages
  const done = await client.compact(session, { focus: 'the tests' })
  expect(done).toMatchObject({ type: 'compaction', summary: 'The summary.' })
  expect(JSON.stringify(asked.at(-1)?.messages)).toContain('above all to: the tests')
  const after = (await Session.load(session, { store })).messages
  expect(after.length).toBeLessThan(before.length)
  expect(after[0]).toMatchObject({ origin: 'summary' })
  await client.run('And on.', { session })
  await expect(client.compact('sess_000000000000')).rejects.toThrow(SessionNotFound)
  await client.close()
})
