import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  loadSession,
  memoryStore,
  toolCalls,
  type Message,
  type RunEvent,
} from '../../src/index.ts'
import { collect } from '../../src/testing.ts'
import { addUsage, zeroUsage } from '../../src/usage.ts'
import { ofType, types } from './helpers.ts'
import { agentFor, play, scenario, type Played } from './scenarios.ts'

const sample = { numRuns: 60, seed: 11 }

/** Every call of every answer has its tool message right behind it, in call order; the last answer may have calls that are open. */
function expectAnswered(messages: readonly Message[], openAllowed: boolean): void {
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue
    const calls = toolCalls(message).map(({ id }) => id)
    const results = []
    for (const next of messages.slice(index + 1)) {
      if (next.role !== 'tool') break
      results.push(next.id)
    }
    const isLast = !messages.slice(index + 1).some(({ role }) => role === 'assistant')
    if (isLast && openAllowed) expect(calls.slice(0, results.length)).toEqual(results)
    else expect(results).toEqual(calls)
  }
}

/** What must hold of the events of every run, whatever happened in it. */
function expectOrder(events: readonly RunEvent[], before: readonly string[] = []): void {
  const decided = new Set<string>(before)
  const started = new Set<string>()
  const ended = new Set<string>()
  let turnOpen = false
  for (const event of events) {
    const { type } = event
    if (type === 'turn_start') {
      expect(turnOpen).toBe(false)
      turnOpen = true
      for (const set of [decided, started, ended]) set.clear()
    } else if (type === 'turn_end') {
      expect(turnOpen).toBe(true)
      turnOpen = false
    } else if (type === 'permission_decision') {
      // All decisions of a turn come before the first effect of it.
      expect(started.size).toBe(0)
      decided.add(event.id)
    } else if (type === 'tool_start') {
      expect([decided.has(event.id), started.has(event.id)]).toEqual([true, false])
      started.add(event.id)
    } else if (type === 'tool_progress' || type === 'process')
      expect([started.has(event.id), ended.has(event.id)]).toEqual([true, false])
    else if (type === 'tool_result') {
      expect(ended.has(event.id)).toBe(false)
      ended.add(event.id)
    } else if (type === 'warning') expect(event.code).not.toBe('late')
  }
}

function expectOneEnd({ events, result }: Pick<Played, 'events' | 'result'>): void {
  const end = events.at(-1)
  expect(end).toHaveProperty('result', result)
  expect(types(events).filter((type) => type === 'run_end')).toHaveLength(1)
  expect(
    types(events).filter((type) => type === 'run_start' || type === 'run_resumed'),
  ).toHaveLength(1)
}

test('laws 1, 4 and 6 hold for random runs, cancelled anywhere; the log says the same', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { events, result, store, effects } = await play(given)
      seen.add(result.stopReason)
      expectOneEnd({ events, result })
      expectOrder(events)
      expectAnswered(result.messages, result.stopReason === 'paused')
      expect(new Set(effects).size).toBe(effects.length)
      const usage = ofType(events, 'usage').reduce(addUsage, zeroUsage)
      expect(result.usage).toMatchObject({
        inputTokens: usage.inputTokens,
        outputTokens: usage.outputTokens,
      })
      const { state } = await loadSession(store, result.sessionId)
      expect(state.messages).toEqual(result.messages)
      expect(state.open).toBe(false)
      expect(state.run.turns).toBe(result.turns)
      if (result.stopReason === 'paused') expect(result.pending?.length).toBeGreaterThan(0)
      else expect(state.run.steps).toEqual(result.steps.map(({ error: _error, ...step }) => step))
    }),
    sample,
  )
  // A sample that never gets there has not tested it.
  for (const reason of [
    'complete',
    'cancelled',
    'paused',
    'budget',
    'error',
    'max_turns',
    'length',
    'refused',
  ])
    expect([...seen]).toContain(reason)
})

test('laws 2 and 3: any prefix of any log goes on, and no effect whose outcome is on record runs twice', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, fc.double({ min: 0, max: 1, noNaN: true }), async (given, share) => {
      const whole = await play(given)
      const { header, records } = await whole.store.read(whole.run.sessionId)
      const cut = Math.max(3, Math.ceil(records.length * share))
      const prefix = records.slice(0, cut)
      const store = memoryStore()
      await store.create(header)
      const lease = await store.lease(header.id, 'test')
      await store.append(header.id, prefix, { expectedSeq: 0, fence: lease.fence })
      await lease.release()

      const { state } = await loadSession(store, header.id)
      expectAnswered(state.messages, true)
      const settled = prefix.filter(({ type }) => type === 'tool_result').length
      const effects: string[] = []
      const patient = { ...given, answers: [true], maxTurns: 100, maxToolCalls: 100 }
      const agent = agentFor(patient, store, effects, Array(6).fill('done'))
      const run = agent.resume(header.id)
      const events = await collect(run)
      const result = await run.result
      expectOneEnd({ events, result })
      const decisions = prefix.filter(({ type }) => type === 'permission_decision')
      expectOrder(
        events.filter(({ type }) => type !== 'turn_end'),
        decisions.map(({ id }) => String(id)),
      )
      expectAnswered(result.messages, false)
      expect(['complete', 'length', 'refused']).toContain(result.stopReason)
      expect(run.id).toBe(result.runId)
      // What the first process did and put on record is not done again, and each key is used once.
      const begun = prefix.flatMap((record) =>
        record.type === 'tool_start' ? [record['idempotencyKey']] : [],
      )
      for (const key of effects) expect(begun).not.toContain(key)
      expect(ofType(events, 'tool_result').length + settled).toBeGreaterThanOrEqual(begun.length)
    }),
    sample,
  )
})
