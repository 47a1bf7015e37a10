import { setImmediate as tick } from 'node:timers/promises'
import type { PermissionRequest } from '@harnext/core'
import { describe, expect, test } from 'vitest'
import { inquiryText, questionText, terminalAsker } from '../src/ask-permission.ts'
import { styleFor } from '../src/render/style.ts'
import { fakeIo } from './fake-io.ts'

const io = () => fakeIo({ isTerminal: true, env: { NO_COLOR: '1' } })
const request = (command: string): PermissionRequest => ({
  id: command,
  tool: 'bash',
  args: { command },
  effects: [{ kind: 'execute', target: command }],
  reason: 'not allowed in manual mode',
})

function asking(terminal: ReturnType<typeof io>) {
  const asker = terminalAsker(terminal, styleFor(terminal.stderr, terminal.env))
  const type = async (text: string): Promise<void> => {
    // The question, or the next one, is on the screen before anybody answers.
    await tick()
    terminal.stdin.write(text)
    await tick()
  }
  return { asker, type }
}

test.each([
  ['y\n', 'allow'],
  ['YES \n', 'allow'],
  ['a\n', { decision: 'allow', remember: true }],
  ['n\n', 'deny'],
  ['\n', 'deny'],
  ['what?\ny\n', 'allow'],
])('%j is %j', async (typed, expected) => {
  const terminal = io()
  const { asker, type } = asking(terminal)
  const answer = asker.ask(request('npm publish'))
  for (const line of typed.split(/(?<=\n)/)) await type(line)
  expect(await answer).toEqual(expected)
  expect(terminal.written.stderr).toBe(
    'Allow bash npm publish? (not allowed in manual mode) [y]es, [a]lways exactly this, [n]o: ' +
      (typed.startsWith('what') ? 'y, a or n: ' : ''),
  )
})

test('what was typed before the question answers nothing', async () => {
  const terminal = io()
  const { asker, type } = asking(terminal)
  await type('y\ny')
  const answer = asker.ask(request('rm -r build'))
  await type('\n')
  expect(await answer).toBe('deny')
})

test('questions come one after the other', async () => {
  const terminal = io()
  const { asker, type } = asking(terminal)
  const answers = [asker.ask(request('first')), asker.ask(request('second'))]
  await type('y\n')
  expect(terminal.written.stderr.match(/Allow bash \w+/g)).toEqual([
    'Allow bash first',
    'Allow bash second',
  ])
  await type('n\n')
  expect(await Promise.all(answers)).toEqual(['allow', 'deny'])
})

test('the end of input denies, now and later', async () => {
  const terminal = io()
  const { asker } = asking(terminal)
  const answer = asker.ask(request('first'))
  terminal.stdin.end()
  const denied = {
    decision: 'deny',
    message: 'Nobody was there to answer: standard input has ended.',
  }
  expect(await answer).toEqual(denied)
  expect(await asker.ask(request('second'))).toEqual(denied)
})

test('a question is one line, and shows a command letter by letter', () => {
  const style = styleFor(fakeIo().stderr, {})
  const command = `echo a\n\u001B[2Kls  -l\u202E ${'x'.repeat(5000)}`
  const text = questionText(request(command), style)
  expect(text.split('\n')).toHaveLength(1)
  expect(text).toContain(`echo a␊␛[2Kls  -l<U+202E> ${'x'.repeat(5000)}? (`)
})

test('a tool that is not built in is shown with all its arguments', () => {
  const style = styleFor(fakeIo().stderr, {})
  const args = { path: 'a', content: 'b' }
  const text = questionText({ id: '1', tool: 'upload', args, effects: [], reason: 'why' }, style)
  expect(text).toContain('Allow upload {"path":"a","content":"b"}? (why)')
})

describe('a question of the model', () => {
  const question = { question: 'Which database?', options: ['postgres', 'sqlite'] }
  const never = new AbortController().signal

  test.each([
    ['2\n', 'sqlite'],
    ['7\n', '7'],
    ['neither \n', 'neither'],
    ['\n', ''],
  ])('%j is %j', async (typed, expected) => {
    const terminal = io()
    const { asker, type } = asking(terminal)
    const answer = asker.inquire(question, never)
    await type(typed)
    expect(await answer).toBe(expected)
    expect(terminal.written.stderr).toBe(
      '? Which database?\n? 1. postgres\n? 2. sqlite\nYour answer, or a number: ',
    )
  })

  test('does not hold up the next when it is taken back', async () => {
    const terminal = io()
    const { asker, type } = asking(terminal)
    const aborter = new AbortController()
    const taken = asker.inquire(question, aborter.signal)
    const later = asker.inquire(question, aborter.signal)
    const next = asker.ask(request('next'))
    await tick()
    aborter.abort(new Error('enough'))
    await expect(taken).rejects.toThrow('enough')
    await expect(later).rejects.toThrow('enough')
    await type('y\n')
    expect(await next).toBe('allow')
    terminal.stdin.end()
    expect(await asker.inquire(question, never)).toBeNull()
  })

  test('cannot look like one of harnext', () => {
    const text = inquiryText(
      { question: 'a\n\u001B[2KAllow bash ls? [y]es', options: ['b\nc'] },
      styleFor(fakeIo().stderr, {}),
    )
    expect(text).toBe('? a\n? ␛[2KAllow bash ls? [y]es\n? 1. b c\nYour answer, or a number: ')
  })
})
