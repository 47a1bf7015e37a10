import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { memoryStore, tool } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { Harnext, Session, type HarnextOptions } from '../src/index.ts'
import { answering, clientIn, type Answer } from './client.ts'
import { temporary } from './temporary.ts'

async function client(answer: Answer, options: HarnextOptions = {}) {
  const root = await temporary()
  const folder = path.join(root, 'work')
  await mkdir(folder)
  const place = { cwd: folder, home: path.join(root, 'home') }
  const { agent, home } = await clientIn(answering(answer), { ...place, ...options })
  const file = (name: string) => path.join(folder, name)
  const text = (name: string) => readFileSync(file(name), 'utf8')
  return { agent, home, file, text }
}

test('what a run and its subagents did is undone, redone, and forgotten with the session', async () => {
  const { agent, home, file, text } = await client((said) => {
    if (said === 'go')
      return [
        call('1', 'write', { path: 'new.txt', content: 'n' }),
        call('2', 'task', { agent: 'general', prompt: 'child' }),
        call('3', 'bash', { command: 'echo c > c.txt; rm b.txt' }),
      ]
    if (said === 'child')
      return [call('4', 'edit', { path: 'a.txt', old_string: '1', new_string: '2' })]
    return 'done'
  })
  writeFileSync(file('a.txt'), '1')
  writeFileSync(file('b.txt'), 'b')
  const { sessionId, runId, filesChanged, filesChangedComplete } = await agent.run('go')
  expect(text('a.txt')).toBe('2')
  expect(filesChanged).toEqual(['a.txt', 'b.txt', 'c.txt', 'new.txt'])
  expect(filesChangedComplete).toBe(true)

  const session = await Session.load(sessionId, { home })
  expect(session.undoable()).toMatchObject([{ id: runId, isUndone: false }])
  const { undo, restored, removed } = await session.undo()
  expect(restored).toEqual(['a.txt', 'b.txt'].map(file))
  expect(removed).toEqual(['c.txt', 'new.txt'].map(file))
  expect([text('a.txt'), text('b.txt'), existsSync(file('new.txt'))]).toEqual(['1', 'b', false])
  await session.undo({ run: undo ?? '' })
  expect([text('a.txt'), existsSync(file('b.txt')), text('new.txt')]).toEqual(['2', false, 'n'])
  await session.delete()
  expect(session.undoable()).toEqual([])
})

test('a fork begins with the undo history of what it holds, and is deleted by itself', async () => {
  const { agent, home, file, text } = await client((said) =>
    /^go \d$/.test(said) ? [call(said, 'write', { path: 'a.txt', content: said })] : 'done',
  )
  writeFileSync(file('a.txt'), '0')
  const first = await agent.run('go 1')
  const session = await Session.load(first.sessionId, { home })
  const fork = await session.fork()
  const second = await agent.run('go 2', { session })
  const [own] = fork.undoable()
  expect(fork.undoable()).toHaveLength(1)
  expect(own?.id).toBe(first.runId)
  await expect(fork.undo()).rejects.toMatchObject({ code: 'undo_refused' })
  await session.undo()
  expect(text('a.txt')).toBe('go 1')
  await fork.undo()
  expect(text('a.txt')).toBe('0')
  const later = await (await Session.load(second.sessionId, { home })).fork()
  expect(later.undoable()).toMatchObject([
    { id: first.runId, isUndone: false },
    { id: second.runId, isUndone: true },
    { undoes: second.runId },
  ])
  await later.delete()
  await fork.delete()
  expect(session.undoable()).toHaveLength(3)
})

test('what undo cannot follow is named', async () => {
  const deploy = tool({
    name: 'deploy',
    description: 'd',
    parameters: { type: 'object' },
    execute: () => 'deployed',
  })
  const write = call('1', 'write', { path: 'a', content: '1' })
  const { agent, home, file } = await client(
    (said) => (said === 'go' ? [write, call('2', 'deploy', {})] : 'done'),
    { tools: ['write', deploy] },
  )
  const { sessionId } = await agent.run('go')
  const { notes } = await (await Session.load(sessionId, { home })).undo()
  expect(notes).toEqual(['Tools ran that undo cannot follow: deploy. What they changed stays.'])
  expect(existsSync(file('a'))).toBe(false)
})

test('a command of a run that died is followed', async () => {
  const { agent, home, file } = await client((said) =>
    said === 'go' ? [call('1', 'bash', { command: `awk 'BEGIN { print 1 > "a" }'` })] : 'done',
  )
  const { sessionId } = await agent.run('go', { permissionMode: 'bypass' })
  const [log = ''] = globSync(path.join(home, 'sessions', '*', `${sessionId}.jsonl`))
  const lines = readFileSync(log, 'utf8').split('\n')
  const outcome = lines.findIndex((line) => line.includes('"type":"tool_result"'))
  writeFileSync(log, `${lines.slice(0, outcome).join('\n')}\n`)
  const { notes } = await (await Session.load(sessionId, { home })).undo()
  expect(existsSync(file('a'))).toBe(false)
  expect(notes).toEqual([expect.stringMatching(/^Commands ran/)])
})

test('hooks that are commands are named, also where they are why it is refused', async () => {
  const write = call('1', 'write', { path: 'a', content: '1' })
  const { home } = await client(() => 'done')
  const format = { type: 'command', command: 'if [ -f a ]; then echo formatted >> a; fi' }
  await mkdir(home, { recursive: true })
  writeFileSync(
    path.join(home, 'harnext.config.json'),
    JSON.stringify({ hooks: { PostToolUse: [{ matcher: 'write', hooks: [format] }] } }),
  )
  const hooked = new Harnext({
    provider: scripted([[write], 'done']),
    model: 'm',
    cwd: path.join(home, '..', 'work'),
    home,
    env: {},
  })
  const { sessionId } = await hooked.run('go')
  const session = await Session.load(sessionId, { home })
  await expect(session.undo()).rejects.toThrow(/a was changed since\n.*hooks/)
  const { notes } = await session.undo({ skipEdited: true })
  expect(notes).toEqual(['The run had hooks: what their commands changed stays.'])
})

test('a session that somebody writes is not undone', async () => {
  const { agent, home } = await client(() => [call('1', 'write', { path: 'a', content: '1' })])
  const run = agent.stream('go')
  for await (const event of run) {
    if (event.type !== 'tool_result') continue
    const session = await Session.load(run.sessionId, { home })
    await expect(session.undo()).rejects.toMatchObject({ code: 'session_locked' })
    break
  }
})

test('nothing is kept with undo: false, nor for a store or a workspace of one’s own', async () => {
  for (const options of [{ undo: false }, { store: memoryStore() }]) {
    const { agent, home, file } = await client(
      (said) => (said === 'go' ? [call('1', 'write', { path: 'a', content: '1' })] : 'done'),
      options,
    )
    await agent.run('go')
    expect(existsSync(file('a'))).toBe(true)
    expect(existsSync(path.join(home, 'undo'))).toBe(false)
  }
})

test('where nothing can be kept nothing is changed, and the model is told why', async () => {
  const { agent, home, file } = await client((said) =>
    said === 'go' ? [call('1', 'write', { path: 'a', content: '1' })] : said,
  )
  await mkdir(home)
  writeFileSync(path.join(home, 'undo'), 'in the way')
  const { text } = await agent.run('go')
  expect(text).toMatch(/cannot be kept for undo in .*, so it is not changed: .*ENOTDIR/)
  expect(existsSync(file('a'))).toBe(false)
})
