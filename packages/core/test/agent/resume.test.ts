import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Agent, loadSession, memoryStore, type AgentOptions, type Tool } from '../../src/index.ts'
import { jsonlStore } from '../../src/node.ts'
import { call, scripted, type ScriptedStep } from '../../src/testing.ts'
import { stub } from '../run/helpers.ts'
import { memoryFolder, temporaryHomes } from '../session/temporary-homes.ts'

const newHome = temporaryHomes(memoryFolder)
const day = 24 * 60 * 60 * 1000

function agentOf(script: readonly ScriptedStep[], options: Partial<AgentOptions>): Agent {
  return new Agent({ name: 'test', model: 'm', adapter: scripted(script), ...options })
}

test('an answer may come a day later, from another process on another machine', async () => {
  const home = newHome()
  let ran = 0
  const tools = [
    stub('act', () => `ran ${++ran}`, { effects: () => [{ kind: 'execute', target: 'act' }] }),
    stub('look', () => 'seen'),
  ]
  const common: Partial<AgentOptions> = { tools, permissionMode: 'manual' }
  const script: readonly ScriptedStep[] = [[call('1', 'act'), call('2', 'look')]]
  const first = agentOf(script, {
    ...common,
    store: jsonlStore({ home }),
    onPermission: () => 'defer',
  })
  const paused = await first.run([], 'go').result
  expect([paused.stopReason, ran, paused.pending?.length]).toEqual(['paused', 0, 1])

  // The log is one file: it is all that the other machine needs.
  const [folder = ''] = readdirSync(join(home, 'sessions'))
  const away = newHome()
  mkdirSync(join(away, 'sessions', 'any'), { recursive: true })
  const name = `${paused.sessionId}.jsonl`
  copyFileSync(join(home, 'sessions', folder, name), join(away, 'sessions', 'any', name))
  const store = jsonlStore({ home: away, clock: () => Date.now() + day })
  expect((await loadSession(store, paused.sessionId)).state.requests.size).toBe(1)
  const later = agentOf(['Done.'], { ...common, store })
  const result = await later.resume(paused.sessionId, { decisions: { 1: true } }).result
  expect([result.stopReason, ran]).toEqual(['complete', 1])
  expect(result.steps.map(({ id, output }) => [id, output])).toEqual([
    ['1', 'ran 1'],
    ['2', 'seen'],
  ])
  // Here it was never answered.
  const untouched = await loadSession(jsonlStore({ home }), paused.sessionId)
  expect(untouched.state.requests.size).toBe(1)
})

test('the key of a call is the same in every attempt, and another one in every turn', async () => {
  const keys: string[] = []
  const note = (recovery: Tool['recovery'], name: string): Tool =>
    stub(name, (_, { idempotencyKey }) => void keys.push(idempotencyKey), { recovery })
  const settles = note(
    (_, { idempotencyKey }) => (
      keys.push(idempotencyKey),
      { output: 'it was done', isError: false }
    ),
    'settle',
  )
  const tools = [note('rerun', 'again'), settles, note('report', 'once')]
  const calls = [call('1', 'again'), call('2', 'settle'), call('3', 'once')]
  const whole = memoryStore()
  const { sessionId } = await agentOf([calls, calls, 'Done.'], { tools, store: whole }).run(
    [],
    'go',
  ).result
  expect(new Set(keys).size).toBe(6)
  const { header, records } = await whole.read(sessionId)
  const started = records.flatMap((one) =>
    one.type === 'tool_start' ? [String(one['idempotencyKey'])] : [],
  )
  expect(started).toEqual(keys)

  // The process dies behind the intents of the second turn, twice.
  const cut = records.findLastIndex(({ type }) => type === 'tool_start') + 1
  for (let attempt = 0; attempt < 2; attempt++) {
    keys.length = 0
    const store = memoryStore()
    await store.create(header)
    const lease = await store.lease(sessionId, 'test')
    const resumed = { ...records[0], type: 'run_resumed' }
    const died = [...records.slice(0, cut), ...(attempt ? [resumed, resumed] : [])]
    const numbered = died.map((one, index) => ({ ...one, seq: index + 1 }) as (typeof records)[0])
    await store.append(sessionId, numbered, { expectedSeq: 0, fence: lease.fence })
    await lease.release()
    const result = await agentOf(['Done.'], { tools, store }).resume(sessionId).result
    expect(keys).toEqual(started.slice(3, 5))
    expect(
      result.steps.slice(3).map(({ status, reason, output }) => [status, reason, output]),
    ).toEqual([
      ['ok', undefined, ''],
      ['ok', undefined, 'it was done'],
      ['error', 'unknown', expect.stringContaining('died before its outcome was recorded')],
    ])
  }
})
