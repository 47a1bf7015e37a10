import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { createOutbox, type Outbox } from '../../src/run/outbox.ts'

const text = (piece: string, index = 0): RunEvent => ({ type: 'text', text: piece, index })
const fact = (turn: number): RunEvent => ({ type: 'turn_start', turn })

async function rest(outbox: Outbox): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    const { value, done } = await outbox.next()
    if (done) return events
    events.push(value)
  }
}

test('what is pushed comes out in order, before and after somebody waits for it', async () => {
  const outbox = createOutbox()
  outbox.push([fact(1), fact(2)])
  expect((await outbox.next()).value).toEqual(fact(1))
  expect((await outbox.next()).value).toEqual(fact(2))
  const waiting = [outbox.next(), outbox.next(), outbox.next()]
  outbox.push([fact(3)])
  outbox.push([fact(4)])
  outbox.end()
  expect(await Promise.all(waiting)).toEqual([
    { value: fact(3), done: false },
    { value: fact(4), done: false },
    { value: undefined, done: true },
  ])
  expect((await outbox.next()).done).toBe(true)
})

test('a reader that keeps up gets the very objects', async () => {
  const outbox = createOutbox()
  const events = [text('a'), text('b'), text('c')]
  outbox.push(events)
  outbox.end()
  for (const [index, event] of (await rest(outbox)).entries()) expect(event).toBe(events[index])
})

test('deltas that nobody reads are joined to a few; nothing is lost, and parts stay apart', async () => {
  const outbox = createOutbox()
  for (let turn = 0; turn < 300; turn++) outbox.push([fact(turn)])
  for (let count = 0; count < 10_000; count++) outbox.push([text('x', count < 5000 ? 0 : 1)])
  outbox.push([
    { type: 'thinking', text: 'h', index: 1 },
    { type: 'thinking', text: 'm', index: 1 },
  ])
  for (const id of ['1', '1', '2']) outbox.push([{ type: 'tool_input', id, tool: 't', delta: 'd' }])
  outbox.end()
  const events = await rest(outbox)
  expect(events.slice(300)).toEqual([
    text('x'.repeat(5000)),
    text('x'.repeat(5000), 1),
    { type: 'thinking', text: 'hm', index: 1 },
    { type: 'tool_input', id: '1', tool: 't', delta: 'dd' },
    { type: 'tool_input', id: '2', tool: 't', delta: 'd' },
  ])
})

test('deltas of different agents are not joined', async () => {
  const outbox = createOutbox()
  for (let turn = 0; turn < 300; turn++) outbox.push([fact(turn)])
  outbox.push([
    text('a'),
    { ...text('b'), agentPath: ['kid'] },
    { ...text('c'), agentPath: ['kid'] },
    text('d'),
  ])
  outbox.end()
  expect((await rest(outbox)).slice(300)).toEqual([
    text('a'),
    { ...text('bc'), agentPath: ['kid'] },
    text('d'),
  ])
})

test('of the progress that nobody reads the newest of each call stays', async () => {
  const outbox = createOutbox()
  const progress = (id: string, update: number): RunEvent => ({ type: 'tool_progress', id, update })
  for (let turn = 0; turn < 300; turn++) outbox.push([fact(turn)])
  for (let update = 0; update < 1000; update++)
    outbox.push([progress('a', update), progress('b', update)])
  outbox.end()
  expect((await rest(outbox)).slice(300)).toEqual([progress('a', 999), progress('b', 999)])
})

test('what was read is let go, also when the reader never quite keeps up', async () => {
  const outbox = createOutbox()
  const alive: WeakRef<RunEvent>[] = []
  const push = (turn: number): void => {
    const event = fact(turn)
    alive.push(new WeakRef(event))
    outbox.push([event])
  }
  for (let turn = 0; turn < 10; turn++) push(turn)
  for (let turn = 10; turn < 2000; turn++) {
    push(turn)
    await outbox.next()
  }
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  await new Promise((resolve) => setTimeout(resolve, 0))
  collectGarbage()
  expect(alive.filter((ref) => ref.deref()).length).toBeLessThan(100)
})
