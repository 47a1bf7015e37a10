import { expect, test } from 'vitest'
import { loadSession, memoryStore, textOf, type Message } from '../../src/index.ts'
import { call } from '../../src/testing.ts'
import { agentOf, stub } from '../run/helpers.ts'

const reminders = (messages: readonly Message[]): readonly string[] =>
  messages.flatMap((message) =>
    message.role === 'user' && message.origin === 'reminder' ? [textOf(message.content)] : [],
  )

test.each([1, 2])(
  'the final turn is announced in the turn that is the last one: maxTurns %i',
  async (maxTurns) => {
    const steps = [...Array.from({ length: maxTurns - 1 }, () => [call('1', 'look')]), 'done']
    const { agent, adapter } = agentOf(steps, { tools: [stub('look', () => 'seen')], maxTurns })
    await agent.run([], 'go').result
    const said = adapter.requests.map(({ messages }) => reminders(messages).length)
    expect(said).toEqual(
      Array.from({ length: maxTurns }, (_, index) => (index === maxTurns - 1 ? 1 : 0)),
    )
  },
)

test('a reminder gets the turn and the limit, joins behind what was said, and stays; the prompt stays the same', async () => {
  const asked: [number, number][] = []
  const { agent, adapter } = agentOf([[call('1', 'look')], 'done', 'more'], {
    tools: [stub('look', () => 'seen')],
    maxTurns: 9,
  })
  const stop = agent.registerReminder((turn, maxTurns) => {
    asked.push([turn, maxTurns])
    return turn === 2 ? 'Hurry.' : null
  })
  const { messages } = await agent.run([], 'go').result
  expect(asked).toEqual([
    [1, 9],
    [2, 9],
  ])
  expect(messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'user',
    'assistant',
  ])
  expect(reminders(messages)).toEqual(['Hurry.'])
  expect(new Set(adapter.requests.map(({ system }) => system)).size).toBe(1)
  stop()
  await agent.run(messages, 'on').result
  expect(asked).toHaveLength(2)
})

test('after a crash a reminder that is on record is not said again', async () => {
  const full = memoryStore()
  const options = { tools: [stub('look', () => 'seen')] }
  const first = agentOf([[call('1', 'look')], 'done'], { ...options, store: full })
  first.agent.registerReminder(() => 'Mind the gap.')
  const { sessionId } = await first.agent.run([], 'go').result
  const { records, header } = await full.read(sessionId)
  for (let length = 3; length < records.length; length++) {
    const cut = records.slice(0, length)
    if (!cut.some(({ type }) => type === 'message')) continue
    const store = memoryStore()
    await store.create(header)
    const lease = await store.lease(sessionId, 'test')
    await store.append(sessionId, cut, { expectedSeq: 0, fence: lease.fence, barrier: true })
    await lease.release()
    const answers = cut.filter(
      (record) => (record['message'] as Message | undefined)?.role === 'assistant',
    )
    const again = agentOf(
      answers.length === 2 ? [] : answers.length ? ['done'] : [[call('1', 'look')], 'done'],
      {
        ...options,
        store,
      },
    )
    again.agent.registerReminder(() => 'Mind the gap.')
    await again.agent.resume(sessionId).result
    const { state } = await loadSession(store, sessionId)
    expect([length, reminders(state.messages)]).toEqual([
      length,
      ['Mind the gap.', 'Mind the gap.'],
    ])
  }
})
