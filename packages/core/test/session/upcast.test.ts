import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCalls } from '../../src/run/state.ts'
import { jsonlStore } from '../../src/session/jsonl-store.ts'
import { loadSession } from '../../src/session/session.ts'
import { scripted } from '../../src/testing.ts'
import { agentOf, stub } from '../run/helpers.ts'
import { header, releasingLeases } from './store-parts.ts'
import { memoryFolder, temporaryHomes } from './temporary-homes.ts'

const newHome = temporaryHomes(memoryFolder)
const releasing = releasingLeases()

const meta = {
  type: 'session-meta',
  version: 1,
  sessionId: 'old',
  cwd: '/work',
  createdAt: '2026-01-02T03:04:05.000Z',
  metadata: { of: 'mine' },
}
const said = (message: object): object => ({ type: 'message', message })
const usage = { input: 10, output: 5, cacheRead: 2, cacheWrite: 1, cost: { total: 0.5 } }
const answer = { role: 'assistant', provider: 'p', api: 'p.chat', model: 'm', stopReason: 'stop' }
const old: readonly object[] = [
  meta,
  said({ role: 'user', content: 'Fix it.', timestamp: 1000 }),
  said({
    ...answer,
    content: [
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'I look.' },
      { type: 'toolCall', id: 'c1', name: 'read', arguments: { path: 'a' } },
      { type: 'toolCall', id: 'c2', name: 'read', arguments: { path: 'b' } },
    ],
    usage,
    timestamp: 2000,
  }),
  said({
    role: 'toolResult',
    toolCallId: 'c1',
    toolName: 'read',
    content: [{ type: 'text', text: 'A' }],
    isError: false,
    timestamp: 3000,
  }),
  { type: 'goal', text: 'of another kind', timestamp: 3500 },
]

/** A store whose session `old` has these lines, and more text behind them. */
function storeOf(lines: readonly object[], tail = '') {
  const home = newHome()
  const folder = join(home, 'sessions', 'f')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'old.jsonl')
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('') + tail
  writeFileSync(path, text)
  return { path, text, store: releasing(jsonlStore({ home, clock: () => 9000 })) }
}

test('a log of version 0 reads as one of today, and is not changed by that', async () => {
  const { store, path, text } = storeOf(old, '{"type":"message","mess')
  const { header: found, records, state, tornBytes, damaged } = await loadSession(store, 'old')
  expect(damaged).toBeUndefined()
  expect(tornBytes).toBe(23)
  expect(found).toEqual({
    type: 'session',
    version: 1,
    id: 'old',
    cwd: '/work',
    createdAt: meta.createdAt,
    metadata: { of: 'mine' },
  })
  expect(records.map(({ seq, time, type }) => [seq, time, type])).toEqual([
    [1, 1000, 'message'],
    [2, 2000, 'usage'],
    [3, 2000, 'message'],
    [4, 3000, 'tool_result'],
    [5, 3500, 'goal'],
  ])
  expect(state.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
  expect(state.messages[1]).toMatchObject({ stopReason: 'tool_calls', usage: { costUsd: 0.5 } })
  expect(openCalls(state).map(({ id }) => id)).toEqual(['c2'])
  expect(readFileSync(path, 'utf8')).toBe(text)
  expect(await store.list()).toMatchObject([{ id: 'old', cwd: '/work', title: 'Fix it.' }])
})

test('it goes on: what is appended has today’s form, behind what was there', async () => {
  const { store, path, text } = storeOf(old)
  const { agent } = agentOf([], {
    adapter: scripted(['Done.']),
    store,
    tools: [stub('read', () => 'B', { recovery: 'rerun' })],
  })
  const result = await agent.resume('old').result
  expect([result.stopReason, result.text]).toEqual(['complete', 'Done.'])
  expect(readFileSync(path, 'utf8').startsWith(text)).toBe(true)
  const { records, damaged, state } = await loadSession(store, 'old')
  expect(damaged).toBeUndefined()
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1))
  expect(state.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'tool',
    'assistant',
  ])
})

