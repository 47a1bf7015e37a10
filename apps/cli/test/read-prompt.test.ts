import { expect, test, vi } from 'vitest'
import { readPrompt } from '../src/read-prompt.ts'
import { fakeIo } from './fake-io.ts'

test.each([
  ['fix it', '', 'fix it'],
  ['fix it ', 'line 1\nline 2\n', 'fix it\n\nline 1\nline 2'],
  [undefined, ' from a pipe \n', ' from a pipe'],
  ['', 'from a pipe', 'from a pipe'],
  [undefined, '', undefined],
  [undefined, ' \n', undefined],
  ['', ' \n', ''],
  [' ', '', ''],
])('argument %j and input %j make %j', async (given, input, expected) => {
  const io = fakeIo()
  io.stdin.end(input)
  expect(await readPrompt(given, io)).toBe(expected)
})

test('characters that are cut by a chunk stay whole', async () => {
  const io = fakeIo()
  const bytes = Buffer.from('a € b')
  io.stdin.write(bytes.subarray(0, 3))
  io.stdin.end(bytes.subarray(3))
  expect(await readPrompt(undefined, io)).toBe('a € b')
})

test('a terminal is not read', async () => {
  expect(await readPrompt('fix it', fakeIo({ isTerminal: true }))).toBe('fix it')
})

test('whoever waits for input that does not come is told so', async () => {
  vi.useFakeTimers()
  try {
    const io = fakeIo()
    const prompt = readPrompt('fix it', io)
    await vi.advanceTimersByTimeAsync(3000)
    expect(io.written.stderr).toBe(
      'Waiting for the end of standard input; where there is none, add: < /dev/null\n',
    )
    io.stdin.end()
    expect(await prompt).toBe('fix it')
  } finally {
    vi.useRealTimers()
  }
})
