import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeLine } from '../../src/session/jsonl-line.ts'
import { jsonlStore } from '../../src/session/jsonl-store.ts'
import { memoryStore } from '../../src/session/memory-store.ts'
import { recentMessages } from '../../src/session/recent-messages.ts'
import { loadSession } from '../../src/session/session.ts'
import { codeOf, header, said } from './store-parts.ts'
import { memoryFolder, temporaryHomes } from './temporary-homes.ts'

const newHome = temporaryHomes(memoryFolder)

const answer = (id: string) => ({
  role: 'assistant',
  content: [{ type: 'tool_call', id, tool: 'read', args: {} }],
  provider: 'p',
  api: 'p.m',
  model: 'm',
  stopReason: 'tool_calls',
})

/** Turns whose results have 4 KB, so that 200 of them are more than is read first. */
function eventsOf(turns: number): readonly object[] {
  const text = 'x'.repeat(4096)
  return Array.from({ length: turns }, (_, turn) => [
    { type: 'message', message: said(`question ${turn}`) },
    { type: 'message', message: answer(`c${turn}`) },
    {
      type: 'tool_result',
      id: `c${turn}`,
      tool: 'read',
      status: 'ok',
      content: [{ type: 'text', text: `${turn} ${text}` }],
      durationMs: 1,
    },
    { type: 'message', message: said('of a child'), agentPath: ['kid'] },
  ]).flat()
}

function storeOf(events: readonly object[]) {
  const home = newHome()
  const folder = join(home, 'sessions', 'f')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 's.jsonl')
  const lines = [
    header('s'),
    ...events.map((event, index) => ({ seq: index + 1, time: 1, ...event })),
  ]
  writeFileSync(path, lines.map((line) => encodeLine(JSON.stringify(line))).join(''))
  return { store: jsonlStore({ home }), path }
}

test('the last messages of a long log are those that the whole log ends with', async () => {
  const { store, path } = storeOf(eventsOf(400))
  const before = readFileSync(path)
  const { state } = await loadSession(store, 's')
  for (const count of [1, 20, 150, 400]) {
    const recent = await recentMessages(store, 's', { count })
    expect([count, recent.isWhole, recent.header]).toEqual([count, false, header('s')])
    expect(recent.messages.length).toBeGreaterThanOrEqual(count)
    expect(recent.messages.length).toBeLessThan(state.messages.length)
    expect(recent.messages).toEqual(state.messages.slice(-recent.messages.length))
  }
  const all = await recentMessages(store, 's', { count: 10_000 })
  expect(all).toMatchObject({ header: header('s'), messages: state.messages, isWhole: true })
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a run whose beginning lies before is open until its end', async () => {
  const events = eventsOf(400)
  const end = { type: 'run_end', stopReason: 'complete', durationMs: 1 }
  expect((await recentMessages(storeOf(events).store, 's')).state.open).toBe(true)
  expect((await recentMessages(storeOf([...events, end]).store, 's')).state.open).toBe(false)
})

test('a torn end, or damage before it, hides nothing that can be read', async () => {
  const { store, path } = storeOf(eventsOf(400))
  const { state } = await loadSession(store, 's')
  appendFileSync(path, '{"seq":1601,"time":1,"type":"mess')
  expect((await recentMessages(store, 's')).messages.at(-1)).toEqual(state.messages.at(-1))
  truncateSync(path, readFileSync(path).length - 1000)
  const cut = await recentMessages(store, 's')
  expect(cut.messages.length).toBeGreaterThanOrEqual(20)
  const bytes = readFileSync(path)
  bytes.fill(0x20, 50_000, 50_010)
  writeFileSync(path, bytes)
  expect((await loadSession(store, 's')).damaged).toBeDefined()
  expect((await recentMessages(store, 's')).messages).toEqual(cut.messages)
})

test('a summary in the tail leaves the messages that are there', async () => {
  const compaction = {
    type: 'compaction',
    tokensBefore: 9,
    tokensAfter: 1,
    summary: 's',
    replaced: 1190,
  }
  const { store } = storeOf([...eventsOf(398), compaction, ...eventsOf(2)])
  const { messages } = await recentMessages(store, 's')
  expect(messages.length).toBeGreaterThanOrEqual(20)
  const { state } = await loadSession(store, 's')
  expect(messages.slice(-6)).toEqual(state.messages.slice(-6))
})

test('short logs, stores without tails, and sessions that are not there', async () => {
  const { store } = storeOf(eventsOf(3))
  expect(await recentMessages(store, 's')).toMatchObject({ isWhole: true, messages: { length: 9 } })
  const other = memoryStore()
  await other.create(header('s'))
  expect(await recentMessages(other, 's')).toMatchObject({
    header: header('s'),
    messages: [],
    isWhole: true,
  })
  expect(await codeOf(recentMessages(store, 'none'))).toBe('session_not_found')
})