test('cut at every byte it loads, and loses its last line at most', async () => {
  const { text } = storeOf(old)
  const bytes = Buffer.from(text)
  const headerEnd = text.indexOf('\n') + 1
  for (let cut = headerEnd; cut <= bytes.length; cut++) {
    const { store, path } = storeOf([])
    writeFileSync(path, bytes.subarray(0, cut))
    const { records, damaged } = await store.read('old')
    const lines = bytes.subarray(headerEnd, cut).toString().split('\n').length - 1
    expect([cut, damaged, records.length]).toEqual([cut, undefined, [0, 1, 3, 4, 5][lines]])
  }
})

const tool = { type: 'tool_use', id: 't1', name: 'Read', input: { file_path: 'a' } }
const line = (type: string, data: object): object => ({ type, data })
const fromHarness: readonly object[] = [
  line('metadata', {
    session_id: 'old',
    cwd: '/work',
    created_at: 1_767_323_045,
    provider: 'anthropic',
    model: 'm',
    parent_id: 'abc',
  }),
  line('message', { role: 'user', content: 'Fix it.' }),
  line('message', { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, tool] }),
  line('message', { role: 'tool', content: 'A', tool_use_id: 't1', tool_name: 'Read' }),
  { type: 'turn', turn: 1, tokens: 100, cost: 0, timestamp: 1_767_323_046.5 },
  line('message', { role: 'assistant', content: 'Done.' }),
]

test('a log of the form `metadata` reads as one of today, and goes on', async () => {
  const { store, path, text } = storeOf(fromHarness)
  const { header: found, records, state, damaged } = await loadSession(store, 'old')
  expect(damaged).toBeUndefined()
  expect(found).toEqual({
    type: 'session',
    version: 1,
    id: 'old',
    cwd: '/work',
    createdAt: '2026-01-02T03:04:05.000Z',
    parent: { id: 'abc', seq: 0 },
    metadata: { provider: 'anthropic', model: 'm' },
  })
  expect(records.map(({ type }) => type)).toEqual([
    'message',
    'message',
    'tool_result',
    'unknown.turn',
    'message',
  ])
  expect(records[3]).toMatchObject({ tokens: 100, time: 1_767_323_046_500 })
  expect(state.messages).toMatchObject([
    { role: 'user', content: [{ text: 'Fix it.' }] },
    { stopReason: 'tool_calls', content: [{ text: 'I look.' }, { id: 't1', tool: 'Read' }] },
    { role: 'tool', id: 't1', status: 'ok', content: [{ text: 'A' }] },
    { role: 'assistant', stopReason: 'stop', content: [{ text: 'Done.' }] },
  ])
  const { agent } = agentOf([], { adapter: scripted(['More.']), store })
  const { stopReason } = await agent.run([], 'On.', { session: 'old' }).result
  expect(stopReason).toBe('complete')
  expect(readFileSync(path, 'utf8').startsWith(text)).toBe(true)
  expect((await loadSession(store, 'old')).state.messages).toHaveLength(6)
  expect(await store.list()).toMatchObject([{ id: 'old', cwd: '/work', title: 'Fix it.' }])
})

test('results in messages of the user, and what is no message, keep their place', async () => {
  const result = { type: 'tool_result', tool_use_id: 't1', content: 'no', is_error: true }
  const { store } = storeOf([
    ...fromHarness.slice(0, 3),
    line('message', { role: 'user', content: [result, { type: 'text', text: 'Well?' }] }),
    line('message', { role: 'system', content: 'x' }),
  ])
  const { records, state } = await loadSession(store, 'old')
  expect(records.at(-1)?.type).toBe('unknown.message')
  expect(state.messages.slice(2)).toMatchObject([
    { role: 'tool', id: 't1', status: 'error' },
    { role: 'user', content: [{ text: 'Well?' }] },
  ])
})

test('a line without a sum is damage in a log of today, and so is a format of tomorrow', async () => {
  const plain = storeOf([header('old'), { seq: 1, time: 1, type: 'x' }])
  expect((await plain.store.read('old')).damaged?.message).toContain('check sum')
  const damaged = storeOf([...old.slice(0, 2), { type: 'x' }], 'not JSON\n{}\n')
  const read = await damaged.store.read('old')
  expect(read.damaged?.message).toContain('not JSON')
  expect(read.records).toHaveLength(2)
})
