import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { askUserTool, memoryTool, todo } from '../src/index.ts'
import { call, place } from './helpers.ts'

test('todo: the list as it is now, in the words of other systems too', async () => {
  const { workspace } = await place()
  const items = [
    { text: 'one', status: 'done' },
    { text: 'two', status: 'active' },
    { text: 'three', status: 'pending' },
  ]
  const outcome = await call(todo, { title: 'Plan', items }, workspace)
  expect(outcome).toMatchObject({ isError: false, effects: [] })
  expect(outcome.text).toBe('Plan (1 of 3 done)\n[x] one\n[>] two\n[ ] three')
  const todos = [
    { content: 'one', status: 'completed', activeForm: 'Doing one', id: '1', priority: 'high' },
    { content: 'two', status: 'in_progress', activeForm: 'Doing two' },
    { content: 'three' },
  ]
  expect((await call(todo, { todos }, workspace)).text).toBe(
    'To do (1 of 3 done)\n[x] one\n[>] two\n[ ] three',
  )
  expect((await call(todo, { items: [{ text: 'a', status: 'maybe' }] }, workspace)).code).toBe(
    'invalid',
  )
})

test('ask_user: an answer, none, and nobody', async () => {
  const { workspace } = await place()
  const asked: unknown[] = []
  const answering = (answer: string | null) =>
    askUserTool({
      async ask(question) {
        asked.push(question)
        return answer
      },
    })
  const args = { question: 'Which?', options: ['a', 'b'] }
  expect((await call(answering('b'), args, workspace)).text).toBe('The user answered: b')
  expect((await call(answering(' '), args, workspace)).text).toContain('gave no answer')
  expect(await call(answering(null), { question: 'Which?' }, workspace)).toMatchObject({
    isError: true,
    effects: [],
  })
  expect(asked).toEqual([args, args, { question: 'Which?', options: [] }])
})

describe('memory', () => {
  async function notes() {
    const { home, workspace } = await place()
    const folder = join(home, 'notes')
    const tool = memoryTool({ folder })
    return { folder, home, run: (args: object) => call(tool, args as never, workspace) }
  }

  test('is written, read and changed', async () => {
    const { folder, run } = await notes()
    expect(await run({ command: 'view' })).toMatchObject({
      text: 'There are no notes yet.',
      effects: [],
    })
    const made = await run({ command: 'create', path: '/memories/a/b.md', text: 'one\ntwo\n' })
    expect(made).toMatchObject({
      isError: false,
      effects: [{ kind: 'execute', target: 'memory', detail: 'create' }],
    })
    await run({ command: 'create', path: 'MEMORY.md', text: '- b' })
    expect((await run({ command: 'view' })).text).toBe('MEMORY.md\na/b.md')
    expect((await run({ command: 'view', path: 'a' })).text).toBe('a/b.md')
    await run({ command: 'str_replace', path: 'a/b.md', old_str: 'one', new_str: '1' })
    await run({ command: 'insert', path: 'a/b.md', insert_line: 1, text: 'more' })
    expect((await run({ command: 'view', path: 'a/b.md' })).text).toBe('1\nmore\ntwo\n')
    await run({ command: 'rename', path: 'a/b.md', new_path: 'c.md' })
    expect(await readFile(join(folder, 'c.md'), 'utf8')).toContain('more')
    expect((await stat(join(folder, 'c.md'))).mode & 0o777).toBe(0o600)
    await run({ command: 'delete', path: 'c.md' })
    expect((await run({ command: 'view' })).text).toBe('MEMORY.md')
  })

  test('says what is wrong', async () => {
    const { run } = await notes()
    await run({ command: 'create', path: 'a', text: 'x x' })
    for (const [args, text] of [
      [{ command: 'view', path: 'b' }, 'b does not exist'],
      [{ command: 'str_replace', path: 'a', old_str: 'x', new_str: 'y' }, 'is in a 2 times'],
      [{ command: 'str_replace', path: 'a', old_str: '', new_str: 'y' }, 'is in a 0 times'],
      [{ command: 'create', path: 'b' }, 'create needs text'],
      [{ command: 'delete' }, 'delete needs a path'],
      [{ command: 'delete', path: '/' }, 'not deleted at once'],
      [{ command: 'create', path: 'b', text: 'x'.repeat(100_001) }, 'at most 100000 characters'],
    ] as const) {
      const outcome = await run(args)
      expect(outcome).toMatchObject({ isError: true, text: expect.stringContaining(text) })
    }
    await run({ command: 'create', path: 'b', text: '' })
    expect((await run({ command: 'rename', path: 'a', new_path: 'b' })).text).toContain(
      'there already',
    )
  })

  test('never leaves its folder', async () => {
    const { folder, home, run } = await notes()
    await mkdir(folder)
    await writeFile(join(home, 'secret'), 'secret')
    await symlink(home, join(folder, 'link'))
    for (const path of [
      '../secret',
      '/memories/../../secret',
      'a/../../secret',
      'link/secret',
      'link/new',
      'a\0b',
    ])
      for (const command of ['view', 'create', 'delete'])
        expect((await run({ command, path, text: 'x' })).text).toContain(
          'not in the folder of the notes',
        )
    expect(await readFile(join(home, 'secret'), 'utf8')).toBe('secret')
  })
})
