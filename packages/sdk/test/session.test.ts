import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { call, collect, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { Session, SessionNotFound, tool } from '../src/index.ts'
import { clientIn } from './client.ts'

async function talk() {
  const ran: string[] = []
  const note = tool({
    name: 'note',
    description: 'n',
    parameters: { type: 'object' },
    effects: () => [],
    execute: ({ n }: { n: number }) => (ran.push(`${n}`), `noted ${n}`),
  })
  const adapter = scripted([
    [call('a', 'note', { n: 1 }), call('b', 'note', { n: 2 }), call('c', 'note', { n: 3 })],
    'first',
    [call('a', 'note', { n: 4 })],
    'second',
    'again',
    'and again',
  ])
  const { agent, home } = await clientIn(adapter, { tools: [note], metadata: { ticket: 7 } })
  const { sessionId } = await agent.run('one')
  await agent.run('two', { session: sessionId })
  return { agent, adapter, home, ran, sessionId, session: await Session.load(sessionId, { home }) }
}

test('a session has id, createdAt, messages, steps, usage and metadata of all its runs', async () => {
  const { session, sessionId, home } = await talk()
  expect(session.id).toBe(sessionId)
  expect(session.createdAt.getTime()).toBeGreaterThan(0)
  expect(session.messages).toHaveLength(10)
  expect(session.steps.map(({ output }) => output)).toEqual([
    'noted 1',
    'noted 2',
    'noted 3',
    'noted 4',
  ])
  expect(session.usage.inputTokens).toBe(40)
  expect(session.metadata).toEqual({ ticket: 7 })
  expect((await Session.list({ home })).map(({ id, title }) => [id, title])).toEqual([
    [sessionId, 'one'],
  ])
  expect(await Session.list({ home, limit: 0 })).toEqual([])
})

test('fork at a step: what came later is gone, also what its own turn had begun besides', async () => {
  const { session, agent, home, adapter, ran } = await talk()
  const fork = await session.fork({ atStep: 2 })
  expect(fork.id).not.toBe(session.id)
  expect(fork.steps.map(({ output }) => output)).toEqual(['noted 1', 'noted 2'])
  await session.delete()
  await expect(Session.load(session.id, { home })).rejects.toBeInstanceOf(SessionNotFound)
  ran.length = 0
  const { text } = await agent.run('go on', { session: fork })
  expect([text, ran]).toEqual(['again', []])
  const sent = adapter.requests.at(-1)?.messages ?? []
  expect(sent.filter(({ role }) => role === 'tool')).toHaveLength(3)
  await expect(fork.fork({ atStep: 9 })).rejects.toThrow(/no step 9/)
  expect((await fork.fork()).steps).toHaveLength(2)
})

test('replay: the recorded steps; live: against the model, from behind a step, in a fork', async () => {
  const { session, agent, home, ran } = await talk()
  ran.length = 0
  expect((await collect(session.replay())).map(({ output }) => output)).toEqual([
    'noted 1',
    'noted 2',
    'noted 3',
    'noted 4',
  ])
  expect(ran).toEqual([])
  const run = await session.replay({ live: true, fromStep: 3, client: agent })
  expect((await run.result).text).toBe('again')
  expect(run.sessionId).not.toBe(session.id)
  const whole = await session.replay({ live: true, client: agent })
  expect((await whole.result).messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
  expect((await Session.load(session.id, { home })).steps).toHaveLength(4)
})

test('export is one JSON file with all of it', async () => {
  const { session, home } = await talk()
  const file = path.join(home, 'export.json')
  await session.export(file)
  const read = JSON.parse(await readFile(file, 'utf8'))
  expect(read).toMatchObject({
    id: session.id,
    metadata: { ticket: 7 },
    usage: { inputTokens: 40 },
  })
  expect(read.steps).toHaveLength(4)
})
