import type { RunEvent, RunResult } from '@harnext/core'
import { expect, test } from 'vitest'
import { watchSignals } from '../src/signals.ts'
import { fakeIo } from './fake-io.ts'

function watched() {
  const io = fakeIo()
  const said: string[] = []
  const watch = watchSignals(io, {
    cancel: (reason) => void said.push(reason),
    onCancel: (signal) => void said.push(signal),
  })
  return { io, said, watch }
}

test('the first signal cancels, once', () => {
  const { io, said } = watched()
  io.signal('SIGINT')
  expect(said).toEqual(['The run was cancelled by SIGINT.', 'SIGINT'])
  expect(io.exits).toEqual([])
})

test('the second one leaves, and ends the processes of calls that have no outcome', () => {
  const { io, watch } = watched()
  const process = { type: 'process', startedAt: 'x' } as const
  watch.see({ ...process, id: 'a', pid: 101 })
  watch.see({ ...process, id: 'b', pid: 102 })
  watch.see({
    type: 'tool_result',
    id: 'a',
    tool: 'bash',
    status: 'ok',
    content: [],
    output: '',
    durationMs: 0,
  })
  io.signal('SIGINT')
  io.time = 200
  io.signal('SIGTERM')
  expect(io.killed).toEqual([102])
  expect(io.exits).toEqual([130])
})

test('one press of Ctrl-C may come twice: from the terminal, and from npm', () => {
  const { io } = watched()
  io.signal('SIGINT')
  io.time = 199
  io.signal('SIGINT')
  expect(io.exits).toEqual([])
})

test('when the run is over, one signal is enough to leave', () => {
  const { io, said, watch } = watched()
  watch.see({ type: 'run_end', result: {} as RunResult })
  io.signal('SIGINT')
  expect({ said, exits: io.exits }).toEqual({ said: [], exits: [130] })
})

test('when another run begins, the first signal cancels again', () => {
  const { io, said, watch } = watched()
  watch.see({ type: 'run_end', result: {} as RunResult })
  watch.see({ type: 'run_start' } as RunEvent)
  io.signal('SIGINT')
  expect({ said: said[0], exits: io.exits }).toEqual({
    said: 'The run was cancelled by SIGINT.',
    exits: [],
  })
})
